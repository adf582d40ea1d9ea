//go:build cgo

package pkcs11

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	p11 "github.com/miekg/pkcs11"

	"sealdesk/token"
)

// Doctor collects what a key says of itself, without a PIN and without changing anything. Single refusals become Problems; the
// error is for a key that cannot be reached at all.
func (p *Provider) Doctor(ctx context.Context, id token.ID) (Diagnosis, error) {
	return run(ctx, p, false, func(l *library) (Diagnosis, error) {
		s, err := p.find(l, id)
		if err != nil {
			return Diagnosis{}, err
		}
		d := Diagnosis{Module: p.m.path, Token: p.describe(s), Library: aboutLibrary(p.m.about), Flags: flagNames(s.token.Flags)}
		for _, step := range []func(*library, *slot, *Diagnosis) error{p.diagnoseMechanisms, p.diagnoseObjects, p.diagnoseWays} {
			err := p.m.judge(l, s, step(l, s, &d))
			switch {
			case ctx.Err() != nil:
				return d, ctx.Err()
			case s.gone:
				return d, err
			case err != nil:
				d.Problems = append(d.Problems, err.Error())
			}
		}
		return d, nil
	})
}

func aboutLibrary(i p11.Info) Library {
	return Library{
		Manufacturer: text([]byte(i.ManufacturerID)), Description: text([]byte(i.LibraryDescription)),
		Version:  fmt.Sprintf("%d.%d", i.LibraryVersion.Major, i.LibraryVersion.Minor),
		Cryptoki: fmt.Sprintf("%d.%d", i.CryptokiVersion.Major, i.CryptokiVersion.Minor),
	}
}

// tokenFlags are the flags of CK_TOKEN_INFO (PKCS#11 2.40, 3.2).
var tokenFlags = []struct {
	bit  uint
	name string
}{
	{0x1, "CKF_RNG"}, {0x2, "CKF_WRITE_PROTECTED"}, {0x4, "CKF_LOGIN_REQUIRED"}, {0x8, "CKF_USER_PIN_INITIALIZED"},
	{0x20, "CKF_RESTORE_KEY_NOT_NEEDED"}, {0x40, "CKF_CLOCK_ON_TOKEN"}, {0x100, "CKF_PROTECTED_AUTHENTICATION_PATH"},
	{0x200, "CKF_DUAL_CRYPTO_OPERATIONS"}, {0x400, "CKF_TOKEN_INITIALIZED"}, {0x800, "CKF_SECONDARY_AUTHENTICATION"},
	{0x10000, "CKF_USER_PIN_COUNT_LOW"}, {0x20000, "CKF_USER_PIN_FINAL_TRY"}, {0x40000, "CKF_USER_PIN_LOCKED"},
	{0x80000, "CKF_USER_PIN_TO_BE_CHANGED"}, {0x100000, "CKF_SO_PIN_COUNT_LOW"}, {0x200000, "CKF_SO_PIN_FINAL_TRY"},
	{0x400000, "CKF_SO_PIN_LOCKED"}, {0x800000, "CKF_SO_PIN_TO_BE_CHANGED"}, {0x1000000, "CKF_ERROR_STATE"},
}

func flagNames(flags uint) []string {
	names := []string{}
	for _, f := range tokenFlags {
		if flags&f.bit != 0 {
			names = append(names, f.name)
			flags &^= f.bit
		}
	}
	if flags != 0 {
		names = append(names, fmt.Sprintf("0x%X", flags))
	}
	return names
}

func (p *Provider) diagnoseMechanisms(l *library, s *slot, d *Diagnosis) error {
	d.Mechanisms = []Mechanism{}
	if len(s.subject.mechanisms) == 0 {
		d.Problems = append(d.Problems, "the mechanism list is empty")
	}
	for _, number := range s.subject.mechanisms {
		m := Mechanism{Number: fmt.Sprintf("0x%08X", number)}
		info, err := l.mechanismInfo(s.number, number)
		switch {
		case l.t.ctx.Err() != nil:
			return err
		case err != nil:
			d.Problems = append(d.Problems, m.Number+": "+err.Error())
		default:
			m.Flags, m.MinSize, m.MaxSize = fmt.Sprintf("0x%X", info.Flags), info.MinKeySize, info.MaxKeySize
		}
		d.Mechanisms = append(d.Mechanisms, m)
	}
	return nil
}

// diagnosed are the attributes that tell how a key stores things.
var diagnosed = []struct {
	kind uint
	name string
}{
	{p11.CKA_CLASS, "CKA_CLASS"}, {p11.CKA_LABEL, "CKA_LABEL"}, {p11.CKA_APPLICATION, "CKA_APPLICATION"}, {p11.CKA_ID, "CKA_ID"},
	{p11.CKA_PRIVATE, "CKA_PRIVATE"}, {p11.CKA_KEY_TYPE, "CKA_KEY_TYPE"}, {p11.CKA_CERTIFICATE_TYPE, "CKA_CERTIFICATE_TYPE"},
	{p11.CKA_SIGN, "CKA_SIGN"}, {p11.CKA_ALWAYS_AUTHENTICATE, "CKA_ALWAYS_AUTHENTICATE"}, {p11.CKA_EC_PARAMS, "CKA_EC_PARAMS"},
	{p11.CKA_EC_POINT, "CKA_EC_POINT"}, {p11.CKA_VALUE, "CKA_VALUE"},
}

// maxDiagnosed bounds the objects of a diagnosis.
const maxDiagnosed = 200

// diagnoseObjects reads what is visible without a PIN. Values of private keys are never asked for.
func (p *Provider) diagnoseObjects(l *library, s *slot, d *Diagnosis) error {
	d.Objects = []Attribute{}
	number := 0
	for _, class := range []uint{p11.CKO_CERTIFICATE, p11.CKO_PUBLIC_KEY, p11.CKO_PRIVATE_KEY, p11.CKO_DATA} {
		handles, err := l.find(s.session, class, nil)
		if err != nil {
			return err
		}
		for _, h := range handles {
			if number++; number > maxDiagnosed {
				return nil
			}
			for _, a := range diagnosed {
				if class == p11.CKO_PRIVATE_KEY && a.kind == p11.CKA_VALUE {
					continue
				}
				value, size, ok, err := l.attribute(s.session, h, a.kind, token.MaxObject)
				switch {
				case err != nil && (l.t.ctx.Err() != nil || hasCode(err, ckrDeviceRemoved, ckrSessionHandleInvalid)):
					return err
				case err != nil:
					d.Problems = append(d.Problems, fmt.Sprintf("object %d, %s: %v", number, a.name, err))
				case ok || size != absent:
					d.Objects = append(d.Objects, Attribute{Object: number, Name: a.name, Value: shown(value), Size: size})
				}
			}
		}
	}
	return nil
}

// shown gives a value as text where it is text, else as hexadecimal; long ones are cut.
func shown(b []byte) string {
	const most = 80
	if t := bytes.Trim(b, "\x00 "); len(t) > 1 && utf8.Valid(t) && text(t) == string(t) {
		return text(t[:min(len(t), most)])
	}
	if len(b) > most {
		return hex.EncodeToString(b[:most]) + "…"
	}
	return hex.EncodeToString(b)
}

// diagnoseWays tells how the key would be asked for a signature, and compares the public keys that it stores with its certificates.
func (p *Provider) diagnoseWays(l *library, s *slot, d *Diagnosis) error {
	d.Ways, d.PublicMatch = []string{}, []string{}
	c, ok := choose(s.subject, p.o.Profiles)
	if ok {
		d.Profile = c.Name
		for _, w := range c.ways {
			d.Ways = append(d.Ways, w.String())
		}
	}
	d.MayMakeSM2 = len(c.ways) > 0
	if !d.MayMakeSM2 {
		d.Problems = append(d.Problems, noMechanism(c, ok, s.subject).Error())
	}
	certs, err := l.certificates(s.session)
	if err != nil {
		return err
	}
	for i, cert := range certs {
		verdict, err := p.compare(l, s, cert, c.PubFrom)
		if err != nil {
			return err
		}
		d.PublicMatch = append(d.PublicMatch, fmt.Sprintf("certificate %d (CKA_ID %s): %s", i+1, shown(cert.id), verdict))
	}
	return nil
}

// compare looks whether the key's own public key is that of the certificate. Only a cross-check: the certificate's key is what
// signatures are verified with.
func (p *Provider) compare(l *library, s *slot, cert storedCertificate, places []PubKind) (string, error) {
	info, err := p.o.Crypto.Certificate(cert.der)
	switch {
	case err != nil:
		return "unreadable: " + err.Error(), nil
	case !info.SM2:
		return "no SM2 key", nil
	case len(cert.id) == 0:
		return "no CKA_ID, nothing to compare with", nil
	}
	points, err := l.publicPoints(s.session, cert.id, places)
	if err != nil {
		return "", err
	}
	for _, point := range points {
		if bytes.Equal(point, info.PublicPoint) {
			return "agrees with the key's public key", nil
		}
	}
	if len(points) == 0 {
		return "the key shows no public key", nil
	}
	return "differs from the key's public key", nil
}
