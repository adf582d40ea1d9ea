//go:build cgo

package pkcs11_test

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sealdesk/cmd/softkey/store"
	"sealdesk/token"
	"sealdesk/token/pkcs11"
)

func TestOpen_reasons(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	softkey := store.BuildForTest(t)
	library, err := os.ReadFile(softkey)
	if err != nil {
		t.Fatal(err)
	}
	word32 := append([]byte("\x7fELF\x01\x01\x01\x00"), make([]byte, 44)...) // an ELF32 header and nothing else
	binary.LittleEndian.PutUint16(word32[16:], 3)
	binary.LittleEndian.PutUint16(word32[18:], 3)
	binary.LittleEndian.PutUint32(word32[20:], 1)
	binary.LittleEndian.PutUint16(word32[40:], 52)
	foreign := append([]byte(nil), library...)
	binary.LittleEndian.PutUint16(foreign[18:], 0x1234) // no known processor
	hidden := strings.ReplaceAll(string(library), "C_GetFunctionList", "C_GetFunctionLost")
	truncated := library[:len(library)/2]
	for name, c := range map[string]struct{ path, reason string }{
		"none":            {"", token.ReasonNone},
		"relative":        {"softkey.so", token.ReasonPath},
		"missing":         {filepath.Join(dir, "nothing.so"), token.ReasonMissing},
		"directory":       {dir, token.ReasonNotFile},
		"text":            {write("text.so", []byte("no library")), token.ReasonNotLibrary},
		"empty":           {write("empty.so", nil), token.ReasonNotLibrary},
		"32 bits":         {write("word32.so", word32), token.ReasonWrongClass},
		"other processor": {write("foreign.so", foreign), token.ReasonWrongClass},
		"no entry point":  {write("hidden.so", []byte(hidden)), token.ReasonNoEntry},
		"truncated":       {write("truncated.so", truncated), ""},
		"no store":        {softkey, token.ReasonInitialise},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SOFTKEY_DIR", "")
			p, err := pkcs11.Open(pkcs11.Options{Module: c.path, Crypto: crypto{}})
			var m *token.ModuleError
			if p != nil || !errors.As(err, &m) || c.reason != "" && m.Reason != c.reason || m.Path != c.path {
				t.Errorf("got %v, want %q", err, c.reason)
			}
			if token.WhatToDo(err) != token.RemedyDriver {
				t.Errorf("the user may do %q", token.WhatToDo(err))
			}
		})
	}
	if _, err := pkcs11.Open(pkcs11.Options{Module: softkey}); err == nil {
		t.Error("opened without Crypto")
	}
}

func TestOpen_twice(t *testing.T) {
	d := newDesk(t, store.TokenSpec{}, pkcs11.Options{})
	s := d.signer()
	other := d.open()
	list, err := other.Tokens(t.Context())
	d.must(err)
	if len(list) != 1 {
		t.Fatalf("got %+v", list)
	}
	d.must(other.Close())
	d.good(s) // the library is still initialised, the session still open
	for range 20 {
		p, err := pkcs11.Open(pkcs11.Options{Module: d.module, Crypto: crypto{}})
		d.must(err)
		d.must(p.Close())
	}
	d.good(s)
	d.must(d.p.Close())
	fresh := d.open()
	d.k = d.only(fresh)
	d.good(d.signer())
}

func TestOpen_symlink(t *testing.T) {
	d := newDesk(t, store.TokenSpec{}, pkcs11.Options{})
	link := filepath.Join(t.TempDir(), "libvendor.so")
	d.must(os.Symlink(d.module, link))
	p := d.openWith(pkcs11.Options{Module: link})
	list, err := p.Tokens(t.Context())
	d.must(err)
	if len(list) != 1 {
		t.Fatalf("got %+v", list)
	}
	d.good(d.signer())
}

func TestObjects(t *testing.T) {
	for _, profile := range []string{"sansec", "gbk"} {
		t.Run(profile, func(t *testing.T) {
			o := newOffice(t)
			s := o.token(0, store.TokenSpec{Label: "示范旗", Profile: profile})
			add := func(label string, size int, private bool) {
				o.must(s.AddData(label, "电子印章应用", make([]byte, size), private))
			}
			add("公章", 100, false)
			add("财务专用章", 200, true)
			add("刚好", token.MaxObject, false)
			add("太大", token.MaxObject+1, false)
			add("特大", 1<<20, false)
			add("空", 0, false)
			k := o.only(o.open())
			info, err := k.Info(t.Context())
			o.must(err)
			if info.Label != "TRAINING KEY 示范旗" || info.Serial == "" {
				t.Errorf("got %+v", info)
			}
			if got, want := names(o, k), "公章 100, 刚好 262144, 空 0"; got != want {
				t.Errorf("before log-in: %s, want %s", got, want)
			}
			o.must(k.Login(t.Context(), pin(goodPIN)))
			if got, want := names(o, k), "公章 100, 财务专用章 200, 刚好 262144, 空 0"; got != want {
				t.Errorf("after log-in: %s, want %s", got, want)
			}
			if !strings.Contains(o.log.String(), "特大") {
				t.Errorf("the log does not name what was left out:\n%s", o.log.String())
			}
		})
	}
}

func names(o *office, k token.Token) string {
	o.Helper()
	list, err := k.Objects(o.Context())
	o.must(err)
	var out []string
	for _, d := range list {
		if d.Application != "电子印章应用" {
			o.Errorf("application %q", d.Application)
		}
		out = append(out, fmt.Sprintf("%s %d", d.Label, len(d.Value)))
	}
	return strings.Join(out, ", ")
}

func TestReading_faults(t *testing.T) {
	for fault, want := range map[string]error{
		"find:general-error": nil, "find:device-error": nil, "read:function-failed": nil, "read:device-removed": token.ErrRemoved,
		"find:remove-during": token.ErrRemoved, "find:session-handle-invalid": token.ErrRemoved, "info:remove-during": token.ErrRemoved,
		"info:device-error": nil,
	} {
		t.Run(fault, func(t *testing.T) {
			d := newDesk(t, store.TokenSpec{}, pkcs11.Options{})
			d.must(d.slot.AddData("seal", "app", []byte("x"), false))
			d.must(d.slot.Fault(fault, ""))
			_, err := d.k.Objects(t.Context())
			if strings.HasPrefix(fault, "info:") {
				_, err = d.k.Info(t.Context())
			}
			if err == nil || want != nil && !errors.Is(err, want) || want == nil && errors.Is(err, token.ErrRemoved) {
				t.Errorf("got %v, want %v", err, want)
			}
			if want != nil {
				return
			}
			_, err = d.k.Objects(t.Context()) // the search was closed: the next one works
			d.must(err)
		})
	}
}

func TestTokens_faults(t *testing.T) {
	d := newDesk(t, store.TokenSpec{}, pkcs11.Options{})
	d.must(d.slot.Fault("info:device-error", ""))
	if _, err := d.p.Tokens(t.Context()); err == nil {
		t.Error("no error although the only key cannot be read")
	}
	second := d.token(1, store.TokenSpec{})
	d.must(d.slot.Fault("open:device-error", "x2"))
	d.must(d.slot.Remove())
	d.must(d.slot.Insert())
	list, err := d.p.Tokens(t.Context())
	d.must(err)
	if len(list) != 1 || !strings.Contains(second.Dir(), "slot1") {
		t.Errorf("a broken key hides the other: %+v", list)
	}
	_, err = d.p.Tokens(t.Context())
	d.must(err)
	if list, err = d.p.Tokens(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("not seen again: %+v, %v", list, err)
	}
}

func TestWatch(t *testing.T) {
	d := newDesk(t, store.TokenSpec{Serial: "A"}, pkcs11.Options{})
	second := d.token(1, store.TokenSpec{Serial: "B"})
	ctx, cancel := context.WithCancel(token.Waiting(t.Context()))
	events, err := d.p.Watch(ctx)
	d.must(err)
	expect := func(kind token.EventKind, serial string) {
		t.Helper()
		select {
		case e := <-events:
			if e.Kind != kind || e.Info.Serial != serial || (e.Err != nil) != (kind == token.Failed) {
				t.Fatalf("got %+v, want %s %s", e, kind, serial)
			}
		case <-time.After(2 * time.Minute):
			t.Fatalf("no event, want %s %s", kind, serial)
		}
	}
	expect(token.Inserted, "A")
	expect(token.Inserted, "B")
	d.must(d.slot.SetTries(2))
	expect(token.Changed, "A")
	d.must(d.slot.Insert()) // pulled and put back between two looks
	expect(token.Removed, "A")
	expect(token.Inserted, "A")
	d.must(d.slot.Fault("slots:general-error", ""))
	expect(token.Failed, "")
	d.must(second.Remove())
	expect(token.Removed, "B")
	cancel()
	for range events {
	}
	again, err := d.p.Watch(t.Context())
	d.must(err)
	d.must(d.p.Close())
	for range again {
	}
	if _, err := d.p.Watch(t.Context()); !errors.Is(err, token.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestDoctor(t *testing.T) {
	for _, profile := range store.Profiles() {
		t.Run(profile, func(t *testing.T) {
			d := newDesk(t, store.TokenSpec{Profile: profile}, pkcs11.Options{})
			d.must(d.slot.AddData("seal", "app", []byte{1, 2, 3}, false))
			info, err := d.k.Info(t.Context())
			d.must(err)
			diagnosis, err := d.p.Doctor(t.Context(), info.ID)
			d.must(err)
			text, err := json.Marshal(diagnosis)
			d.must(err)
			secret := d.key.D()
			if s := strings.ToLower(string(text)); strings.Contains(s, hex.EncodeToString(secret[:])) || strings.Contains(s, goodPIN) {
				t.Error("the diagnosis holds a secret")
			}
			if diagnosis.Token != info || len(diagnosis.Objects) < 10 || len(diagnosis.PublicMatch) != 1 || len(diagnosis.Flags) < 3 ||
				diagnosis.Library.Cryptoki == "" || diagnosis.Module != d.module {
				t.Errorf("got %s", text)
			}
			able := diagnosis.MayMakeSM2 && len(diagnosis.Ways) > 0 && diagnosis.Profile != ""
			switch profile {
			case "ec-sm2", "ec-sm2-vendor", "mk1", "custom": // only a configuration makes these sign
				if able || !strings.Contains(strings.Join(diagnosis.Problems, " "), "no profile") {
					t.Errorf("got %s", text)
				}
			default:
				if !able {
					t.Errorf("got %s", text)
				}
			}
			if match := diagnosis.PublicMatch[0]; !strings.Contains(match, "agrees") && !strings.Contains(match, "shows no") {
				t.Errorf("public key: %s", match)
			}
		})
	}
	d := newDesk(t, store.TokenSpec{}, pkcs11.Options{})
	if _, err := d.p.Doctor(t.Context(), "nothing"); !errors.Is(err, token.ErrNoToken) {
		t.Errorf("got %v", err)
	}
	info, err := d.k.Info(t.Context())
	d.must(err)
	d.must(d.slot.Fault("find:general-error", ""))
	if diagnosis, err := d.p.Doctor(t.Context(), info.ID); err != nil || len(diagnosis.Problems) == 0 {
		t.Errorf("one refusal: %v, %v", diagnosis.Problems, err)
	}
	d.must(d.slot.Fault("find:remove-during", ""))
	if _, err := d.p.Doctor(t.Context(), info.ID); !errors.Is(err, token.ErrRemoved) {
		t.Errorf("pulled: %v", err)
	}
}
