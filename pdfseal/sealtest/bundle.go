package sealtest

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/trust"
)

// BundleCentre is the centre in whose name practice bundles are issued.
var BundleCentre = trust.Centre{ID: "practice", Name: "练习用统一验证中心"}

// Updater is a root of trust bundles with an update key under it. It signs
// bundles and nothing else.
type Updater struct {
	Root, Cert       []byte // DER
	RootKey, SignKey *gm.PrivateKey
}

// NewUpdater makes an updater that is valid from ten years before now to
// twenty years after. With a seed its bytes depend on seed and now alone.
func NewUpdater(now time.Time, seed string) (*Updater, error) {
	if seed != "" {
		seed = "bundle " + seed
	}
	keys := keySource(seed)
	u := &Updater{}
	for _, k := range []**gm.PrivateKey{&u.RootKey, &u.SignKey} {
		key, err := gm.GenerateKey(keys)
		if err != nil {
			return nil, err
		}
		*k = key
	}
	now = now.UTC().Truncate(24 * time.Hour)
	none := 0
	t := gm.CertificateTemplate{CommonName: "练习用信任包根", Organization: Organization, Country: "CN",
		NotBefore: now.AddDate(-10, 0, 0), NotAfter: now.AddDate(20, 0, 0), IsCA: true, PathLen: &none, KeyUsage: gm.KeyUsageKeyCertSign}
	var err error
	if u.Root, err = issue(t, u.RootKey, nil, u.RootKey); err != nil {
		return nil, err
	}
	t.CommonName, t.IsCA, t.PathLen, t.KeyUsage = "练习用信任包签发", false, nil, gm.KeyUsageDigitalSignature
	u.Cert, err = issue(t, u.SignKey, u.Root, u.RootKey)
	return u, err
}

// Key signs bundles.
func (u *Updater) Key() cms.Key { return cms.MemoryKey(u.Cert, u.SignKey) }

// Fingerprint is what a client pins.
func (u *Updater) Fingerprint() string { return trust.Fingerprint(u.Root) }

// BundleSpec says what a practice bundle holds: what Trust would put into a
// trust file, without the seals, under the updater's root.
func (p *PKI) BundleSpec(now time.Time, s TrustSpec, u *Updater) (trust.BundleSpec, error) {
	f, err := p.Trust(now, s)
	if err != nil {
		return trust.BundleSpec{}, err
	}
	return trust.BundleSpec{Centre: BundleCentre, Number: f.Number, Issued: f.Issued, Expires: f.Expires, Roots: [][]byte{u.Root},
		Anchors: f.Anchors, Departments: f.Departments, Policy: f.Policy, CRLs: f.CRLs}, nil
}

// Bundle writes a bundle like the trust file of Trust, signed by the updater.
// Seals with several states are listed once for each, in the order of time.
func (p *PKI) Bundle(now time.Time, s TrustSpec, u *Updater) ([]byte, error) {
	spec, err := p.BundleSpec(now, s, u)
	if err != nil {
		return nil, err
	}
	return WriteBundle(spec, Records(s.Seals), u.Key())
}

// WriteBundle is trust.WriteBundle into memory.
func WriteBundle(spec trust.BundleSpec, seals iter.Seq[trust.SealRecord], keys ...cms.Key) ([]byte, error) {
	var buf bytes.Buffer
	if err := trust.WriteBundle(context.Background(), &buf, spec, seals, keys...); err != nil {
		return nil, fmt.Errorf("sealtest: %w", err)
	}
	return buf.Bytes(), nil
}

// Records gathers states of seals by seal; nil for none.
func Records(states []trust.SealStatus) iter.Seq[trust.SealRecord] {
	if len(states) == 0 {
		return nil
	}
	var out []trust.SealRecord
	for _, s := range states {
		i := slices.IndexFunc(out, func(r trust.SealRecord) bool { return r.ID == s.ID })
		if i < 0 {
			i, out = len(out), append(out, trust.SealRecord{ID: s.ID, Division: s.Division})
		}
		out[i].History = append(out[i].History, s)
	}
	return slices.Values(out)
}

// OpenBundle reads a bundle from memory, pinned to the updater's root.
func (u *Updater) OpenBundle(raw []byte) (*trust.Store, error) {
	return trust.Read(bytes.NewReader(raw), int64(len(raw)), trust.Pins{Roots: []string{u.Fingerprint()}})
}
