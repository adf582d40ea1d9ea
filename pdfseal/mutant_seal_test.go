package pdfseal_test

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
)

// contained makes a seal with something else in its container, signed by its holder.
func contained(change func(t testing.TB, b *kitBase, p *sesParts)) func(testing.TB, *kitBase) []byte {
	return func(t testing.TB, b *kitBase) []byte {
		k := b.reseal(t)
		change(t, b, k.seal)
		return k.bytes()
	}
}

// pieces takes a SEQUENCE apart.
func pieces(b []byte) [][]byte {
	v, _, err := der.Parse(b)
	if err != nil {
		return nil
	}
	c, err := v.Children(64)
	if err != nil {
		return nil
	}
	var out [][]byte
	for _, x := range c {
		out = append(out, x.Full)
	}
	return out
}

// piece replaces the i-th element of a SEQUENCE.
func piece(i int, now []byte) func([]byte) []byte {
	return func(b []byte) []byte {
		all := pieces(b)
		all[i] = now
		return der.Sequence(all...)
	}
}

// withValue replaces the signature value of a SES_Signature by what how makes of it.
func withValue(how func(s gm.Signature) []byte) func(testing.TB, *kitBase, *sesParts) {
	return func(t testing.TB, _ *kitBase, p *sesParts) {
		p.der = func(b []byte) []byte {
			s, err := ses.ParseSignature(b)
			if err != nil {
				t.Fatal(err)
			}
			v, _, err := gm.ParseSignature(s.Value)
			if err != nil {
				t.Fatal(err)
			}
			return piece(3, der.Bits(how(v)))(b)
		}
	}
}

var curveN, _ = new(big.Int).SetString("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123", 16)

func numbersOf(s gm.Signature) (r, t *big.Int) {
	return new(big.Int).SetBytes(s.R[:]), new(big.Int).SetBytes(s.S[:])
}

// edge is a signature value of two numbers made of the right ones.
func edge(how func(r, s *big.Int) (*big.Int, *big.Int)) func(testing.TB, *kitBase, *sesParts) {
	return withValue(func(v gm.Signature) []byte {
		r, s := how(numbersOf(v))
		return der.Sequence(der.Big(r), der.Big(s))
	})
}

// otherSeal is a seal of the base's last holder that differs in what change alters.
func otherSeal(t testing.TB, b *kitBase, pki *sealtest.PKI, change func(*sealtest.SealSpec)) []byte {
	t.Helper()
	i := b.seals - 1
	old, err := ses.ParseSeal(b.o.seal[i])
	if err != nil {
		t.Fatal(err)
	}
	spec := sealtest.SealSpec{ID: old.ID, Name: old.Name, Type: 1, Picture: old.Picture.Data, PictureType: "PNG", WidthMM: 20, HeightMM: 20,
		ValidFrom: now.AddDate(-1, 0, 0), ValidTo: now.AddDate(2, 0, 0), Version: 4}
	if change != nil {
		change(&spec)
	}
	seal, err := pki.NewSeal(spec, b.o.holder[i])
	if err != nil {
		t.Fatal(err)
	}
	return seal
}

// use signs as another holder, with a seal that lists the certificate.
func (p *sesParts) use(t testing.TB, b *kitBase, h *sealtest.Holder) {
	t.Helper()
	c, o := *b, *b.o
	o.holder[b.seals-1] = h
	c.o = &o
	p.holder, p.seal = h, otherSeal(t, &c, o.pki, nil)
}

// sealPart alters one part of the seal without its maker.
func sealPart(alter func(seal *ses.Seal, all [][]byte) [][]byte) func(testing.TB, *kitBase, *sesParts) {
	return func(t testing.TB, _ *kitBase, p *sesParts) {
		s, err := ses.ParseSeal(p.seal)
		if err != nil {
			t.Fatal(err)
		}
		p.seal = der.Sequence(alter(s, pieces(p.seal))...)
	}
}

// sealInfo replaces bytes inside the part of the seal that its maker signed by others of the same length.
func sealInfo(old, now func(*ses.Seal) []byte) func(testing.TB, *kitBase, *sesParts) {
	return sealPart(func(s *ses.Seal, all [][]byte) [][]byte {
		all[0] = bytes.Replace(all[0], old(s), now(s), 1)
		return all
	})
}

func outerDER(how func([]byte) []byte) func(testing.TB, *kitBase, *sesParts) {
	return func(_ testing.TB, _ *kitBase, p *sesParts) { p.der = how }
}

// sealMutants are seals whose container is wrong; the file around it is in order.
func sealMutants() []mutantClass {
	var out []mutantClass
	add := func(name, want string, change func(testing.TB, *kitBase, *sesParts)) {
		out = append(out, mutantClass{"Seal", name, want, contained(change)})
	}
	add("hash of other bytes", "E3", func(_ testing.TB, _ *kitBase, p *sesParts) {
		p.hash = func(h [32]byte) [32]byte { h[31] ^= 1; return h }
	})
	add("names another range", "E4", func(_ testing.TB, _ *kitBase, p *sesParts) {
		p.info = func(string) string { return "ByteRange[0 1 2 3]" }
	})
	add("names no range", "E4", func(_ testing.TB, _ *kitBase, p *sesParts) { p.info = func(string) string { return "" } })
	add("value is zero", "C7", edge(func(r, s *big.Int) (*big.Int, *big.Int) { return new(big.Int), new(big.Int) }))
	add("r is zero", "C7", edge(func(r, s *big.Int) (*big.Int, *big.Int) { return new(big.Int), s }))
	add("s is zero", "C7", edge(func(r, s *big.Int) (*big.Int, *big.Int) { return r, new(big.Int) }))
	add("r is n", "C7", edge(func(r, s *big.Int) (*big.Int, *big.Int) { return curveN, s }))
	add("s is n", "C7", edge(func(r, s *big.Int) (*big.Int, *big.Int) { return r, curveN }))
	add("r + n", "C7", edge(func(r, s *big.Int) (*big.Int, *big.Int) { return new(big.Int).Add(r, curveN), s }))
	add("s + n", "C7", edge(func(r, s *big.Int) (*big.Int, *big.Int) { return r, new(big.Int).Add(s, curveN) }))
	add("n - s", "C7", edge(func(r, s *big.Int) (*big.Int, *big.Int) { return r, new(big.Int).Sub(curveN, s) }))
	add("r + s is n", "C7", edge(func(r, s *big.Int) (*big.Int, *big.Int) { return r, new(big.Int).Sub(curveN, r) }))
	add("r and s exchanged", "C7", edge(func(r, s *big.Int) (*big.Int, *big.Int) { return s, r }))
	add("negative s", "C7", edge(func(r, s *big.Int) (*big.Int, *big.Int) { return r, new(big.Int).Neg(s) }))
	add("raw value of 64 bytes", "C7", withValue(func(s gm.Signature) []byte { return s.Raw() }))
	add("raw value of 65 bytes", "C7", withValue(func(s gm.Signature) []byte { return append(s.Raw(), 0) }))
	add("bytes behind the value", "C7", withValue(func(s gm.Signature) []byte { return append(s.DER(), 0) }))
	add("third number in the value", "C7", withValue(func(s gm.Signature) []byte {
		return der.Sequence(append(pieces(s.DER()), der.Int(1))...)
	}))
	add("no value", "C7", withValue(func(gm.Signature) []byte { return nil }))
	add("Z of another identifier", "C7", func(_ testing.TB, _ *kitBase, p *sesParts) {
		p.value = func(m []byte) ([]byte, error) {
			z := zOf("ALICE123@YAHOO.COM", p.holder.SignKey.Public())
			return p.holder.SignKey.SignDigest(gm.SM3(z[:], m))
		}
	})
	add("no Z", "C7", func(_ testing.TB, _ *kitBase, p *sesParts) {
		p.value = func(m []byte) ([]byte, error) { return p.holder.SignKey.SignDigest(gm.SM3(m)) }
	})
	add("signed by another key", "C7", func(_ testing.TB, b *kitBase, p *sesParts) {
		p.value = b.o.holder[b.seals%3].SignKey.Sign
	})
	add("signed by another holder", "E2", func(_ testing.TB, b *kitBase, p *sesParts) { p.holder = b.o.holder[b.seals%3] })
	add("another certificate for the same key", "E2", func(t testing.TB, b *kitBase, p *sesParts) { p.cert = b.o.again(t, p.holder, nil) })
	add("signed by the encryption key", "E2", func(_ testing.TB, _ *kitBase, p *sesParts) {
		h := *p.holder
		h.SignKey, h.SignCert = h.EncKey, h.EncCert
		p.holder = &h
	})
	add("TBS_Sign of a seal in another document", "E3", func(t testing.TB, b *kitBase, p *sesParts) {
		other := b.o.affix(t, document(a4, a4), b.seals-1, kitMarks(0, 1)...)
		p.der = func([]byte) []byte { d, _, _ := contents(t, other); return d }
	})
	add("another seal put in unsigned", "C7", func(t testing.TB, b *kitBase, p *sesParts) {
		p.der = func(d []byte) []byte {
			all := pieces(d)
			all[0] = piece(1, b.o.seal[b.seals%3])(all[0])
			return der.Sequence(all...)
		}
	})
	add("another unit's seal", "E2", func(_ testing.TB, b *kitBase, p *sesParts) { p.seal = b.o.seal[b.seals%3] })
	add("self-made seal, genuine picture", "T1", func(t testing.TB, b *kitBase, p *sesParts) { p.seal = otherSeal(t, b, foreignPKI(t), nil) })
	add("picture of the seal swapped unsigned", "E1", sealInfo(func(s *ses.Seal) []byte { return s.Picture.Data[40:50] }, func(*ses.Seal) []byte { return make([]byte, 10) }))
	add("signer list of the seal changed", "E1", sealInfo(func(s *ses.Seal) []byte { return s.Certs[0] }, func(s *ses.Seal) []byte { return flipLast(s.Certs[0]) }))
	add("name of the seal changed", "E1", sealInfo(func(s *ses.Seal) []byte { return []byte(s.Name) }, func(s *ses.Seal) []byte { return []byte("另" + s.Name[3:]) }))
	add("maker's value of another seal", "E1", func(t testing.TB, b *kitBase, p *sesParts) {
		v := pieces(b.o.seal[b.seals%3])[3]
		sealPart(func(_ *ses.Seal, all [][]byte) [][]byte { all[3] = v; return all })(t, b, p)
	})
	add("maker's certificate swapped", "E1", sealPart(func(_ *ses.Seal, all [][]byte) [][]byte {
		o, _ := theOffice()
		all[1] = der.Octets(o.pki.SignerCACert)
		return all
	}))
	add("seal made by one who may seal", "T1", func(t testing.TB, b *kitBase, p *sesParts) { p.seal = madeBy(t, b, b.o.holder[2]) })
	add("seal of another picture", "E5", func(t testing.TB, b *kitBase, p *sesParts) {
		p.seal = otherSeal(t, b, b.o.pki, func(s *sealtest.SealSpec) { s.Picture = sealtest.SquarePicture(31) })
	})
	add("seal of another size", "E5|I5", func(t testing.TB, b *kitBase, p *sesParts) {
		p.seal = otherSeal(t, b, b.o.pki, func(s *sealtest.SealSpec) { s.WidthMM = 30 })
	})
	add("picture that is none", "E6", func(t testing.TB, b *kitBase, p *sesParts) {
		p.seal = otherSeal(t, b, b.o.pki, func(s *sealtest.SealSpec) { s.Picture = []byte("<svg onload='alert(1)'/>") })
	})
	add("picture of another type than stated", "E6", func(t testing.TB, b *kitBase, p *sesParts) {
		p.seal = otherSeal(t, b, b.o.pki, func(s *sealtest.SealSpec) { s.PictureType = "GIF" })
	})
	add("picture of type ofd", "E6", func(t testing.TB, b *kitBase, p *sesParts) {
		p.seal = otherSeal(t, b, b.o.pki, func(s *sealtest.SealSpec) { s.PictureType = "ofd" })
	})
	add("seal not yet valid", "E7", func(t testing.TB, b *kitBase, p *sesParts) {
		p.seal = otherSeal(t, b, b.o.pki, func(s *sealtest.SealSpec) { s.ValidFrom = now.AddDate(0, 1, 0) })
	})
	add("seal expired", "E7", func(t testing.TB, b *kitBase, p *sesParts) {
		p.seal = otherSeal(t, b, b.o.pki, func(s *sealtest.SealSpec) { s.ValidTo = now.AddDate(0, -1, 0) })
	})
	add("time before the certificate", "T3", func(_ testing.TB, _ *kitBase, p *sesParts) { p.at = now.AddDate(-1, 0, -2) })
	add("time in the future", "T3", func(_ testing.TB, _ *kitBase, p *sesParts) { p.at = now.Add(48 * time.Hour) })
	add("certificate for encryption", "T2", func(t testing.TB, b *kitBase, p *sesParts) {
		p.use(t, b, &sealtest.Holder{SignCert: p.holder.EncCert, SignKey: p.holder.EncKey})
	})
	add("certificate of an authority", "T2", func(t testing.TB, b *kitBase, p *sesParts) {
		cert := b.o.again(t, p.holder, func(c *gm.CertificateTemplate) { c.IsCA = true; c.KeyUsage |= gm.KeyUsageKeyCertSign })
		p.use(t, b, &sealtest.Holder{SignCert: cert, SignKey: p.holder.SignKey})
	})
	add("certificate expired", "T3", func(t testing.TB, b *kitBase, p *sesParts) {
		cert := b.o.again(t, p.holder, func(c *gm.CertificateTemplate) { c.NotAfter = now.AddDate(0, -1, 0) })
		p.use(t, b, &sealtest.Holder{SignCert: cert, SignKey: p.holder.SignKey})
	})
	add("certificate of a stranger", "T1", func(t testing.TB, b *kitBase, p *sesParts) { p.use(t, b, stranger(t)) })
	add("SHA-256 named", "E8", outerDER(piece(2, der.OID(asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}))))
	add("another name of SM2 with SM3", "E8", outerDER(piece(2, der.OID(asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301}))))
	add("element left over inside", "E8", outerDER(func(b []byte) []byte { return der.Sequence(append(pieces(b), der.Int(1))...) }))
	add("element missing", "E8", outerDER(func(b []byte) []byte { return der.Sequence(pieces(b)[:3]...) }))
	add("element left over in TBS_Sign", "E8", func(_ testing.TB, _ *kitBase, p *sesParts) {
		p.der = func(b []byte) []byte {
			all := pieces(b)
			all[0] = der.Sequence(append(pieces(all[0]), der.Int(1))...)
			return der.Sequence(all...)
		}
	})
	add("time of the other version's type", "E8", func(_ testing.TB, _ *kitBase, p *sesParts) {
		p.der = func(b []byte) []byte {
			all := pieces(b)
			all[0] = piece(2, der.Bits([]byte("20261123070200Z")))(all[0])
			return der.Sequence(all...)
		}
	})
	add("hash of 31 bytes", "E3", func(t testing.TB, b *kitBase, p *sesParts) {
		p.der = func(d []byte) []byte {
			all := pieces(d)
			all[0] = piece(3, der.Bits(make([]byte, 31)))(all[0])
			return der.Sequence(all...)
		}
	})
	add("neither seal nor CMS", "E8", outerDER(func([]byte) []byte { return der.Sequence(der.Int(1), der.Int(2)) }))
	add("certificate that is none", "C7", outerDER(piece(1, der.Octets([]byte("certificate")))))
	return append(out,
		stamped("timestamp of another signature", "T5", func(t testing.TB, b *kitBase, _ []byte) []byte {
			return issueToken(t, b.o, []byte("another signature"))
		}),
		stamped("timestamp of an algorithm that is not known", "T5", func(t testing.TB, b *kitBase, value []byte) []byte {
			return bytes.Replace(issueToken(t, b.o, value), der.OID(asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 401}), der.OID(asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 402}), 1)
		}))
}

// stamped makes a seal with a timestamp, which nothing but its authority has signed.
func stamped(name, want string, token func(t testing.TB, b *kitBase, value []byte) []byte) mutantClass {
	return mutantClass{"Seal", name, want, func(t testing.TB, b *kitBase) []byte {
		k := b.reseal(t)
		k.Sig.Reserve += 2 * len(token(t, b, []byte("a value")))
		k.seal.der = func(d []byte) []byte {
			s, err := ses.ParseSignature(d)
			if err != nil {
				t.Fatal(err)
			}
			out, err := ses.AddTimestamp(d, token(t, b, s.Value))
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		return k.bytes()
	}}
}
