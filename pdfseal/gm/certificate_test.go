package gm

import (
	"bytes"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/internal/der"
)

// parts are the pieces of a certificate that a test may exchange before it is signed.
type parts struct {
	version, serial, alg, issuer, validity, subject, spki []byte
	ext                                                   [][]byte // nil: no extensions
	tail                                                  [][]byte // after the extensions
	outerAlg                                              []byte
	after                                                 []byte // inside the outermost SEQUENCE
}

func extension(id []byte, critical, value []byte) []byte {
	return der.Sequence(id, critical, der.Octets(value))
}

// craft signs a certificate with the authority's key after change has had its way.
func craft(t testing.TB, change func(p *parts)) []byte {
	t.Helper()
	h := newHierarchy(t)
	p := parts{version: der.Explicit(0, der.Int(2)), serial: der.Int(4711), alg: signatureAlgorithm(), issuer: h.ca.RawSubject,
		validity: der.Sequence(encodeTime(from), encodeTime(until)), subject: leafTemplate().name(), spki: spki(h.key.Public()),
		ext: [][]byte{
			extension(der.OID(oidKeyUsage), der.Bool(true), encodeKeyUsage(KeyUsageDigitalSignature)),
			extension(der.OID(oidBasicConstraints), nil, der.Sequence()),
		}, outerAlg: signatureAlgorithm()}
	change(&p)
	var ext []byte
	if p.ext != nil {
		ext = der.Explicit(3, der.Sequence(p.ext...))
	}
	tbs := der.Sequence(append([][]byte{p.version, p.serial, p.alg, p.issuer, p.validity, p.subject, p.spki, ext}, p.tail...)...)
	sig, err := h.caKey.Sign(tbs)
	if err != nil {
		t.Fatal(err)
	}
	return der.Sequence(tbs, p.outerAlg, der.Bits(sig), p.after)
}

func algNull() []byte { return der.Sequence(der.OID(OIDSM2WithSM3), der.Null()) }

// TestParseCertificate_oddOnesStillVerify lists what issuers in the field
// write. Each is read, its key checks signatures, and the oddity is named.
func TestParseCertificate_oddOnesStillVerify(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(p *parts)
		defect string // part of one defect; "" = none
	}{
		{"plain", func(*parts) {}, ""},
		{"NULL parameters", func(p *parts) { p.alg, p.outerAlg = algNull(), algNull() }, ""},
		{"NULL inside only", func(p *parts) { p.alg = algNull() }, "NULL parameters"},
		{"critical EKU", func(p *parts) {
			p.ext = append(p.ext, extension(der.OID(oidExtKeyUsage), der.Bool(true), der.Sequence(der.OID([]int{1, 3, 6, 1, 5, 5, 7, 3, 8}))))
		}, "extended key usage is critical"},
		{"SAN that is no sequence", func(p *parts) {
			p.ext = append(p.ext, extension(der.OID(oidSubjectAltName), nil, der.Octets([]byte("x"))))
		}, "tjfoc/gmsm refuses it: asn1: structure error: bad SAN sequence"},
		{"SAN with trailing bytes", func(p *parts) {
			p.ext = append(p.ext, extension(der.OID(oidSubjectAltName), nil, append(der.Sequence(der.TLV(0x82, []byte("a.cn"))), 5, 0)))
		}, "subject alternative name: not DER"},
		{"SAN with Chinese text", func(p *parts) {
			p.ext = append(p.ext, extension(der.OID(oidSubjectAltName), nil, der.Sequence(der.TLV(0x82, []byte("示范")))))
		}, "not ASCII"},
		{"IA5String with Chinese text", func(p *parts) {
			p.subject = der.Sequence(der.Set(der.Sequence(der.OID(oidCommonName), der.Text(der.TagIA5String, "示范旗"))))
		}, "subject name"},
		{"GB 18030 in PrintableString", func(p *parts) {
			p.subject = der.Sequence(der.Set(der.Sequence(der.OID(oidCommonName), der.Text(der.TagPrintableString, "\xca\xbe\xb7\xb6"))))
		}, "subject name"},
		{"serial zero", func(p *parts) { p.serial = der.Int(0) }, "not positive"},
		{"serial negative", func(p *parts) { p.serial = der.Int(-5) }, "not positive"},
		{"serial of 32 bytes", func(p *parts) { p.serial = der.Big(new(big.Int).Lsh(big.NewInt(1), 250)) }, "longer than 20 bytes"},
		{"GeneralizedTime early", func(p *parts) { p.validity = der.Sequence(der.GeneralizedTime(from), encodeTime(until)) }, "GeneralizedTime"},
		{"validity backwards", func(p *parts) { p.validity = der.Sequence(encodeTime(until), encodeTime(from)) }, "ends before"},
		{"FALSE spelled out", func(p *parts) { p.ext[0] = extension(der.OID(oidKeyUsage), der.Bool(false), encodeKeyUsage(3)) }, "FALSE"},
		{"cA FALSE spelled out", func(p *parts) {
			p.ext[1] = extension(der.OID(oidBasicConstraints), nil, der.Sequence(der.Bool(false)))
		}, "basic constraints"},
		{"key usage not minimal", func(p *parts) {
			p.ext[0] = extension(der.OID(oidKeyUsage), der.Bool(true), []byte{3, 2, 0, 0xc0})
		}, "minimal"},
		{"unknown critical", func(p *parts) {
			p.ext = append(p.ext, extension(der.OID([]int{1, 2, 3, 4}), der.Bool(true), der.Null()))
		}, "1.2.3.4 is not evaluated"},
		{"critical identity number", func(p *parts) {
			p.ext = append(p.ext, extension(der.OID([]int{1, 2, 156, 10260, 4, 1, 4}), der.Bool(true), []byte("91150000")))
		}, ""},
		{"huge arc", func(p *parts) {
			p.ext = append(p.ext, extension(der.TLV(der.TagOID, append([]byte{0x69}, append(bytes.Repeat([]byte{0xff}, 18), 0x7f)...)), nil, der.Null()))
		}, ""},
		{"unreadable SKI", func(p *parts) { p.ext = append(p.ext, extension(der.OID(oidSubjectKeyID), nil, der.Null())) }, "subject key identifier"},
		{"unique identifiers", func(p *parts) {
			p.spki = append(p.spki, der.TLV(0x81, []byte{0, 1})...)
		}, "unique identifiers"},
		{"empty subject", func(p *parts) { p.subject = der.Sequence() }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := craft(t, c.change)
			cert, err := ParseCertificate(b)
			if err != nil {
				t.Fatal(err)
			}
			h := newHierarchy(t)
			if !cert.IsSM2 || cert.Public != h.key.Public() {
				t.Error("the key is not read")
			}
			if err := cert.CheckSignatureFrom(h.ca); err != nil {
				t.Error(err)
			}
			all := strings.Join(cert.Defects, "; ")
			if c.defect != "" && !strings.Contains(all, c.defect) {
				t.Errorf("defects %q, want %q", all, c.defect)
			}
			own := 0
			for _, d := range cert.Defects {
				if !strings.Contains(d, "refuses it") {
					own++
				}
			}
			if c.defect == "" && own > 0 {
				t.Errorf("defects %q", all)
			}
		})
	}
}

// TestParseCertificate_refuses lists what makes a certificate unreadable.
func TestParseCertificate_refuses(t *testing.T) {
	good := craft(t, func(*parts) {})
	deep := der.Null()
	for range 30 {
		deep = der.Sequence(deep)
	}
	cases := map[string][]byte{
		"empty": nil, "two bytes of 30 84": {0x30, 0x84}, "1f 80": {0x1f, 0x80},
		"truncated": good[:len(good)-1], "byte after": append(bytes.Clone(good), 0),
		"nested indefinite": bytes.Repeat([]byte{0x30, 0x80}, 20_000),
		"too large":         make([]byte, MaxCertificate+1),
		"element left over": craft(t, func(p *parts) { p.after = der.Null() }),
		"left over in TBS":  craft(t, func(p *parts) { p.tail = [][]byte{der.Null()} }),
		"deep name": craft(t, func(p *parts) {
			p.subject = der.Sequence(der.Set(der.Sequence(der.OID(oidCommonName), deep)))
		}),
		"extension twice":   craft(t, func(p *parts) { p.ext = append(p.ext, p.ext[0]) }),
		"no extensions":     craft(t, func(p *parts) { p.ext = [][]byte{} }),
		"v1 with ext":       craft(t, func(p *parts) { p.version = nil }),
		"version 4":         craft(t, func(p *parts) { p.version = der.Explicit(0, der.Int(3)) }),
		"algorithm differs": craft(t, func(p *parts) { p.alg = der.Sequence(der.OID(oidSM2)) }),
		"parameter differs": craft(t, func(p *parts) { p.alg = der.Sequence(der.OID(OIDSM2WithSM3), der.Int(1)) }),
		"key usage unused bit set": craft(t, func(p *parts) {
			p.ext[0] = extension(der.OID(oidKeyUsage), der.Bool(true), []byte{3, 2, 5, 0xd0})
		}),
		"key usage is an octet string": craft(t, func(p *parts) {
			p.ext[0] = extension(der.OID(oidKeyUsage), der.Bool(true), []byte{4, 2, 6, 0xc0})
		}),
		"path length of a leaf": craft(t, func(p *parts) { p.ext[1] = extension(der.OID(oidBasicConstraints), nil, der.Sequence(der.Int(0))) }),
		"third basic constraint": craft(t, func(p *parts) {
			p.ext[1] = extension(der.OID(oidBasicConstraints), nil, der.Sequence(der.Bool(true), der.Int(0), der.Int(0)))
		}),
		"empty EKU":     craft(t, func(p *parts) { p.ext = append(p.ext, extension(der.OID(oidExtKeyUsage), nil, der.Sequence())) }),
		"boolean of 01": craft(t, func(p *parts) { p.ext[0] = extension(der.OID(oidKeyUsage), []byte{1, 1, 1}, encodeKeyUsage(3)) }),
		"identifier not minimal": craft(t, func(p *parts) {
			p.ext = append(p.ext, extension(der.TLV(der.TagOID, []byte{0x55, 0x1d, 0x80, 0x0f}), nil, der.Null()))
		}),
		"serial not minimal":   craft(t, func(p *parts) { p.serial = []byte{2, 2, 0, 1} }),
		"time without seconds": craft(t, func(p *parts) { p.validity = der.Sequence(der.Text(der.TagUTCTime, "2501010000Z"), encodeTime(until)) }),
		"time with zone": craft(t, func(p *parts) {
			p.validity = der.Sequence(der.Text(der.TagUTCTime, "250101000000+0800"), encodeTime(until))
		}),
		"name is a set": craft(t, func(p *parts) { p.subject = der.Set() }),
		"key with unused bits": craft(t, func(p *parts) {
			p.spki = der.Sequence(der.Sequence(der.OID(oidECPublicKey), der.OID(oidSM2)), der.TLV(der.TagBitString, []byte{1}, fixedKey(t, "leaf").Public().Point()))
		}),
	}
	for name, b := range cases {
		var format *FormatError
		if c, err := ParseCertificate(b); !errors.As(err, &format) || c != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseCertificate_badPointIsNoKey(t *testing.T) {
	point := fixedKey(t, "leaf").Public().Point()
	point[64] ^= 1
	c := parse(t, craft(t, func(p *parts) {
		p.spki = der.Sequence(der.Sequence(der.OID(oidECPublicKey), der.OID(oidSM2)), der.Bits(point))
	}))
	if c.IsSM2 || c.Public != (PublicKey{}) || !strings.Contains(strings.Join(c.Defects, "; "), "not on the SM2 curve") {
		t.Errorf("%v %q", c.IsSM2, c.Defects)
	}
	if err := newHierarchy(t).leaf.CheckSignatureFrom(c); !errors.Is(err, ErrUnsupported) {
		t.Errorf("as issuer: %v", err)
	}
}

func TestParseCertificate_keyOfAnotherCurve(t *testing.T) {
	c := parse(t, craft(t, func(p *parts) {
		p.spki = der.Sequence(der.Sequence(der.OID(oidECPublicKey), der.OID([]int{1, 2, 840, 10045, 3, 1, 7})), der.Bits(fixedKey(t, "leaf").Public().Point()))
	}))
	if c.IsSM2 {
		t.Error("a key of another curve counts as SM2")
	}
}

func TestCheckSignatureFrom_refuses(t *testing.T) {
	h := newHierarchy(t)
	other := create(t, caTemplate(), fixedKey(t, "other").Public(), nil, fixedKey(t, "other"))
	if err := h.leaf.CheckSignatureFrom(other); !errors.Is(err, ErrSignature) {
		t.Errorf("another key: %v", err)
	}
	if err := h.leaf.CheckSignatureFrom(nil); !errors.Is(err, ErrUnsupported) {
		t.Errorf("no issuer: %v", err)
	}
	alien := parse(t, craft(t, func(p *parts) { p.alg = der.Sequence(der.OID([]int{1, 2, 840, 10045, 4, 3, 2})); p.outerAlg = p.alg }))
	if err := alien.CheckSignatureFrom(h.ca); !errors.Is(err, ErrUnsupported) {
		t.Errorf("another algorithm: %v", err)
	}
	odd := parse(t, craft(t, func(p *parts) { p.alg = der.Sequence(der.OID(OIDSM2WithSM3), der.Int(1)); p.outerAlg = p.alg }))
	var format *FormatError
	if err := odd.CheckSignatureFrom(h.ca); !errors.As(err, &format) {
		t.Errorf("odd parameters: %v", err)
	}
	s, _, err := ParseSignature(h.leaf.Signature)
	if err != nil {
		t.Fatal(err)
	}
	raw := parse(t, der.Sequence(h.leaf.RawTBS, signatureAlgorithm(), der.Bits(s.Raw())))
	if err := raw.CheckSignatureFrom(h.ca); !errors.As(err, &format) {
		t.Errorf("raw value: %v", err)
	}
	tbs := bytes.Replace(h.leaf.RawTBS, []byte("示范旗"), []byte("示范市"), 1)
	changed := parse(t, der.Sequence(tbs, signatureAlgorithm(), der.Bits(h.leaf.Signature)))
	if err := changed.CheckSignatureFrom(h.ca); !errors.Is(err, ErrSignature) {
		t.Errorf("changed: %v", err)
	}
}

func TestCertificate_fields(t *testing.T) {
	h := newHierarchy(t)
	c := h.leaf
	if want := "CN=示范旗人民政府, OU=保管人, O=示范旗人民政府, L=示范旗, ST=内蒙古自治区, C=CN"; c.Subject != want {
		t.Errorf("subject %s", c.Subject)
	}
	if c.Issuer != h.ca.Subject || c.SubjectCN != "示范旗人民政府" || c.SubjectO != "示范旗人民政府" {
		t.Errorf("%s, %s, %s", c.Issuer, c.SubjectCN, c.SubjectO)
	}
	if !c.NotBefore.Equal(from) || !c.NotAfter.Equal(until) || c.IsCA || c.MaxPathLen != -1 || !c.HasKeyUsage ||
		c.KeyUsage != KeyUsageDigitalSignature|KeyUsageNonRepudiation || !c.CanSign() || len(c.Defects) != 0 {
		t.Errorf("%+v", c)
	}
	if !bytes.Equal(c.AuthorityKeyID, h.ca.SubjectKeyID) || len(c.SubjectKeyID) != 20 || c.Fingerprint() != SM3(c.Raw) {
		t.Error("identifiers")
	}
	if !h.ca.IsCA || h.ca.MaxPathLen != 0 || h.ca.CanSign() {
		t.Errorf("authority: %+v", h.ca)
	}
	if err := h.ca.CheckSignatureFrom(h.ca); err != nil {
		t.Errorf("self-signed: %v", err)
	}
}

func TestCanSign_byUsage(t *testing.T) {
	k := fixedKey(t, "leaf")
	for _, c := range []struct {
		usage KeyUsage
		ca    bool
		want  bool
	}{
		{0, false, false}, {KeyUsageDigitalSignature, false, true}, {KeyUsageNonRepudiation, false, true},
		{KeyUsageKeyEncipherment | KeyUsageDataEncipherment | KeyUsageKeyAgreement, false, false},
		{KeyUsageDigitalSignature | KeyUsageKeyEncipherment, false, true}, {KeyUsageDigitalSignature, true, false},
		{KeyUsageDecipherOnly, false, false},
	} {
		tpl := leafTemplate()
		tpl.KeyUsage, tpl.IsCA = c.usage, c.ca
		cert := create(t, tpl, k.Public(), nil, k)
		if cert.CanSign() != c.want || cert.KeyUsage != c.usage || cert.HasKeyUsage != (c.usage != 0) {
			t.Errorf("%+v: %v, usage %b", c, cert.CanSign(), cert.KeyUsage)
		}
	}
}

func TestName_cannotDeceive(t *testing.T) {
	for _, c := range []struct{ cn, subject, bare string }{
		{"甲\u202e乙\u0000丙\n", "CN=甲乙丙", "甲乙丙"},
		{"甲, O=国务院", `CN=甲\, O\=国务院`, "甲, O=国务院"},
		{"ᠮᠣᠩᠭᠣᠯ\u180e\u202f", "CN=ᠮᠣᠩᠭᠣᠯ\u180e\u202f", "ᠮᠣᠩᠭᠣᠯ\u180e\u202f"},
		{strings.Repeat("长", 5000), "CN=" + strings.Repeat("长", 255) + "…", strings.Repeat("长", 255) + "…"},
		{"a\u2028b\u2066c", "CN=abc", "abc"},
	} {
		cert := parse(t, craft(t, func(p *parts) { p.subject = CertificateTemplate{CommonName: c.cn}.name() }))
		if cert.Subject != c.subject || cert.SubjectCN != c.bare {
			t.Errorf("%.40q: %.60q, %.60q", c.cn, cert.Subject, cert.SubjectCN)
		}
	}
}

func TestName_everyStringType(t *testing.T) {
	for _, c := range []struct {
		tag  int
		b    string
		want string
	}{
		{30, "\x79\x3a\x83\x03", "示范"}, {28, "\x00\x00\x79\x3a", "示"}, {20, "示", "示"}, {20, "\xe9", "é"}, {18, "12", "12"}, {26, "a", "a"},
		{12, "\xff", "\uFFFD"}, {4, "\xab", "#ab"}, {30, "\x79", ""},
	} {
		cert := parse(t, craft(t, func(p *parts) {
			p.subject = der.Sequence(der.Set(der.Sequence(der.OID(oidCommonName), der.TLV(byte(c.tag), []byte(c.b)))))
		}))
		if cert.SubjectCN != c.want {
			t.Errorf("type %d: %q", c.tag, cert.SubjectCN)
		}
	}
}

func TestCreateCertificate_refuses(t *testing.T) {
	h := newHierarchy(t)
	minus := -1
	for name, change := range map[string]func(tpl *CertificateTemplate, pub *PublicKey, issuer **Certificate, key **PrivateKey){
		"no key":      func(_ *CertificateTemplate, _ *PublicKey, _ **Certificate, key **PrivateKey) { *key = nil },
		"foreign key": func(_ *CertificateTemplate, _ *PublicKey, _ **Certificate, key **PrivateKey) { *key = h.key },
		"self-signed by another": func(_ *CertificateTemplate, _ *PublicKey, issuer **Certificate, _ **PrivateKey) {
			*issuer = nil
		},
		"zero key": func(_ *CertificateTemplate, pub *PublicKey, _ **Certificate, _ **PrivateKey) { *pub = PublicKey{} },
		"no name":  func(tpl *CertificateTemplate, _ *PublicKey, _ **Certificate, _ **PrivateKey) { tpl.CommonName = "" },
		"backwards": func(tpl *CertificateTemplate, _ *PublicKey, _ **Certificate, _ **PrivateKey) {
			tpl.NotAfter = from.Add(-1)
		},
		"negative serial": func(tpl *CertificateTemplate, _ *PublicKey, _ **Certificate, _ **PrivateKey) {
			tpl.Serial = big.NewInt(-1)
		},
		"negative length": func(tpl *CertificateTemplate, _ *PublicKey, _ **Certificate, _ **PrivateKey) {
			tpl.IsCA, tpl.PathLen = true, &minus
		},
		"extension twice": func(tpl *CertificateTemplate, _ *PublicKey, _ **Certificate, _ **PrivateKey) {
			tpl.Extensions = []Extension{{ID: oidKeyUsage, Value: encodeKeyUsage(1)}}
		},
	} {
		tpl, pub, issuer, key := leafTemplate(), h.key.Public(), h.ca, h.caKey
		change(&tpl, &pub, &issuer, &key)
		if _, err := CreateCertificate(tpl, pub, issuer, key); err == nil {
			t.Errorf("%s: a certificate was made", name)
		}
	}
}

func TestCreateCertificate_timesBeyond2049(t *testing.T) {
	k, tpl := fixedKey(t, "leaf"), leafTemplate()
	tpl.NotAfter = time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)
	if c := create(t, tpl, k.Public(), nil, k); !c.NotAfter.Equal(tpl.NotAfter) || len(c.Defects) != 0 {
		t.Errorf("%v %q", c.NotAfter, c.Defects)
	}
}
