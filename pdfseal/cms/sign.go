package cms

import (
	"bytes"
	"context"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// Key signs with SM2. Its method set is that of pdfseal.Signer.
type Key interface {
	// Certificate is the signing certificate, DER.
	Certificate() []byte
	// SignSM2 signs the message m itself with e = SM3(Z‖m), default user ID.
	SignSM2(ctx context.Context, m []byte) ([]byte, error)
}

// SignOptions says what Sign writes besides content and signature.
type SignOptions struct {
	Time         time.Time             // signingTime, cut to the second; required
	ContentType  asn1.ObjectIdentifier // nil: data of GM/T 0010
	Detached     bool                  // the content is signed and left out
	Certificates [][]byte              // DER, besides the signer's
}

// Sign writes a SignedData of GM/T 0010-2012 (GB/T 35275-2017) over content in
// strict DER, with the attributes contentType, messageDigest, signingTime and
// signingCertificateV2 by SM3 (rule W6; shape A). The result has been read
// back and verified, so that a key that does not belong to its certificate is
// found here. Errors wrap those of the key and those of Parse and Verify.
func Sign(ctx context.Context, content []byte, key Key, o SignOptions) ([]byte, error) {
	out, err := o.sign(ctx, content, key)
	if err != nil {
		return nil, fmt.Errorf("cms: sign: %w", err)
	}
	return out, nil
}

func (o SignOptions) sign(ctx context.Context, content []byte, key Key) ([]byte, error) {
	if o.ContentType == nil {
		o.ContentType = oidDataGM
	}
	cert := key.Certificate()
	issuer, serial, ok := issuerAndSerial(cert)
	if !ok {
		return nil, errors.New("the key's certificate cannot be read")
	}
	attrs, err := o.attributes(content, cert)
	if err != nil {
		return nil, err
	}
	value, err := key.SignSM2(ctx, der.Set(attrs...))
	if err != nil {
		return nil, err
	}
	sig, _, err := gm.ParseSignature(value)
	if err != nil {
		return nil, err
	}
	sm3 := der.Sequence(der.OID(oidSM3), der.Null())
	info := der.Sequence(der.Int(1), der.Sequence(issuer, der.Big(serial)), sm3, der.TLV(0xa0, attrs...),
		der.Sequence(der.OID(oidSM2Sign), der.Null()), der.Octets(sig.DER()))
	inner := [][]byte{der.OID(o.ContentType)}
	if !o.Detached {
		inner = append(inner, der.Explicit(0, der.Octets(content)))
	}
	out := der.Sequence(der.OID(oidSignedDataGM), der.Explicit(0, der.Sequence(
		der.Int(1), der.Set(sm3), der.Sequence(inner...), der.TLV(0xa0, o.certificates(cert)...), der.Set(info))))
	return out, o.readBack(out, content)
}

// attributes are those of rule W6 in the order of DER.
func (o SignOptions) attributes(content, cert []byte) ([][]byte, error) {
	if y := o.Time.UTC().Year(); o.Time.IsZero() || y < 1950 || y > 9999 {
		return nil, fmt.Errorf("signing time %v", o.Time)
	}
	encodeTime := der.UTCTime
	if o.Time.UTC().Year() >= 2050 { // RFC 5652, 11.3
		encodeTime = der.GeneralizedTime
	}
	digest := gm.SM3(content)
	out := [][]byte{
		attribute(oidContentType, der.OID(o.ContentType)),
		attribute(oidMessageDigest, der.Octets(digest[:])),
		attribute(oidSigningTime, encodeTime(o.Time.Truncate(time.Second))),
		attribute(oidSigningCertificateV2, certificateID(cert)),
	}
	slices.SortFunc(out, bytes.Compare)
	return out, nil
}

func attribute(o oid, value []byte) []byte { return der.Sequence(der.OID(o), der.Set(value)) }

// certificateID is a SigningCertificateV2 (RFC 5035) with the SM3 digest,
// issuer and serial number of the certificate.
func certificateID(cert []byte) []byte {
	issuer, serial, _ := issuerAndSerial(cert)
	digest := gm.SM3(cert)
	id := der.Sequence(der.Sequence(der.OID(oidSM3)), der.Octets(digest[:]),
		der.Sequence(der.Sequence(der.Explicit(4, issuer)), der.Big(serial)))
	return der.Sequence(der.Sequence(id))
}

// certificates are the signer's and the others, each once, in the order of DER.
func (o SignOptions) certificates(signer []byte) [][]byte {
	out := append([][]byte{signer}, o.Certificates...)
	slices.SortFunc(out, bytes.Compare)
	return slices.CompactFunc(out, bytes.Equal)
}

// readBack keeps Sign from answering what a reader would refuse.
func (o SignOptions) readBack(out, content []byte) error {
	s, err := Parse(out)
	if err != nil {
		return err
	}
	if o.Detached {
		if !isData(o.ContentType) {
			return fmt.Errorf("detached content of type %v", o.ContentType)
		}
		_, err = s.Verify(gm.SM3(content), nil)
		return err
	}
	_, err = s.VerifyEmbeddedType(o.ContentType)
	return err
}

// MemoryKey is a Key in memory: for the centre's own services, training and
// tests. The keys of custodians never leave their UsbKey.
func MemoryKey(cert []byte, k *gm.PrivateKey) Key { return memoryKey{bytes.Clone(cert), k} }

type memoryKey struct {
	cert []byte
	key  *gm.PrivateKey
}

func (m memoryKey) Certificate() []byte { return bytes.Clone(m.cert) }

func (m memoryKey) SignSM2(ctx context.Context, b []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return m.key.Sign(b)
}
