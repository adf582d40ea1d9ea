package training

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sealdesk/cmd/softkey/store"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
	"sealdesk/ui/config"
)

// TestHolders_seeded: the keys follow from the seed and stand on the UsbKeys; the signing certificate is not ours to give.
func TestHolders_seeded(t *testing.T) {
	o := practice(t)
	s, err := openState(o.Dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	other := *s
	other.Seed = "other"
	keys := map[[32]byte]bool{}
	for _, st := range []*state{s, s, &other} {
		holders, err := st.holders()
		if err != nil || len(holders) != 2 || holders[0].SignCert != nil || holders[1].EncCert == nil {
			t.Fatalf("%d holders, %v", len(holders), err)
		}
		for _, h := range holders {
			keys[h.SignKey.D()], keys[h.EncKey.D()] = true, true
		}
	}
	if len(keys) != 8 {
		t.Errorf("%d keys from two seeds", len(keys))
	}
	_, cert := readSeal(o.Seals[0])
	signer, err := gm.ParseCertificate(cert)
	if err != nil {
		t.Fatal(err)
	}
	holders, err := s.holders()
	if err != nil || signer.Public != holders[0].SignKey.Public() {
		t.Errorf("the certificate is for another key, %v", err)
	}
}

func TestMake_again(t *testing.T) {
	dir := t.TempDir()
	first := makeOffice(t, dir, options("again"))
	before := tree(t, dir)
	from := time.Now()
	later := options("")
	later.Now = from.AddDate(0, 0, 3)
	second := makeOffice(t, dir, later)
	t.Logf("renewed in %v", time.Since(from))
	if d := differences(before, tree(t, dir)); len(d) != 0 {
		t.Errorf("the second run changed %v", d)
	}
	a, errA := json.Marshal(first)
	b, errB := json.Marshal(second)
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("%s\n%s", a, b)
	}
	for _, lost := range []string{first.PINFile, first.Samples[1], first.Seals[0].File, first.Seals[0].Certificate, first.Seals[1].Picture} {
		if err := os.WriteFile(lost, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.RemoveAll(filepath.Join(first.Store, "slot1")), os.Remove(first.Seals[1].File)); err != nil {
		t.Fatal(err)
	}
	makeOffice(t, dir, options(""))
	for _, name := range differences(before, tree(t, dir)) {
		t.Errorf("%s did not come back as it was", name)
	}
}

// TestMake_renews: bundle and connection get successors where they are damaged or old.
func TestMake_renews(t *testing.T) {
	dir := t.TempDir()
	o := makeOffice(t, dir, options("trust"))
	if n := bundle(t, o).Number(); n != 2 { // the first is that of the empty centre
		t.Errorf("number %d", n)
	}
	before := tree(t, dir)
	for _, lost := range []string{o.Trust, filepath.Join(o.connection(), clientKeyFile)} {
		if err := os.WriteFile(lost, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o = makeOffice(t, dir, options(""))
	if n := bundle(t, o).Number(); n != 3 {
		t.Errorf("number %d", n)
	}
	if !usableConnection(o.connection(), time.Now()) {
		t.Error("the connection did not come back")
	}
	for _, name := range differences(before, tree(t, dir)) {
		if !strings.HasPrefix(name, "tls") && !strings.HasPrefix(name, "centre") && name != "trust.sdtb" {
			t.Errorf("%s changed", name)
		}
	}
	later := options("")
	later.Now = time.Now().AddDate(0, 0, renewAfter)
	if n := bundle(t, makeOffice(t, dir, later)).Number(); n != 4 {
		t.Errorf("number %d of an old bundle's successor", n)
	}
}

// TestMake_centreLost: a new centre issues everything anew for the same keys.
func TestMake_centreLost(t *testing.T) {
	dir := t.TempDir()
	o := makeOffice(t, dir, options("lost"))
	was := tree(t, dir)
	if err := os.RemoveAll(o.Centre.Dir); err != nil {
		t.Fatal(err)
	}
	again := makeOffice(t, dir, options(""))
	if again.Root == o.Root || again.Centre.URL != o.Centre.URL {
		t.Errorf("root %s, url %s", again.Root, again.Centre.URL)
	}
	now := tree(t, dir)
	key, seal := filepath.Join("softkey", "slot0", "obj"), filepath.Join("seals", office+".esl")
	if now[filepath.Join(key, "02.bin")] != was[filepath.Join(key, "02.bin")] || now[seal] == was[seal] {
		t.Error("the key changed, or the seal did not")
	}
	if now[filepath.Join(key, "07.bin")] != now[seal] {
		t.Error("the UsbKey has another seal than the office")
	}
	checkSeals(t, again)
}

// TestMake_older completes an office that was made without a centre.
func TestMake_older(t *testing.T) {
	dir := t.TempDir()
	text := `{"format":"sealdesk-practice/1","seed":"x","made":"2026-11-01T00:00:00Z","ready":[0,1]}`
	if err := os.WriteFile(filepath.Join(dir, stateFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o := makeOffice(t, dir, options(""))
	checkSeals(t, o)
	s, err := openState(dir, Options{})
	if err != nil || s.Format != stateFormat || s.Port == 0 || len(s.Ready) != 2 {
		t.Errorf("%+v, %v", s, err)
	}
}

func bundle(t *testing.T, o *Office) *trust.Store {
	t.Helper()
	s, err := trust.Open(o.Trust, trust.Pins{Roots: []string{o.Root}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestMake_foreignDir(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), dir, options("")); !errors.Is(err, ErrForeignDir) {
		t.Error(err)
	}
	if got := tree(t, dir); len(got) != 1 {
		t.Errorf("files %v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Make(ctx, t.TempDir(), Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestMake_seals(t *testing.T) { checkSeals(t, practice(t)) }

// checkSeals holds the seals of an office against its bundle and its UsbKeys.
func checkSeals(t *testing.T, o *Office) {
	t.Helper()
	trusted := bundle(t, o)
	if len(o.Seals) != 2 {
		t.Fatal(o.Seals)
	}
	for i, s := range o.Seals {
		raw, cert := readSeal(s)
		seal, err := ses.ParseSeal(raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := seal.VerifyValue(); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		if seal.Version != ses.V4 || seal.ID != s.ID || seal.Name != s.Name || seal.Picture.WidthMM != s.WidthMM || len(raw) > 51_200 {
			t.Errorf("%s: version %v, %q, %q, %d mm, %d bytes", s.Name, seal.Version, seal.ID, seal.Name, seal.Picture.WidthMM, len(raw))
		}
		maker, err := gm.ParseCertificate(seal.MakerCert)
		if err != nil {
			t.Fatal(err)
		}
		if r := trusted.Chain(maker, trust.PurposeMaker); r.Status != trust.ChainTrusted {
			t.Errorf("%s: maker %v: %s", s.Name, r.Status, r.Detail)
		}
		if d, err := trusted.CheckIssue(maker, s.ID); err != nil || d.Name != practiceOffice {
			t.Errorf("%s: issued by %+v: %v", s.Name, d, err)
		}
		signer, err := gm.ParseCertificate(cert)
		if err != nil || !bytes.Equal(seal.Certs[0], cert) {
			t.Fatal(err)
		}
		if r := trusted.Chain(signer, trust.PurposeSigner); r.Status != trust.ChainTrusted || !signer.CanSign() {
			t.Errorf("%s: signer %v: %s", s.Name, r.Status, r.Detail)
		}
		if status, ok := trusted.SealStatus(s.ID); !ok || status.Status != trust.StatusInForce {
			t.Errorf("%s: %v", s.Name, status)
		}
		key, err := store.Open(o.Store, s.Slot)
		if err != nil {
			t.Fatal(err)
		}
		if key.Present() != (i == 0) {
			t.Errorf("UsbKey %d present: %v", i, key.Present())
		}
	}
}

func TestMake_settings(t *testing.T) {
	o := practice(t)
	pin, err := os.ReadFile(o.PINFile)
	if err != nil || string(pin) != PIN+"\n" {
		t.Errorf("%q %v", pin, err)
	}
	text, err := os.ReadFile(o.Config)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), o.Dir) {
		t.Error("the settings name the folder they are in")
	}
	cfg, err := config.Load(o.Config)
	if err != nil || cfg.Center.URL != o.Centre.URL || cfg.TrustBundle.Root != o.Root || cfg.Trust != o.Trust {
		t.Fatalf("%+v, %v", cfg, err)
	}
	client, err := cfg.Center.Open(time.Now, nil)
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
	var fields map[string]any
	raw, err := json.Marshal(o)
	if err != nil || json.Unmarshal(raw, &fields) != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dir", "config", "trust", "pinFile", "module", "sealctl", "samples", "seals", "centre"} {
		if fields[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
}
