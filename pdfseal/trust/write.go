package trust

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
)

// BundleSpec is what a new bundle says, besides the seals.
type BundleSpec struct {
	Centre      Centre
	Number      int // above that of every bundle issued under the same roots
	Issued      time.Time
	Expires     time.Time
	Previous    string   // Manifest of the bundle before; may be empty
	Roots       [][]byte // DER; who may sign the next bundle
	FormerRoots [][]byte // DER; where the roots change: those of the keys that are no longer in Roots
	Anchors     []Anchor
	Departments []Department
	Policy      Policy
	CRLs        [][]byte // DER, complete, each signed by an authority of Anchors
}

// SealRecord is a seal with all states that it has had, oldest first; ID and
// Division of the states are ignored.
type SealRecord struct {
	ID       string
	Division string // GB/T 2260 code of the issuing department; may be empty
	History  []SealStatus
}

// WriteBundle writes a bundle. Each key signs the manifest; its update
// certificate must have been issued by one of the roots directly, and every
// bundle needs the signature of a key under Roots. The seals may come in any
// order; nil says nothing about seals, an empty sequence that there are none.
// Memory stays below 100 bytes a seal. Times are cut to the second, those of
// seals to the millisecond. What a reader would refuse is not written: then
// the error is *FormatError and nothing has been written to w.
func WriteBundle(ctx context.Context, w io.Writer, spec BundleSpec, seals iter.Seq[SealRecord], keys ...cms.Key) error {
	m := manifest{Format: BundleFormat, Centre: spec.Centre, Number: spec.Number, Issued: spec.Issued.UTC().Truncate(time.Second),
		Expires: spec.Expires.UTC().Truncate(time.Second), Previous: spec.Previous, Roots: spec.Roots, Anchors: spec.Anchors,
		Departments: spec.Departments, Policy: spec.Policy}
	var parts [][]byte
	for _, l := range spec.CRLs {
		sum := gm.SM3(l)
		m.Sections = append(m.Sections, section{Name: sectionList, Size: int64(len(l)), SM3: hex.EncodeToString(sum[:])})
		parts = append(parts, l)
	}
	if seals != nil {
		present, earlier, err := collect(ctx, seals)
		if err != nil {
			return err
		}
		m.Sections = append(m.Sections, present.section(sectionSeals), earlier.section(sectionHistory))
		parts = append(parts, present.bytes, earlier.bytes)
	}
	signatures, err := spec.sign(ctx, &m, keys)
	if err != nil {
		return err
	}
	return writeParts(ctx, w, signatures, parts)
}

// sign checks the manifest as a reader would, and has every key sign it.
func (spec BundleSpec) sign(ctx context.Context, m *manifest, keys []cms.Key) ([][]byte, error) {
	roots, err := m.readRoots()
	if err != nil {
		return nil, err
	}
	s, err := m.store(roots)
	if err != nil {
		return nil, err
	}
	if err := s.addLists(spec.CRLs); err != nil {
		return nil, err
	}
	content, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("trust: manifest: %w", err)
	}
	if _, err := parseManifest(content); err != nil {
		return nil, err
	}
	if len(keys) == 0 || len(keys) > maxSignatures {
		return nil, refuse("keys", "%d of them, not 1 to %d", len(keys), maxSignatures)
	}
	var out [][]byte
	var signers []*signer
	for _, k := range keys {
		root := issuerOf(k.Certificate(), spec.Roots, spec.FormerRoots)
		if root == nil {
			return nil, refuse("keys", "no root has issued the update certificate")
		}
		der, err := cms.Sign(ctx, content, k, cms.SignOptions{Time: m.Issued, Certificates: [][]byte{root}})
		if err != nil {
			return nil, fmt.Errorf("trust: sign: %w", err)
		}
		x, err := readSigner(der)
		if err != nil {
			return nil, refuse("keys", "%w", err)
		}
		out, signers = append(out, der), append(signers, x)
	}
	if err := s.signed.judge(roots, signers, Pins{AllowUnpinned: true}); err != nil {
		return nil, refuse("keys", "%w", err)
	}
	return out, nil
}

// issuerOf finds the root that signed an update certificate.
func issuerOf(cert []byte, sets ...[][]byte) []byte {
	c, err := gm.ParseCertificate(cert)
	if err != nil {
		return nil
	}
	for _, set := range sets {
		for _, b := range set {
			if r, err := gm.ParseCertificate(b); err == nil && c.CheckSignatureFrom(r) == nil {
				return b
			}
		}
	}
	return nil
}

func writeParts(ctx context.Context, w io.Writer, signatures, parts [][]byte) error {
	head := append([]byte(magic), frameVersion, byte(len(signatures)))
	for _, der := range signatures {
		head = binary.BigEndian.AppendUint32(head, uint32(len(der)))
		head = append(head, der...)
	}
	for _, p := range append([][]byte{head}, parts...) {
		for len(p) > 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			n := min(len(p), 1<<20)
			if _, err := w.Write(p[:n]); err != nil {
				return fmt.Errorf("trust: write: %w", err)
			}
			p = p[n:]
		}
	}
	return nil
}
