package training

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/cmd/softkey/store"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
	"sealdesk/ui/config"
)

// today is the day of documents that must look the same in every run; offices are made today by the clock, as their centre is.
var today = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

var sharedDir string // of what tests share, once one has asked for it

// sharing makes the folder of what tests share.
var sharing = sync.OnceValue(func() error {
	dir, err := os.MkdirTemp("", "office")
	sharedDir = dir
	return err
})

// sealcenter is the real program.
var sealcenter = sync.OnceValues(func() (string, error) {
	if err := sharing(); err != nil {
		return "", err
	}
	path := filepath.Join(sharedDir, "sealcenter"+programSuffix())
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", path, "sealdesk/cmd/sealcenter").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return path, err
})

// options puts sealcenter into new offices.
func options(seed string) Options {
	return Options{Seed: seed, Build: func(_ context.Context, o *Office) error {
		program, err := sealcenter()
		if err != nil {
			return err
		}
		if _, err := os.Stat(o.Centre.Sealcenter); err == nil {
			return nil
		}
		if err := os.MkdirAll(filepath.Dir(o.Centre.Sealcenter), 0o700); err != nil {
			return err
		}
		return copyFile(o.Centre.Sealcenter, program)
	}}
}

var shared = sync.OnceValues(func() (*Office, error) {
	if err := sharing(); err != nil {
		return nil, err
	}
	return Make(context.Background(), filepath.Join(sharedDir, "office"), options("test"))
})

func TestMain(m *testing.M) {
	code := m.Run()
	if sharedDir != "" {
		_ = os.RemoveAll(sharedDir) // a temporary folder
	}
	os.Exit(code)
}

// practice is an office that tests only read.
func practice(t *testing.T) *Office {
	t.Helper()
	o, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func makeOffice(t *testing.T, dir string, o Options) *Office {
	t.Helper()
	made, err := Make(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return made
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
		if b[name] != a[name] && !changing(name) {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok && !changing(name) {
			names = append(names, name)
		}
	}
	return names
}

// changing are files that differ by design: the time of plugging in, the salt of the PIN, and the pages of the registry.
func changing(name string) bool {
	base := filepath.Base(name)
	return base == "present" || base == "pin.ini" || base == "pins.ini" || strings.HasPrefix(base, "centre.db")
}

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

func TestOpenState_damaged(t *testing.T) {
	for _, text := range []string{"", "{}", `{"format":"other/1","seed":"x","made":"2026-01-01T00:00:00Z"}`, `{"format":"sealdesk-practice/1","seed":"x"}`,
		`{"format":"sealdesk-practice/1","seed":"x","made":"2026-01-01T00:00:00Z","more":1}`,
		`{"format":"sealdesk-practice/2","seed":"x","made":"2026-01-01T00:00:00Z","port":65536}`} {
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
	f.Add([]byte(`{"format":"sealdesk-practice/2","seed":"x","made":"2026-01-01T00:00:00Z","port":20000,"centre":"c","ready":[0]}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := parseState("p", raw)
		if err == nil && (s.Format != stateFormat || s.Seed == "" || s.Made.IsZero()) {
			t.Errorf("%+v", s)
		}
	})
}
