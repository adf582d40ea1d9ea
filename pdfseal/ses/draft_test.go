package ses

import (
	"testing"

	"sealdesk/pdfseal/internal/der"
)

// sealDraft is a seal in complete TLVs, for shapes that the writer refuses to
// write. A field may hold several TLVs, or none.
type sealDraft struct {
	version                                 Version
	id, header, esID                        []byte
	kind, name, listType, list              []byte
	created, from, to                       []byte
	pictureType, pictureData, width, height []byte
	ext, cert, alg, value, timestamp        []byte
}

func ia5(s string) []byte { return der.Text(der.TagIA5String, s) }

func newSealDraft(v Version) *sealDraft {
	p := pngPicture()
	d := &sealDraft{
		version: v, id: ia5("ES"), header: der.Int(int(v)), esID: ia5("15000000000001"), kind: der.Int(1),
		name: der.Text(der.TagUTF8String, "示范"), listType: der.Int(1), list: der.Sequence(der.Octets(signatory().cert)),
		created: der.GeneralizedTime(date(2025)), from: der.GeneralizedTime(date(2025)), to: der.GeneralizedTime(date(2030)),
		pictureType: ia5(p.Type), pictureData: der.Octets(p.Data), width: der.Int(42), height: der.Int(42),
		cert: der.Octets(maker().cert), alg: der.OID(AlgorithmSM2),
	}
	if v == V1 {
		d.listType = nil
		d.created, d.from, d.to = der.UTCTime(date(2025)), der.UTCTime(date(2025)), der.UTCTime(date(2030))
	}
	return d
}

func (d *sealDraft) info() []byte {
	return der.Sequence(
		der.Sequence(d.id, d.header, ia5("vendor")), d.esID,
		der.Sequence(d.kind, d.name, d.listType, d.list, d.created, d.from, d.to),
		der.Sequence(d.pictureType, d.pictureData, d.width, d.height), d.ext,
	)
}

// bytes signs the draft, unless it brings its own value.
func (d *sealDraft) bytes(t testing.TB) []byte {
	info, value := d.info(), d.value
	if value == nil {
		m := info
		if d.version == V1 {
			m = der.Sequence(info, d.cert, d.alg)
		}
		value = der.Bits(sign(t, maker(), m))
	}
	if d.version == V1 {
		return der.Sequence(info, der.Sequence(d.cert, d.alg, value))
	}
	return der.Sequence(info, d.cert, d.alg, value, d.timestamp)
}

// signatureDraft is a seal signature in complete TLVs.
type signatureDraft struct {
	v1                                       bool
	version, seal, time, hash, property, ext []byte
	cert, alg, value, timestamp              []byte
}

func newSignatureDraft(t testing.TB, seal []byte) *signatureDraft {
	s, err := ParseSeal(seal)
	if err != nil {
		t.Fatal(err)
	}
	d := &signatureDraft{
		v1: s.Version == V1, version: der.Int(s.HeaderVersion), seal: seal, time: der.GeneralizedTime(date(2026)),
		hash: der.Bits(make([]byte, 32)), property: ia5("ByteRange[0 1 2 3]"),
		cert: der.Octets(signatory().cert), alg: der.OID(AlgorithmSM2),
	}
	if d.v1 {
		d.time = der.Bits(der.UTCTime(date(2026)))
	}
	return d
}

func (d *signatureDraft) tbs() []byte {
	if d.v1 {
		return der.Sequence(d.version, d.seal, d.time, d.hash, d.property, d.cert, d.alg)
	}
	return der.Sequence(d.version, d.seal, d.time, d.hash, d.property, d.ext)
}

func (d *signatureDraft) bytes(t testing.TB) []byte {
	tbs, value := d.tbs(), d.value
	if value == nil {
		value = der.Bits(sign(t, signatory(), tbs))
	}
	if d.v1 {
		return der.Sequence(tbs, value)
	}
	return der.Sequence(tbs, d.cert, d.alg, value, d.timestamp)
}

// sampleDrafts gives the tolerated shapes as seeds for fuzzing.
func sampleDrafts(t testing.TB) [][]byte {
	var out [][]byte
	for _, c := range sealTolerances {
		d := newSealDraft(c.version)
		c.change(t, d)
		out = append(out, d.bytes(t))
	}
	for _, c := range signatureTolerances {
		d := newSignatureDraft(t, newSealDraft(c.version).bytes(t))
		c.change(t, d)
		out = append(out, d.bytes(t))
	}
	return out
}
