// Package centretest makes centres for tests, on SQLite and on a real PostgreSQL server.
package centretest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"testing"
	"time"

	"sealdesk/cmd/dev/postgres"
	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
)

// Order is a ground for changes.
var Order = registry.Order{Who: "经办人甲", Why: "测试", Application: "测〔2026〕1号"}

// Names of the centre.
const (
	CentreName = "测试验证中心"
	Region     = "测试自治区人民政府办公厅"
)

// Each runs do on SQLite and on PostgreSQL, each with an empty registry. Where
// PostgreSQL is not installed, its half is skipped.
func Each(t *testing.T, do func(t *testing.T, target string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { do(t, filepath.Join(t.TempDir(), "centre.db")) })
	t.Run("postgresql", func(t *testing.T) { do(t, Postgres(t)) })
}

// Postgres starts a PostgreSQL server for the test and answers the URL of an empty database.
func Postgres(t *testing.T) string {
	t.Helper()
	s, err := postgres.Start(context.WithoutCancel(t.Context()))
	if errors.Is(err, postgres.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	url, err := s.Database(t.Context(), "centre")
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// Store opens a registry for the test.
func Store(t *testing.T, target string) *registry.Store {
	t.Helper()
	s, err := registry.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Centre is a centre with its first department, in a directory of the test.
type Centre struct {
	*desk.Desk
	Dir string
}

// New makes a centre for the region 150000 over a registry.
func New(t *testing.T, target string) *Centre {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "centre")
	a, err := authority.Create(dir, authority.Spec{Name: CentreName, Hosts: []string{"localhost", "127.0.0.1"}, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	c := &Centre{Dir: dir, Desk: &desk.Desk{Centre: desk.Centre{ID: "centre-1", Name: CentreName, Division: "150000"}, Store: Store(t, target), Authority: a}}
	if err := c.Founding(t.Context(), Order, Region); err != nil {
		t.Fatal(err)
	}
	return c
}

// Custodian is a seal with the key that may use it.
type Custodian struct {
	Key  *gm.PrivateKey
	Cert []byte
	Seal *ses.Seal
}

// Request asks for a seal of a regional department, valid for a year around now.
func Request(key []byte) desk.Request {
	now := time.Now()
	return desk.Request{Unit: "测试厅", Division: "150000", Kind: desk.Bureau, Custodian: "保管人乙", PublicKey: key, Picture: Picture(),
		ValidFrom: now.AddDate(0, -6, 0), ValidTo: now.AddDate(0, 6, 0)}
}

// Picture is a small red square of 42 mm.
func Picture() ses.Picture {
	img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		img.SetNRGBA(i%8, i/8, color.NRGBA{R: 230, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // a buffer takes everything
	}
	return ses.Picture{Type: "PNG", Data: b.Bytes(), WidthMM: 42, HeightMM: 42}
}

// Key makes a key.
func Key(t *testing.T) *gm.PrivateKey {
	t.Helper()
	k, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Issue issues a seal to a new custodian; change, if not nil, may alter the request.
func (c *Centre) Issue(t *testing.T, change func(*desk.Request)) *Custodian {
	t.Helper()
	k := Key(t)
	r := Request(k.Public().Point())
	if change != nil {
		change(&r)
	}
	out, err := c.Desk.Issue(t.Context(), Order, r)
	if err != nil {
		t.Fatal(err)
	}
	seal, err := ses.ParseSeal(out.Seal.DER)
	if err != nil {
		t.Fatal(err)
	}
	return &Custodian{Key: k, Cert: out.Certificate, Seal: seal}
}

// Certificate is the signing certificate, DER.
func (c *Custodian) Certificate() []byte { return c.Cert }

// SignSM2 signs a message.
func (c *Custodian) SignSM2(_ context.Context, m []byte) ([]byte, error) { return c.Key.Sign(m) }

// Sign makes a seal signature over a digest, as of a claimed time.
func (c *Custodian) Sign(t *testing.T, hash [32]byte, at time.Time) []byte {
	t.Helper()
	tbs, err := ses.BuildTBS(c.Seal, at, hash, "ByteRange[0 1 2 3]")
	if err != nil {
		t.Fatal(err)
	}
	value, err := c.Key.Sign(tbs)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := ses.BuildSignature(tbs, c.Cert, value)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// Bundle writes the next trust bundle.
func (c *Centre) Bundle(t *testing.T) registry.Bundle {
	t.Helper()
	b, err := c.Desk.Bundle(t.Context(), Order, desk.BundleOptions{Days: 30})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Client makes a client certificate.
func (c *Centre) Client(t *testing.T, name string) authority.ClientFiles {
	t.Helper()
	f, err := c.AddClient(t.Context(), Order, name, "tls")
	if err != nil {
		t.Fatal(err)
	}
	return f
}
