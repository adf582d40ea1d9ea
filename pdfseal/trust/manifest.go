package trust

import (
	"bytes"
	"fmt"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/strictjson"
)

// BundleFormat is the format mark of a bundle's manifest.
const BundleFormat = "sealdesk-bundle/1"

// Limits of a bundle (rule R1).
const (
	MaxBundle      = 512 << 20 // bytes of the file
	MaxManifest    = 960 << 10 // bytes of the manifest; with signature and certificates it stays within 1 MiB
	MaxRoots       = 4
	MaxSealRecords = 4 << 20 // records of a table
	pageBytes      = 64 << 10
	maxPage        = 1 << 20
	maxListBytes   = 32 << 20 // all revocation lists together
)

// manifest is what the centre signs.
type manifest struct {
	Format      string       `json:"format"`
	Centre      Centre       `json:"centre"`
	Number      int          `json:"number"` // 1 or more, grows with each issue
	Issued      time.Time    `json:"issued"` // whole seconds, equal to the signing time
	Expires     time.Time    `json:"expires"`
	Previous    string       `json:"previous,omitempty"` // SM3 of the manifest before
	Roots       [][]byte     `json:"roots"`              // DER
	Anchors     []Anchor     `json:"anchors"`
	Departments []Department `json:"departments,omitempty"`
	Policy      Policy       `json:"policy,omitzero"`
	Sections    []section    `json:"sections,omitempty"`
}

// The names of sections.
const (
	sectionList    = "crl"     // a revocation list, DER; as many as there are
	sectionSeals   = "seals"   // present states
	sectionHistory = "history" // earlier states
)

// section names a part of the bundle behind the manifest: as a whole by its SM3, or by pages.
type section struct {
	Name  string `json:"name"`
	Size  int64  `json:"size"`
	SM3   string `json:"sm3,omitempty"`
	Pages *pages `json:"pages,omitempty"`
}

// pages names a section page by page: first key and SM3 of each, one after another.
type pages struct {
	Size  int    `json:"size"`
	Index []byte `json:"index"`
}

func parseManifest(b []byte) (*manifest, error) {
	if len(b) > MaxManifest {
		return nil, refuse("manifest", "larger than %d bytes", MaxManifest)
	}
	m := &manifest{}
	if err := strictjson.Decode(b, m, maxNesting); err != nil {
		return nil, refuse("manifest", "%w", err)
	}
	return m, m.check()
}

// check looks at what newStore does not.
func (m *manifest) check() error {
	switch {
	case m.Format != BundleFormat:
		return refuse("format", "%.40q, not %q", m.Format, BundleFormat)
	case m.Centre.ID == "":
		return refuse("centre.id", "missing")
	case m.Issued.Nanosecond() != 0:
		return refuse("issued", "not a whole second")
	case m.Expires.IsZero():
		return refuse("expires", "missing")
	case len(m.Sections) > MaxCRLs+2:
		return refuse("sections", "%d of them", len(m.Sections))
	}
	if m.Previous != "" {
		if _, err := parseSM3(m.Previous); err != nil {
			return refuse("previous", "%w", err)
		}
	}
	for i, s := range m.Sections {
		if s.Size < 0 || s.Size > MaxBundle {
			return refuse(fmt.Sprintf("sections[%d].size", i), "%d", s.Size)
		}
	}
	return nil
}

func (m *manifest) head() head {
	return head{centre: m.Centre, number: m.Number, issued: m.Issued, expires: m.Expires, previous: m.Previous}
}

// store checks everything that the manifest says by itself.
func (m *manifest) store(roots []*gm.Certificate) (*Store, error) {
	s, err := newStore(m.head(), m.Anchors, m.Departments, m.Policy)
	if err != nil {
		return nil, err
	}
	for _, all := range s.authority {
		for _, a := range all {
			for _, r := range roots {
				if a.cert.Public == r.Public || bytes.Equal(a.cert.RawIssuer, r.RawSubject) && a.cert.CheckSignatureFrom(r) == nil {
					return nil, refuse("roots", "%s is or has issued the anchor %s; a root issues nothing but update certificates", r.Subject, a.cert.Subject)
				}
			}
		}
	}
	return s, nil
}

func (m *manifest) readRoots() ([]*gm.Certificate, error) {
	if len(m.Roots) == 0 || len(m.Roots) > MaxRoots {
		return nil, refuse("roots", "%d of them, not 1 to %d", len(m.Roots), MaxRoots)
	}
	var out []*gm.Certificate
	for i, b := range m.Roots {
		c, err := readRoot(b)
		if err != nil {
			return nil, refuse(fmt.Sprintf("roots[%d]", i), "%w", err)
		}
		for _, o := range out {
			if o.Public == c.Public {
				return nil, refuse(fmt.Sprintf("roots[%d]", i), "the key of %s is listed twice", c.Subject)
			}
		}
		out = append(out, c)
	}
	return out, nil
}
