package store

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
)

// ErrKeyFormat: a private key file that is not an unencrypted SM2 key.
var ErrKeyFormat = errors.New("softkey: not an SM2 private key (64 hex digits, or PKCS#8 or SEC1 in DER or PEM, unencrypted)")

var (
	oidSM2 = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301}
	oidEC  = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
)

// ParseKey reads an SM2 private key from the content of a file: 64 hex digits, PKCS#8 (RFC 5208) or
// SEC1 (RFC 5915), the latter two in DER or PEM. ErrKeyFormat for anything else.
func ParseKey(b []byte) (d [32]byte, err error) {
	if text := bytes.TrimSpace(b); len(text) == 64 {
		if _, err := hex.Decode(d[:], text); err == nil && validD(d) {
			return d, nil
		}
		return [32]byte{}, ErrKeyFormat
	}
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "PRIVATE KEY" || block.Type == "EC PRIVATE KEY" {
			b = block.Bytes
			break
		}
	}
	if d, ok := parsePKCS8(b); ok {
		return d, nil
	}
	if d, ok := parseSEC1(b, false); ok {
		return d, nil
	}
	return [32]byte{}, ErrKeyFormat
}

func parsePKCS8(der []byte) ([32]byte, bool) {
	var k struct {
		Version int
		Alg     struct {
			ID     asn1.ObjectIdentifier
			Params asn1.RawValue `asn1:"optional"`
		}
		Key        []byte
		Attributes asn1.RawValue `asn1:"optional,tag:0"`
	}
	if rest, err := asn1.Unmarshal(der, &k); err != nil || len(rest) > 0 || !k.Alg.ID.Equal(oidEC) {
		return [32]byte{}, false
	}
	var curve asn1.ObjectIdentifier
	if rest, err := asn1.Unmarshal(k.Alg.Params.FullBytes, &curve); err != nil || len(rest) > 0 || !curve.Equal(oidSM2) {
		return [32]byte{}, false
	}
	return parseSEC1(k.Key, true)
}

// parseSEC1 reads ECPrivateKey; the curve may be left out only where PKCS#8 has named it.
func parseSEC1(der []byte, named bool) (d [32]byte, ok bool) {
	var k struct {
		Version int
		Key     []byte
		Curve   asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
		Public  asn1.BitString        `asn1:"optional,explicit,tag:1"`
	}
	rest, err := asn1.Unmarshal(der, &k)
	if err != nil || len(rest) > 0 || len(k.Key) != 32 {
		return d, false
	}
	if !k.Curve.Equal(oidSM2) && (len(k.Curve) > 0 || !named) {
		return d, false
	}
	copy(d[:], k.Key)
	return d, validD(d)
}
