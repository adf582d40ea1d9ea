package job

import (
	"bytes"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

func (o *office) store(t *testing.T, s sealtest.TrustSpec) *trust.Store {
	t.Helper()
	f, err := o.pki.Trust(o.now.Add(-time.Hour), s)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, f)
}

func parse(t *testing.T, f trust.File) *trust.Store {
	t.Helper()
	raw, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	store, err := trust.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func revoked(cert []byte, at time.Time) map[string]gm.Revocation {
	return map[string]gm.Revocation{sealtest.SerialHex(cert): {Time: at}}
}

func TestCheckSeal(t *testing.T) {
	o := newOffice(t)
	stranger, err := sealtest.NewPKI(o.now)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := stranger.Trust(o.now, sealtest.TrustSpec{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := o.pki.NewHolder("示范旗财政局", "保管人", o.now.AddDate(0, -1, 0), o.now.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	short, err := o.pki.NewHolder("示范旗人民政府", "保管人", o.now.AddDate(0, -2, 0), o.now.AddDate(0, -1, 0))
	if err != nil {
		t.Fatal(err)
	}
	cert, id := o.key.holder.SignCert, "11111111111111111111111111111111"
	status := func(s trust.Status) *trust.Store {
		return o.store(t, sealtest.TrustSpec{Seals: []trust.SealStatus{{ID: id, Status: s, Since: o.now.AddDate(0, 0, -1)}}})
	}
	cases := map[string]struct {
		seal  []byte
		cert  []byte
		store *trust.Store
		now   time.Time
		key   string
	}{
		"good":                 {o.seal, cert, o.trust, o.now, ""},
		"in force":             {o.seal, cert, status(trust.StatusInForce), o.now, ""},
		"one byte of the name": {bytes.Replace(o.seal, []byte("示范旗"), []byte("模范旗"), 1), cert, o.trust, o.now, "job.seal_value"},
		"seal ended":           {o.seal, cert, o.trust, o.now.AddDate(2, 0, 0), "job.seal_period"},
		"seal not begun":       {o.seal, cert, o.trust, o.now.AddDate(0, -3, 0), "job.seal_period"},
		"other certificate":    {o.seal, other.SignCert, o.trust, o.now, "job.not_listed"},
		"encryption":           {o.newSeal(t, id, "x", &sealtest.Holder{SignCert: o.key.holder.EncCert}), o.key.holder.EncCert, o.trust, o.now, "job.signer_usage"},
		"certificate ended":    {o.newSeal(t, id, "x", short), short.SignCert, o.trust, o.now, "job.signer_period"},
		"no trust file":        {o.seal, cert, nil, o.now, "job.no_trust"},
		"foreign trust file":   {o.seal, cert, parse(t, foreign), o.now, "job.maker_chain"},
		"signer revoked":       {o.seal, cert, o.store(t, sealtest.TrustSpec{Revoked: revoked(cert, o.now.Add(-time.Minute))}), o.now, "job.signer_revoked"},
		"maker revoked":        {o.seal, cert, o.store(t, sealtest.TrustSpec{Makers: revoked(o.pki.MakerCert, o.now.Add(-time.Minute))}), o.now, "job.maker_revoked"},
		"no revocation list":   {o.seal, cert, o.store(t, sealtest.TrustSpec{NoCRLs: true}), o.now, "job.revocation_unknown"},
		"suspended":            {o.seal, cert, status(trust.StatusSuspended), o.now, "job.seal_status"},
		"lost":                 {o.seal, cert, status(trust.StatusReportedLost), o.now, "job.seal_status"},
		"not in the list":      {o.newSeal(t, "3", "x", o.key.holder), cert, status(trust.StatusInForce), o.now, "job.seal_unlisted"},
		"trust file ended": {o.seal, cert, func() *trust.Store {
			f, err := o.pki.Trust(o.now.AddDate(0, -1, 0), sealtest.TrustSpec{})
			if err != nil {
				t.Fatal(err)
			}
			f.Expires = o.now.Add(-time.Hour)
			return parse(t, f)
		}(), o.now, "job.trust_expired"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			seal, err := ses.ParseSeal(c.seal)
			if err != nil {
				t.Fatal(err)
			}
			err = CheckSeal(seal, c.cert, c.store, Policy{}, c.now)
			if c.key == "" && err != nil || c.key != "" && !isSituation(err, c.key) {
				t.Errorf("got %v, want %q", err, c.key)
			}
		})
	}
	seal, err := ses.ParseSeal(o.seal)
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckSeal(seal, cert, nil, Policy{WithoutTrust: true}, o.now); err != nil {
		t.Errorf("policy without trust file: %v", err)
	}
}

func TestFindSeals_byContent(t *testing.T) {
	o := newOffice(t)
	other, err := o.pki.NewHolder("示范旗财政局", "保管人", o.now, o.now.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	o.key.objects = append(o.key.objects, o.key.objects[1]) // the same seal under another name
	o.key.objects = append(o.key.objects, o.key.objects[1])
	o.key.objects[0].Value = o.newSeal(t, "2", "别人的印章", other)
	found, err := FindSeals(t.Context(), o.key)
	if err != nil || len(found) != 1 || found[0].Seal.Name != "示范旗人民政府" || !bytes.Equal(found[0].Certificate.DER, o.key.holder.SignCert) {
		t.Errorf("found %d seals, error %v", len(found), err)
	}
	inv, err := search(t.Context(), o.key, &Patterns{Label: []string{"SES*"}}, nil)
	if err != nil || len(inv.seals) != 0 {
		t.Errorf("pattern did not narrow: %+v, %v", inv, err)
	}
}

func TestCrypto(t *testing.T) {
	o := newOffice(t)
	info, err := Crypto{}.Certificate(o.key.holder.SignCert)
	if err != nil || !info.SM2 || !info.Signing || len(info.PublicPoint) != 65 {
		t.Fatalf("%+v, %v", info, err)
	}
	m := []byte("message")
	sig, err := o.key.holder.Signer().SignSM2(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	z, err := Crypto{}.Z(info.PublicPoint)
	if err != nil {
		t.Fatal(err)
	}
	if !(Crypto{}).VerifySM2(info.PublicPoint, Crypto{}.SM3(z[:], m), sig) {
		t.Error("a good signature was refused")
	}
	if (Crypto{}).VerifySM2(info.PublicPoint, Crypto{}.SM3(m), sig) || (Crypto{}).VerifySM2(info.PublicPoint[:64], Crypto{}.SM3(z[:], m), sig) {
		t.Error("a signature was accepted without Z, or with half a point")
	}
	if _, err := (Crypto{}).Z([]byte{4}); err == nil {
		t.Error("Z of no point")
	}
}
