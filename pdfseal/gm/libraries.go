package gm

import (
	"bytes"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"

	"github.com/emmansun/gmsm/sm2"
	emmansun "github.com/emmansun/gmsm/smx509"
	tjfoc "github.com/tjfoc/gmsm/x509"
)

// reading is what a library makes of a certificate that it accepts.
type reading struct {
	tbs, spki []byte
	serial    *big.Int
	point     []byte // the key as an uncompressed point, nil where the library does not see an SM2 key
}

// askLibraries lets both libraries read what the walker has accepted. A
// refusal is a defect; a reading that differs from the walker's in the signed
// bytes, the serial number or the key makes the certificate unusable, since
// then nobody knows what it says.
func (c *Certificate) askLibraries() error {
	fingerprint := c.Fingerprint()
	refusals, known := opinions.get(fingerprint)
	if !known {
		var err error
		if refusals, err = c.opinions(); err != nil {
			return err
		}
		opinions.put(fingerprint, refusals)
	}
	c.Defects = append(c.Defects, refusals...)
	return nil
}

// opinions asks both libraries and answers one sentence for each refusal.
func (c *Certificate) opinions() (refusals []string, err error) {
	libraries := []struct {
		name string
		read func([]byte) (reading, error)
	}{
		{"tjfoc/gmsm", readFirst},
		{"emmansun/gmsm", readSecond},
	}
	for _, l := range libraries {
		r, err := guarded(l.read, c.Raw)
		if err != nil {
			refusals = append(refusals, l.name+" refuses it: "+shorten(clean(err.Error()), maxValueText))
			continue
		}
		if err := c.compare(r); err != nil {
			return nil, malformed("certificate", "%s reads it differently: %w", l.name, err)
		}
	}
	return refusals, nil
}

func (c *Certificate) compare(r reading) error {
	switch {
	case !bytes.Equal(r.tbs, c.RawTBS):
		return errors.New("signed bytes")
	case r.serial == nil || r.serial.Cmp(c.Serial) != 0:
		return errors.New("serial number")
	case !bytes.Equal(r.spki, c.RawSPKI), c.IsSM2 && r.point != nil && !bytes.Equal(r.point, c.Public.Point()):
		return errors.New("public key")
	}
	return nil
}

// guarded turns a panic of a library's parser into a refusal. The bytes are
// bounded in size and depth, so no parser can exhaust the stack.
func guarded(read func([]byte) (reading, error), b []byte) (r reading, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return read(b)
}

func readFirst(b []byte) (reading, error) {
	c, err := tjfoc.ParseCertificate(b)
	if err != nil {
		return reading{}, err
	}
	return reading{tbs: c.RawTBSCertificate, spki: c.RawSubjectPublicKeyInfo, serial: c.SerialNumber}, nil
}

func readSecond(b []byte) (reading, error) {
	c, err := emmansun.ParseCertificate(b)
	if err != nil {
		return reading{}, err
	}
	r := reading{tbs: c.RawTBSCertificate, spki: c.RawSubjectPublicKeyInfo, serial: c.SerialNumber}
	if k, ok := c.PublicKey.(*ecdsa.PublicKey); ok && sm2.IsSM2PublicKey(k) {
		point, err := sm2.PublicKeyToECDH(k)
		if err != nil {
			return reading{}, err
		}
		r.point = point.Bytes()
	}
	return r, nil
}
