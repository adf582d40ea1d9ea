package training

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/cmd/softkey/store"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

var today = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

var sharedDir string // of the office that tests share, once one has asked for it

var shared = sync.OnceValues(func() (*Office, error) {
	dir, err := os.MkdirTemp("", "office")
	if err != nil {
		return nil, err
	}
	sharedDir = dir
	return Make(context.Background(), dir, Options{Now: today, Seed: "test"})
})

func TestMain(m *testing.M) {
	code := m.Run()
	if sharedDir != "" {
		_ = os.RemoveAll(sharedDir) // a temporary folder
	}
	os.Exit(code)
}

func practice(t *testing.T) *Office {
	t.Helper()
	o, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// tree reads all files below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		out[name] = string(b)
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatal(len(out), err)
	}
	return out
}

func differences(a, b map[string]string) (names []string) {
	for name := range a {
		if b[name] != a[name] {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}

// changing are files that differ by design: the time of plugging in, and the salt of the PIN.
func changing(name string) bool {
	base := filepath.Base(name)
	return base == "present" || base == "pin.ini" || base == "pins.ini"
}

func TestMake_deterministic(t *testing.T) {
	o := practice(t)
	again, err := Make(t.Context(), filepath.Join(t.TempDir(), "new", "office"), Options{Now: today, Seed: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range differences(tree(t, o.Dir), tree(t, again.Dir)) {
		if !changing(name) {
			t.Errorf("%s differs between two runs", name)
		}
	}
	other, err := Make(t.Context(), t.TempDir(), Options{Now: today})
	if err != nil {
		t.Fatal(err)
	}
	a, b := tree(t, o.Dir), tree(t, other.Dir)
	if a["office.json"] == b["office.json"] || a["seals/"+office+".esl"] == b["seals/"+office+".esl"] {
		t.Error("two offices have the same keys")
	}
}

func TestMake_again(t *testing.T) {
	dir := t.TempDir()
	first, err := Make(t.Context(), dir, Options{Now: today, Seed: "again"})
	if err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	from := time.Now()
	second, err := Make(t.Context(), dir, Options{Now: today.AddDate(0, 0, 3)})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("renewed in %v", time.Since(from))
	if d := differences(before, tree(t, dir)); len(d) != 0 {
		t.Errorf("the second run changed %v", d)
	}
	a, errA := json.Marshal(first)
	b, errB := json.Marshal(second)
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("%s\n%s", a, b)
	}
	for _, lost := range []string{first.Trust, first.PINFile, first.Samples[1], first.Seals[0].File, first.Seals[1].Picture} {
		if err := os.WriteFile(lost, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(first.Store, "slot1")); err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), dir, Options{Now: today}); err != nil {
		t.Fatal(err)
	}
	for _, name := range differences(before, tree(t, dir)) {
		if !changing(name) {
			t.Errorf("%s did not come back as it was", name)
		}
	}
}

func TestMake_renewsTrust(t *testing.T) {
	dir := t.TempDir()
	o, err := Make(t.Context(), dir, Options{Now: today, Seed: "trust"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), dir, Options{Now: today.AddDate(0, 2, 0)}); err != nil {
		t.Fatal(err)
	}
	s, err := trust.Open(o.Trust, trust.Pins{Roots: []string{o.Root}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Number() != 2 || !s.Issued().Equal(today.AddDate(0, 2, 0)) {
		t.Errorf("number %d of %v", s.Number(), s.Issued())
	}
}

func TestMake_foreignDir(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), dir, Options{}); !errors.Is(err, ErrForeignDir) {
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

func TestMake_seals(t *testing.T) {
	o := practice(t)
	trusted, err := trust.Open(o.Trust, trust.Pins{Roots: []string{o.Root}})
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Seals) != 2 {
		t.Fatal(o.Seals)
	}
	for i, s := range o.Seals {
		raw, err := os.ReadFile(s.File)
		if err != nil {
			t.Fatal(err)
		}
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
		signer, err := gm.ParseCertificate(seal.Certs[0])
		if err != nil {
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
	var fields map[string]any
	raw, err := json.Marshal(o)
	if err != nil || json.Unmarshal(raw, &fields) != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dir", "config", "trust", "pinFile", "module", "sealctl", "samples", "seals"} {
		if fields[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestOpenState_damaged(t *testing.T) {
	for _, text := range []string{"", "{}", `{"format":"other/1","seed":"x","made":"2026-01-01T00:00:00Z"}`, `{"format":"sealdesk-practice/1","seed":"x"}`,
		`{"format":"sealdesk-practice/1","seed":"x","made":"2026-01-01T00:00:00Z","more":1}`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, stateFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Make(t.Context(), dir, Options{}); err == nil {
			t.Errorf("%q accepted", text)
		}
	}
}

func FuzzParseState(f *testing.F) {
	f.Add([]byte(`{"format":"sealdesk-practice/1","seed":"x","made":"2026-01-01T00:00:00Z","ready":[0]}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := parseState("p", raw)
		if err == nil && (s.Seed == "" || s.Made.IsZero()) {
			t.Errorf("%+v", s)
		}
	})
}
