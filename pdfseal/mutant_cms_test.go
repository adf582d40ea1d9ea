package pdfseal_test

import (
	"encoding/asn1"
	"testing"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
	"sealdesk/pdfseal/sealtest"
)

type objectID = asn1.ObjectIdentifier

var (
	idSM3           = objectID{1, 2, 156, 10197, 1, 401}
	idSM2           = objectID{1, 2, 156, 10197, 1, 501}
	idSHA256        = objectID{2, 16, 840, 1, 101, 3, 4, 2, 1}
	idDataGM        = objectID{1, 2, 156, 10197, 6, 1, 4, 2, 1}
	idSignedDataGM  = objectID{1, 2, 156, 10197, 6, 1, 4, 2, 2}
	idContentType   = objectID{1, 2, 840, 113549, 1, 9, 3}
	idMessageDigest = objectID{1, 2, 840, 113549, 1, 9, 4}
	idSigningTime   = objectID{1, 2, 840, 113549, 1, 9, 5}
)

// cmsDraft is a GM/T 0010 container in pieces.
type cmsDraft struct {
	digests, content, certs, digest, sigAlg []byte
	sid                                     []byte
	attrs                                   [][]byte
	message                                 []byte // signed where there are no attributes
	sign                                    func([]byte) ([]byte, error)
	more                                    [][]byte // further signers
	outer                                   func([]byte) []byte
}

func algorithm(id objectID) []byte { return der.Sequence(der.OID(id), der.Null()) }

func attribute(id objectID, values ...[]byte) []byte {
	return der.Sequence(der.OID(id), der.Set(values...))
}

// attributesOf are the signed attributes over a digest.
func attributesOf(digest [32]byte, more ...[]byte) [][]byte {
	return append([][]byte{attribute(idContentType, der.OID(idDataGM)), attribute(idSigningTime, der.UTCTime(now)),
		attribute(idMessageDigest, der.Octets(digest[:]))}, more...)
}

// issuerOf is issuer and serial number of a certificate.
func issuerOf(t testing.TB, cert []byte) []byte {
	t.Helper()
	tbs := pieces(pieces(cert)[0])
	return der.Sequence(tbs[3], tbs[1]) // version, serial number, algorithm, issuer
}

func (d *cmsDraft) bytes(t testing.TB) []byte {
	t.Helper()
	m := d.message
	var attrs []byte
	if d.attrs != nil {
		m, attrs = der.Set(d.attrs...), der.TLV(0xa0, d.attrs...)
	}
	value, err := d.sign(m)
	if err != nil {
		t.Fatal(err)
	}
	info := der.Sequence(der.Int(1), d.sid, d.digest, attrs, d.sigAlg, der.Octets(value))
	out := der.Sequence(der.OID(idSignedDataGM), der.Explicit(0, der.Sequence(der.Int(1), d.digests, der.Sequence(der.OID(idDataGM), d.content), d.certs,
		der.Set(append([][]byte{info}, d.more...)...))))
	if d.outer != nil {
		out = d.outer(out)
	}
	return out
}

// cmsSealed signs with a CMS container in place of the seal signature.
func cmsSealed(change func(t testing.TB, b *kitBase, d *cmsDraft, digest [32]byte)) func(testing.TB, *kitBase) []byte {
	return func(t testing.TB, b *kitBase) []byte {
		k := b.reseal(t)
		h := b.o.holder[b.seals-1]
		k.Sig.Container = func(head, tail []byte, _ [4]int64) ([]byte, error) {
			digest := gm.SM3(head, tail)
			d := &cmsDraft{digests: der.Set(algorithm(idSM3)), certs: der.TLV(0xa0, h.SignCert), sid: issuerOf(t, h.SignCert), digest: algorithm(idSM3),
				sigAlg: algorithm(idSM2), attrs: attributesOf(digest), sign: h.SignKey.Sign}
			change(t, b, d, digest)
			return d.bytes(t), nil
		}
		return k.bytes()
	}
}

// cmsMutants put a CMS container in place of the seal: it is no seal at best, and invalid where it is wrong.
func cmsMutants() []mutantClass {
	var out []mutantClass
	add := func(name, want string, change func(testing.TB, *kitBase, *cmsDraft, [32]byte)) {
		out = append(out, mutantClass{"CMS", name, want, cmsSealed(change)})
	}
	plain := func(d *cmsDraft, content []byte) {
		d.attrs, d.message, d.content = nil, content, der.Explicit(0, der.Octets(content))
	}
	add("in order, but no seal", "E8", func(testing.TB, *kitBase, *cmsDraft, [32]byte) {})
	add("without attributes, over the digest", "E8", func(_ testing.TB, _ *kitBase, d *cmsDraft, h [32]byte) { plain(d, h[:]) })
	add("without Z", "C5+E8", func(_ testing.TB, b *kitBase, d *cmsDraft, h [32]byte) {
		d.attrs = nil
		d.sign = func([]byte) ([]byte, error) { return b.o.holder[b.seals-1].SignKey.SignDigest(h) }
	})
	add("no attributes, content of other bytes", "C5", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) { plain(d, []byte("%PDF other")) })
	add("content is another digest", "C5", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) { plain(d, make([]byte, 32)) })
	add("other content beside attributes", "C5", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) {
		d.content = der.Explicit(0, der.Octets([]byte("%PDF other")))
	})
	add("no signer", "C2", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) {
		d.outer = func(b []byte) []byte {
			all := pieces(b)
			signed, _, _ := der.Parse(all[1])
			inner := pieces(signed.Content)
			return der.Sequence(all[0], der.Explicit(0, der.Sequence(append(inner[:len(inner)-1], der.Set())...)))
		}
	})
	add("two signers", "C2", func(t testing.TB, b *kitBase, d *cmsDraft, _ [32]byte) {
		d.more = [][]byte{der.Sequence(der.Int(1), d.sid, d.digest, d.sigAlg, der.Octets(make([]byte, 64)))}
	})
	add("SHA-256", "C3", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) { d.digest = algorithm(idSHA256) })
	add("SHA-256 listed", "C3", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) { d.digests = der.Set(algorithm(idSHA256)) })
	add("ECDSA", "C3", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) {
		d.sigAlg = algorithm(objectID{1, 2, 840, 10045, 4, 3, 2})
	})
	add("no messageDigest", "C4", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) { d.attrs = d.attrs[:2] })
	add("messageDigest twice", "C4", func(_ testing.TB, _ *kitBase, d *cmsDraft, h [32]byte) {
		d.attrs = append(d.attrs, attribute(idMessageDigest, der.Octets(h[:])))
	})
	add("messageDigest of two values", "C4", func(_ testing.TB, _ *kitBase, d *cmsDraft, h [32]byte) {
		d.attrs[2] = attribute(idMessageDigest, der.Octets(h[:]), der.Octets(make([]byte, 32)))
	})
	add("messageDigest of other bytes", "C4", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) {
		d.attrs = attributesOf(gm.SM3([]byte("other")))
	})
	add("no contentType", "C4", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) { d.attrs = d.attrs[1:] })
	add("contentType twice", "C4", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) { d.attrs = append(d.attrs, d.attrs[0]) })
	add("attributes replayed as content", "C5", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) { plain(d, der.Set(d.attrs...)) })
	add("certificate of another", "C6", func(_ testing.TB, b *kitBase, d *cmsDraft, _ [32]byte) {
		d.certs = der.TLV(0xa0, b.o.holder[b.seals%3].SignCert)
	})
	add("no certificate", "C6", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) { d.certs = nil })
	add("certificate swapped against its digest", "C6", func(t testing.TB, b *kitBase, d *cmsDraft, h [32]byte) {
		other := gm.SM3(b.o.holder[b.seals%3].SignCert)
		id := der.Sequence(der.Sequence(der.Sequence(algorithm(idSM3), der.Octets(other[:]))))
		d.attrs = attributesOf(h, attribute(objectID{1, 2, 840, 113549, 1, 9, 16, 2, 47}, id))
	})
	add("value of another key", "C7", func(_ testing.TB, b *kitBase, d *cmsDraft, _ [32]byte) { d.sign = b.o.holder[b.seals%3].SignKey.Sign })
	add("value is zero", "C7", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) {
		d.sign = func([]byte) ([]byte, error) { return make([]byte, 64), nil }
	})
	add("Z of another identifier", "C7", func(_ testing.TB, b *kitBase, d *cmsDraft, _ [32]byte) {
		key := b.o.holder[b.seals-1].SignKey
		d.sign = func(m []byte) ([]byte, error) { z := zOf("user", key.Public()); return key.SignDigest(gm.SM3(z[:], m)) }
	})
	add("element left over inside", "C1", func(_ testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) {
		d.outer = func(b []byte) []byte { return der.Sequence(append(pieces(b), der.Int(1))...) }
	})
	add("seventeen certificates", "C1", func(_ testing.TB, b *kitBase, d *cmsDraft, _ [32]byte) {
		var all [][]byte
		for range 17 {
			all = append(all, b.o.holder[b.seals-1].SignCert[:60])
		}
		d.certs = der.TLV(0xa0, all...)
	})
	add("of a stranger", "E8", func(t testing.TB, _ *kitBase, d *cmsDraft, _ [32]byte) {
		h := stranger(t)
		d.certs, d.sid, d.sign = der.TLV(0xa0, h.SignCert), issuerOf(t, h.SignCert), h.SignKey.Sign
	})
	return out
}

// stranger is a holder whose certificate nobody trusts.
func stranger(t testing.TB) *sealtest.Holder {
	t.Helper()
	h, err := foreignPKI(t).NewHolder("某单位", "李四", now.AddDate(-1, 0, 0), now.AddDate(2, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return h
}
