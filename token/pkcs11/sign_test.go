//go:build cgo

package pkcs11_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/cmd/softkey/store"
	"sealdesk/pdfseal/gm"
	"sealdesk/token"
	"sealdesk/token/pkcs11"
)

// The signature of a real Sansec HSM by mechanism 0x80008100 (usbkey.md, §8.3): valid without Z, so it must be refused.
func TestSansecVector(t *testing.T) {
	const message = "hello chainmaker"
	point := unhex(t, "04fb0d63136159d1ddbb5154291a1839d166ecefdadcc7d324069d971b562cf08c"+
		"ca80a82c0ec41e03acc2c4e60c83a4b86640850a6b7df3a705d4a1681830210b")
	answer := unhex(t, "02f59073676d87391323c58033607b1460867143bc7b2646b7b112aa3dfb54c4"+
		"8d47545718b18167f7c09fe283030040de7feb6b5bcfda06011757973c81a8d3")
	public, err := gm.ParsePoint(point)
	if err != nil {
		t.Fatal(err)
	}
	readings := token.ReadSignature(answer)
	if len(readings) != 1 || !(crypto{}).VerifySM2(point, gm.SM3([]byte(message)), readings[0]) {
		t.Fatal("the vector does not verify without Z")
	}
	cert := certify(t, "hsm", forSigning, public, holderOf(t, "issuer", gm.KeyUsageKeyCertSign).key)
	job, err := token.NewSM2Job(crypto{}, cert, []byte(message))
	if err != nil {
		t.Fatal(err)
	}
	if der, err := job.Accept(answer); !errors.Is(err, token.ErrBadSignature) || der != nil {
		t.Errorf("a signature without Z was accepted: %v", err)
	}
	if want := gm.SM3(job.Z[:], []byte(message)); job.E != want || gm.SM3(job.ZM()) != want {
		t.Error("e is not SM3(Z‖M)")
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var runs int

// Each profile of the softkey, the profile of ours that serves it, and the way that gives the signature.
func TestSign_profileAndWay(t *testing.T) {
	for name, want := range map[string]struct{ profile, way string }{
		"sansec":                  {"koal-like", "0x80008105 digest"},
		"tass":                    {"koal-like", "0x80008000 digest"},
		"koal":                    {"koal-like", "0x80008104 digest"},
		"yw":                      {"koal-like", "0x80008100 message"},
		"westone":                 {"westone", "0x80000004 digest"},
		"luna":                    {"luna", "0x80000B21 digest"},
		"ibm-ep11":                {"ibm-ep11", "0x8005000B digest"},
		"mk1":                     {"mk1", "0x00010002 digest"},
		"ec-sm2-vendor":           {"ec-sm2", "0x80001041 digest"},
		"custom":                  {"custom", "0xFFFFF003 message"},
		"sansec-noz":              {"koal-like", "0x80008100 Z and message"},
		"sansec-msgz":             {"koal-like", "0x80008102 message"},
		"sansec-der-negative":     {"koal-like", "0x80008104 digest"},
		"consume-on-length-query": {"koal-like", "0x80008105 digest"},
		"empty-mechanism-list":    {"koal-like", "0x80008105 digest"},
	} {
		t.Run(name, func(t *testing.T) {
			var profiles []pkcs11.Profile
			if p, ok := configured[name]; ok {
				profiles = append(profiles, p)
			}
			runs++ // what one run learns about a model must not help the next
			d := newDesk(t, store.TokenSpec{Profile: name, Model: fmt.Sprintf("%.10s %d", name, runs)}, pkcs11.Options{Profiles: profiles})
			info, err := d.k.Info(t.Context())
			d.must(err)
			if info.Profile != want.profile || !info.Training {
				t.Errorf("got %+v", info)
			}
			s := d.signer()
			d.good(s)
			if strings.Contains(d.log.String(), want.way) {
				t.Errorf("the way is among the failed ones:\n%s", d.log.String())
			}
			failed := d.log.Len()
			d.good(s)
			if d.log.Len() != failed {
				t.Errorf("the way that worked was not tried first:\n%s", d.log.String())
			}
			d.must(d.slot.Fault("zero", "")) // shows in the log which way comes first now
			_, _ = s.SignSM2(t.Context(), []byte("m"))
			if !strings.Contains(d.log.String(), want.way) {
				t.Errorf("another way came first:\n%s", d.log.String())
			}
		})
	}
}

func TestSign_configurationBeatsTheTable(t *testing.T) {
	d := newDesk(t, store.TokenSpec{Model: "beaten"}, pkcs11.Options{Profiles: []pkcs11.Profile{
		{Name: "other model", Model: []string{"no such"}, Sign: []pkcs11.SM2Sign{{Mech: 1}}},
		{Name: "ours", Model: []string{"BEAT"}, Sign: []pkcs11.SM2Sign{{Mech: 0x80008103, In: pkcs11.InMsgZ, Out: pkcs11.OutDER}}},
	}})
	info, err := d.k.Info(t.Context())
	d.must(err)
	if info.Profile != "ours" {
		t.Errorf("profile %q", info.Profile)
	}
	d.good(d.signer())
}

// The no-Z trap: a mechanism that hashes without Z is given the bare message, as if it added Z. Nothing of it may come out.
func TestSign_noZTrap(t *testing.T) {
	d := newDesk(t, store.TokenSpec{Profile: "sansec-noz"}, pkcs11.Options{Profiles: []pkcs11.Profile{
		{Name: "misled", Sign: []pkcs11.SM2Sign{{Mech: 0x80008100, In: pkcs11.InMsgZ}}}}})
	der, err := d.signer().SignSM2(t.Context(), []byte("hello chainmaker"))
	if !errors.Is(err, token.ErrBadSignature) || der != nil {
		t.Errorf("got %x, %v", der, err)
	}
	for _, part := range []string{"misled", "0x80008100", "does not verify"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not name %q", err, part)
		}
	}
}

// CKM_ECDSA on an SM2 key, as SoftHSM2 offers it: not even a configuration gets an ECDSA signature through.
func TestSign_neverECDSA(t *testing.T) {
	o := newDesk(t, store.TokenSpec{Profile: "ec-sm2"}, pkcs11.Options{})
	if err := o.k.CheckSM2(t.Context(), o.cert); !errors.Is(err, token.ErrNoSM2) {
		t.Errorf("got %v", err)
	}
	d := newDesk(t, store.TokenSpec{Profile: "ec-sm2"}, pkcs11.Options{Profiles: []pkcs11.Profile{
		{Name: "ec-sm2", Sign: []pkcs11.SM2Sign{{Mech: 0x1041, In: pkcs11.InDigest}}}}})
	if der, err := d.signer().SignSM2(t.Context(), []byte("m")); !errors.Is(err, token.ErrBadSignature) || der != nil {
		t.Errorf("got %x, %v", der, err)
	}
}

func TestSign_allAnswersBad(t *testing.T) {
	for _, fault := range []struct{ name, arg string }{
		{"wrong-signature", "x*"}, {"other-key", "x*"}, {"zero", "x*"}, {"wrong-length", "63 x*"}, {"wrong-length", "0 x*"},
		{"wrong-length", "65 x*"}, {"wrong-length", "1 x*"},
	} {
		t.Run(fault.name+" "+fault.arg, func(t *testing.T) {
			d := newDesk(t, store.TokenSpec{}, pkcs11.Options{})
			s := d.signer()
			d.must(d.slot.Fault(fault.name, fault.arg))
			if der, err := s.SignSM2(t.Context(), []byte("m")); !errors.Is(err, token.ErrBadSignature) || der != nil {
				t.Errorf("got %x, %v", der, err)
			}
			d.must(d.slot.ClearFaults())
			d.good(s)
		})
	}
}

func TestSign_certificateOfAnotherKey(t *testing.T) {
	o := newOffice(t)
	s := o.token(0, store.TokenSpec{})
	mine, other := holderOf(t, "sign", forSigning), holderOf(t, "other", forSigning)
	o.must(s.AddKey([]byte("s"), mine.key.D(), "key"))
	o.must(s.AddCertificate([]byte("s"), other.cert, "certificate"))
	p := o.open()
	k := o.only(p)
	o.must(k.Login(t.Context(), pin(goodPIN)))
	signer, err := k.Signer(t.Context(), other.cert)
	o.must(err)
	if der, err := signer.SignSM2(t.Context(), []byte("m")); !errors.Is(err, token.ErrBadSignature) || der != nil {
		t.Errorf("got %x, %v", der, err)
	}
	info, err := k.Info(t.Context())
	o.must(err)
	d, err := p.Doctor(t.Context(), info.ID)
	o.must(err)
	if !strings.Contains(strings.Join(d.PublicMatch, "\n"), "differs") {
		t.Errorf("the diagnosis does not see it: %v", d.PublicMatch)
	}
}

func TestKeys_pairing(t *testing.T) {
	mine, other := holderOf(t, "sign", forSigning), holderOf(t, "other", forSigning)
	t.Run("two private keys under one identifier are refused", func(t *testing.T) {
		o := newOffice(t)
		s := o.token(0, store.TokenSpec{})
		o.add(s, "s", mine)
		o.must(s.AddKey([]byte("s"), other.key.D(), "twin"))
		k := o.only(o.open())
		o.must(k.Login(t.Context(), pin(goodPIN)))
		if _, err := k.Signer(t.Context(), mine.cert); !errors.Is(err, token.ErrAmbiguousKey) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("one certificate under two identifiers is refused", func(t *testing.T) {
		o := newOffice(t)
		s := o.token(0, store.TokenSpec{})
		o.add(s, "s", mine)
		o.must(s.AddCertificate([]byte("t"), mine.cert, "again"))
		if err := o.only(o.open()).CheckSM2(t.Context(), mine.cert); !errors.Is(err, token.ErrAmbiguousKey) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a certificate without a private key", func(t *testing.T) {
		o := newOffice(t)
		s := o.token(0, store.TokenSpec{})
		o.add(s, "s", mine)
		o.must(s.AddCertificate([]byte("t"), other.cert, "alone"))
		o.must(s.AddCertificate(nil, holderOf(t, "third", forSigning).cert, "without identifier"))
		o.must(s.AddCertificate([]byte("u"), []byte("no certificate"), "damaged"))
		k := o.only(o.open())
		o.must(k.Login(t.Context(), pin(goodPIN)))
		for _, cert := range [][]byte{other.cert, holderOf(t, "third", forSigning).cert} {
			if _, err := k.Signer(t.Context(), cert); !errors.Is(err, token.ErrNoKey) {
				t.Errorf("got %v", err)
			}
		}
		list, err := k.Certificates(t.Context())
		o.must(err)
		if len(list) != 4 || !list[0].HasPrivateKey || list[1].HasPrivateKey || list[2].HasPrivateKey || len(list[3].Defects) == 0 {
			t.Errorf("got %+v", list)
		}
	})
}

func TestTwoKeysAtOnce(t *testing.T) {
	o := newOffice(t)
	people := []holder{holderOf(t, "sign", forSigning), holderOf(t, "other", forSigning)}
	for i, h := range people {
		o.add(o.token(i, store.TokenSpec{Serial: "SAME"}), "s", h)
	}
	p := o.open()
	list, err := p.Tokens(t.Context())
	o.must(err)
	if len(list) != 2 || list[0].ID == list[1].ID {
		t.Fatalf("got %+v", list)
	}
	var wg sync.WaitGroup
	for i, h := range people {
		k, err := p.Open(t.Context(), list[i].ID)
		o.must(err)
		if err := k.CheckSM2(t.Context(), people[1-i].cert); !errors.Is(err, token.ErrNoKey) {
			t.Errorf("the certificate of the other key: %v", err)
		}
		o.must(k.Login(t.Context(), pin(goodPIN)))
		s, err := k.Signer(t.Context(), h.cert)
		o.must(err)
		wg.Go(func() {
			for range 10 {
				der, err := s.SignSM2(t.Context(), []byte("m"))
				if err == nil {
					err = h.key.Public().Verify([]byte("m"), der)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestDeadline(t *testing.T) {
	d := newDesk(t, store.TokenSpec{}, pkcs11.Options{Deadline: time.Second})
	s := d.signer()
	d.must(d.slot.Fault("sleep", "8000"))
	start := time.Now()
	if _, err := s.SignSM2(t.Context(), []byte("m")); !errors.Is(err, token.ErrTimeout) {
		t.Fatalf("got %v", err)
	}
	if _, err := d.k.Info(t.Context()); !errors.Is(err, token.ErrTimeout) {
		t.Errorf("while the key hangs: %v", err)
	}
	if waited := time.Since(start); waited > 7900*time.Millisecond {
		t.Errorf("waited %v", waited)
	}
	time.Sleep(time.Until(start.Add(8500 * time.Millisecond)))
	d.good(s)
}

func TestCancel_whileTheKeySigns(t *testing.T) {
	d := newDesk(t, store.TokenSpec{}, pkcs11.Options{})
	s := d.signer()
	d.must(d.slot.Fault("sleep", "6000"))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := s.SignSM2(ctx, []byte("m")); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	if waited := time.Since(start); waited > 5900*time.Millisecond {
		t.Errorf("waited %v", waited)
	}
	d.good(s) // waits in the queue, which is no time-out
}

func TestRemoval_afterTheSignature(t *testing.T) {
	d := newDesk(t, store.TokenSpec{}, pkcs11.Options{})
	s := d.signer()
	d.must(d.slot.Fault("remove-after", ""))
	d.good(s)
	if _, err := s.SignSM2(t.Context(), []byte("m")); !errors.Is(err, token.ErrRemoved) {
		t.Errorf("got %v", err)
	}
}

// Keys that come and go while they are used end in a good signature or in a clear error, in any order of events.
func TestRemoval_atAnyMoment(t *testing.T) {
	d := newDesk(t, store.TokenSpec{}, pkcs11.Options{})
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(i%10) * 20 * time.Millisecond):
			}
			d.must(d.slot.Remove())
			time.Sleep(3 * time.Millisecond)
			d.must(d.slot.Insert())
		}
	})
	signed := 0
	for start := time.Now(); time.Since(start) < 2*time.Second || signed == 0 && time.Since(start) < time.Minute; {
		err := func() error {
			list, err := d.p.Tokens(t.Context())
			if err != nil || len(list) == 0 {
				return err
			}
			k, err := d.p.Open(t.Context(), list[0].ID)
			if err != nil {
				return err
			}
			defer k.Close()
			if err := k.Login(t.Context(), pin(goodPIN)); err != nil {
				return err
			}
			s, err := k.Signer(t.Context(), d.cert)
			if err != nil {
				return err
			}
			for {
				der, err := s.SignSM2(t.Context(), []byte("m"))
				if err != nil {
					return err
				}
				if err := d.key.Public().Verify([]byte("m"), der); err != nil {
					t.Error(err)
				}
				signed++
			}
		}()
		if err != nil && !errors.Is(err, token.ErrRemoved) && !errors.Is(err, token.ErrNoToken) {
			t.Errorf("got %v", err)
		}
	}
	close(stop)
	wg.Wait()
	d.must(d.slot.Insert())
	if d.k = d.only(d.p); signed == 0 {
		t.Error("no signature at all")
	}
	d.good(d.signer())
}
