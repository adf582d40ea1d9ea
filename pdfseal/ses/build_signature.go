package ses

import (
	"errors"
	"fmt"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// BuildTBS writes the TBS_Sign of a V4 or V5 seal: what the signatory signs.
// The seal goes in byte for byte (rule W6); hash is SM3 of the protected
// bytes, without Z; propertyInfo must be ASCII; at is cut to the second. A V1
// seal, other text and a time that the form cannot hold are errors.
func BuildTBS(seal *Seal, at time.Time, hash [32]byte, propertyInfo string) ([]byte, error) {
	if seal.Version == V1 {
		return nil, errors.New("ses: build TBS_Sign: a V1 seal needs the signatory's certificate inside: BuildTBSV1")
	}
	t, err := newTBS(seal, at, hash, propertyInfo)
	if err != nil {
		return nil, err
	}
	return t.encode(), nil
}

// BuildTBSV1 writes the TBS_Sign of a V1 seal (GM/T 0031-2014), which holds
// the signatory's certificate, in DER. Errors are those of BuildTBS, for a seal
// of another version.
func BuildTBSV1(seal *Seal, at time.Time, hash [32]byte, propertyInfo string, signerCert []byte) ([]byte, error) {
	if seal.Version != V1 {
		return nil, fmt.Errorf("ses: build TBS_Sign: the seal has the structure of version %d", seal.Version)
	}
	t, err := newTBS(seal, at, hash, propertyInfo)
	if err != nil {
		return nil, err
	}
	return t.encodeV1(signerCert), nil
}

func newTBS(seal *Seal, at time.Time, hash [32]byte, propertyInfo string) (tbsSign, error) {
	if !ascii(propertyInfo) {
		return tbsSign{}, errors.New("ses: build TBS_Sign: propertyInfo must be ASCII")
	}
	if err := seal.Version.checkTime(at); err != nil {
		return tbsSign{}, fmt.Errorf("ses: build TBS_Sign: %w", err)
	}
	return tbsSign{version: seal.HeaderVersion, seal: seal.Raw, at: second(at), hash: hash[:], propertyInfo: propertyInfo}, nil
}

// BuildSignature writes a SES_Signature around a TBS_Sign, without a
// timestamp. sigDER is the signature value, which is written as DER in any
// case; it is not verified here. For a V1 TBS_Sign, signerCert must be the
// certificate inside it. The result has been read back. Input that is no
// TBS_Sign, no SM2 signature value or another certificate is an error.
func BuildSignature(tbs, signerCert, sigDER []byte) ([]byte, error) {
	sig, _, err := gm.ParseSignature(sigDER)
	if err != nil {
		return nil, fmt.Errorf("ses: build signature: %w", err)
	}
	v, err := der.ParseAll(tbs)
	if err != nil {
		return nil, fmt.Errorf("ses: build signature: %w", err)
	}
	c, err := v.Sequence(5, 7)
	if err != nil {
		return nil, fmt.Errorf("ses: build signature: %w", err)
	}
	parts := [][]byte{tbs, der.Octets(signerCert), der.OID(AlgorithmSM2), der.Bits(sig.DER())}
	if len(c) == 7 {
		parts = [][]byte{tbs, der.Bits(sig.DER())}
	}
	out := der.Sequence(parts...)
	s, err := ParseSignature(out)
	if err != nil {
		return nil, fmt.Errorf("ses: build signature: %w", err)
	}
	if string(s.SignerCert) != string(signerCert) {
		return nil, errors.New("ses: build signature: another certificate is inside TBS_Sign")
	}
	return out, nil
}
