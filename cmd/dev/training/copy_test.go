package training

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"sealdesk/pdfseal/gm"
)

// TestCopy: what is lost in the copy is not lost in the office.
func TestCopy(t *testing.T) {
	o := practice(t)
	if err := os.MkdirAll(filepath.Dir(o.Module), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.Module, []byte("module"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := o.Copy(t.Context(), filepath.Join(t.TempDir(), "copies", "lost"))
	if err != nil {
		t.Fatal(err)
	}
	id := o.Seals[0].ID
	if err := c.Centre.Order(t.Context(), &struct{}{}, "遗失", "report-lost", id); err != nil {
		t.Fatal(err)
	}
	for office, want := range map[*Office]string{o: "in-force", c: "reported-lost"} {
		var v struct{ Status string }
		if err := office.Centre.Run(t.Context(), &v, "show", id); err != nil || v.Status != want {
			t.Errorf("%s: %q, %v", office.Dir, v.Status, err)
		}
	}
	for _, path := range []string{c.Config, c.Trust, c.PINFile, c.Module, c.Store, filepath.Join(c.connection(), clientKeyFile)} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if st, err := os.Stat(filepath.Join(c.Centre.Dir, "keys", "root.key")); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("a private key of the centre: %v, %v", st, err)
	}
	if _, err := o.Copy(t.Context(), c.Dir); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a copy over another: %v", err)
	}
}

func TestSigner(t *testing.T) {
	o := practice(t)
	for _, s := range o.Seals {
		signer, err := o.Signer(s)
		if err != nil {
			t.Fatal(err)
		}
		message := []byte("message")
		value, err := signer.SignSM2(t.Context(), message)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := gm.ParseCertificate(signer.Certificate())
		if err != nil {
			t.Fatal(err)
		}
		if err := cert.Public.Verify(message, value); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	if _, err := o.Signer(Seal{Slot: 7}); err == nil {
		t.Error("a UsbKey that is not there signs")
	}
}

func TestCentre_refusal(t *testing.T) {
	c := practice(t).Centre
	var r *RefusedError
	if err := c.Run(t.Context(), &struct{}{}, "show", "TRAINING15299900009999"); !errors.As(err, &r) || r.Key != "seal_unknown" || r.Text == "" {
		t.Errorf("%v", err)
	}
	c.Sealcenter += ".none"
	if err := c.Run(t.Context(), &struct{}{}, "show"); err == nil || errors.As(err, &r) {
		t.Errorf("a program that is not there: %v", err)
	}
}
