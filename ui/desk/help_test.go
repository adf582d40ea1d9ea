package desk

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/trust"
	"sealdesk/token"
	"sealdesk/token/tokentest"
	"sealdesk/ui/config"
	"sealdesk/ui/i18n"
	"sealdesk/ui/job"
	"sealdesk/ui/job/worker"
	"sealdesk/ui/pagetext"
	"sealdesk/ui/state"
)

func TestMain(m *testing.M) {
	if worker.Requested(os.Args) {
		os.Exit(worker.Main(LoadTrust))
	}
	os.Exit(m.Run())
}

const (
	testPIN  = "271828"
	sealID   = "15000000000145"
	sealName = "示范旗人民政府"
)

// office is a desk with one fake UsbKey, a trust bundle and settings of its own.
type office struct {
	*Desk
	t    *testing.T
	dir  string
	now  time.Time
	pki  *sealtest.PKI
	by   *sealtest.Updater
	key  *tokentest.Key
	fake *tokentest.Fake
	seal state.Seal
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, dir: t.TempDir(), now: time.Now().Truncate(time.Second)}
	var err error
	if o.pki, err = sealtest.NewSeededPKI(o.now, "desk"); err != nil {
		t.Fatal(err)
	}
	if o.by, err = sealtest.NewUpdater(o.now, "desk"); err != nil {
		t.Fatal(err)
	}
	o.key = o.newKey()
	o.fake = tokentest.NewFake(job.Crypto{}, o.key)
	o.write("trust.sdtb", o.bundle(3, sealID))
	config := o.write("sealdesk.toml", []byte(fmt.Sprintf("trust = \"trust.sdtb\"\n[trust_bundle]\nroot = %q\n[key]\nmodule = \"driver.so\"\n", o.by.Fingerprint())))
	o.Desk = o.open(config)
	o.seal = o.keysRead().Keys[0].Seals[0]
	return o
}

func (o *office) newKey() *tokentest.Key {
	o.t.Helper()
	holder, err := o.pki.NewHolder(sealName, "乌日娜", o.now.AddDate(0, -1, 0), o.now.AddDate(1, 0, 0))
	if err != nil {
		o.t.Fatal(err)
	}
	seal, err := o.pki.NewSeal(sealtest.SealSpec{ID: sealID, Name: sealName, Picture: sealtest.SquarePicture(400), WidthMM: 42, HeightMM: 42,
		ValidFrom: o.now.AddDate(0, -1, 0), ValidTo: o.now.AddDate(1, 0, 0)}, holder)
	if err != nil {
		o.t.Fatal(err)
	}
	return &tokentest.Key{Label: "key", Serial: "0001", PIN: testPIN, Tries: 3, Objects: []token.Object{{Label: "seal", Value: seal}},
		Certificates: []tokentest.Certificate{{DER: holder.SignCert, ID: []byte{1}, Sign: holder.SignKey.SignDigest}, {DER: holder.EncCert, ID: []byte{2}}}}
}

func (o *office) bundle(number int, seals ...string) []byte {
	o.t.Helper()
	spec := sealtest.TrustSpec{Number: number}
	for _, id := range seals {
		spec.Seals = append(spec.Seals, trust.SealStatus{ID: id, Status: trust.StatusInForce})
	}
	raw, err := o.pki.Bundle(o.now.Add(-time.Hour), spec, o.by)
	if err != nil {
		o.t.Fatal(err)
	}
	return raw
}

func (o *office) open(path string) *Desk {
	o.t.Helper()
	cfg, err := config.Load(path)
	if err != nil {
		o.t.Fatal(err)
	}
	d := New(Setup{Config: cfg, Text: pagetext.Reader{}, Version: "test", Now: func() time.Time { return o.now },
		OpenKeys: func(k config.Key, _ *slog.Logger) (token.Provider, error) {
			if filepath.Base(k.Module) != "driver.so" {
				return nil, &token.ModuleError{Path: k.Module, Reason: token.ReasonMissing}
			}
			return keepOpen{o.fake}, nil
		},
		Catalogue: func() Catalogue {
			c, err := i18n.New("zh")
			if err != nil {
				o.t.Fatal(err)
			}
			return c
		}})
	o.t.Cleanup(d.Close)
	return d
}

// keepOpen is a driver that can be opened again after it was closed.
type keepOpen struct{ *tokentest.Fake }

func (keepOpen) Close() error { return nil }

// keysRead reads the keys once.
func (o *office) keysRead() state.KeysRead {
	o.t.Helper()
	p, err := o.keys()
	if err != nil {
		o.t.Fatal(err)
	}
	r := o.readKeys(o.t.Context(), p)
	if r.Err != nil {
		o.t.Fatal(r.Err)
	}
	return r
}

func (o *office) write(name string, data []byte) string {
	o.t.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		o.t.Fatal(err)
	}
	return path
}

// lock imports bundle number 5, whose policy fixes the settings.
func (o *office) lock(fixed ...trust.Setting) {
	o.t.Helper()
	raw, err := o.pki.Bundle(o.now, sealtest.TrustSpec{Number: 5, Policy: trust.Policy{Locked: fixed}}, o.by)
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.ImportTrust(o.t.Context(), o.write("locked.sdtb", raw)); err != nil {
		o.t.Fatal(err)
	}
}

// order seals one document with the right PIN.
func (o *office) order(path string, marks ...state.Mark) state.Outcome {
	o.t.Helper()
	out, err := o.Seal(o.t.Context(), state.Order{SealID: sealID, Matter: register.MatterOffice, Approver: "巴雅尔", Documents: []state.OrderDocument{{In: path, Marks: marks}}, PIN: typed(testPIN)})
	if err != nil || len(out) != 1 || !out[0].Sealed {
		o.t.Fatalf("seal: %+v, %v", out, err)
	}
	return out[0]
}

func typed(pin string) token.PINFunc {
	return func(context.Context, token.PINRequest) (token.PIN, error) { return token.NewPIN([]byte(pin)), nil }
}

// blank is a PDF of white pages with these page entries.
func blank(pages ...string) []byte { return sealtest.Blank{Pages: pages}.PDF() }

const a4 = sealtest.A4

func (o *office) mustRemove(path string) {
	o.t.Helper()
	if err := os.Remove(path); err != nil {
		o.t.Fatal(err)
	}
}
