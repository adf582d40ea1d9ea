package gm

import (
	"errors"
	"fmt"
	"math/big"
	"sort"
	"time"

	"sealdesk/pdfseal/internal/der"
)

// CreateCRL issues a complete list of version 2, signed with the issuer's
// key. revoked is keyed by Certificate.SerialHex. The list's number is the
// Unix time of thisUpdate. The same input gives the same bytes. The result has
// been read back and verified.
func CreateCRL(issuer *Certificate, key *PrivateKey, thisUpdate, nextUpdate time.Time, revoked map[string]Revocation) ([]byte, error) {
	if issuer == nil || key == nil || !issuer.IsSM2 || key.Public() != issuer.Public {
		return nil, errors.New("gm: create revocation list: key is not the issuer's")
	}
	if !nextUpdate.After(thisUpdate) || thisUpdate.Unix() < 0 {
		return nil, errors.New("gm: create revocation list: next update is not after this one")
	}
	entries, err := encodeEntries(revoked)
	if err != nil {
		return nil, fmt.Errorf("gm: create revocation list: %w", err)
	}
	var ext []byte
	if len(issuer.SubjectKeyID) > 0 {
		ext = der.Sequence(der.OID(oidAuthorityKeyID), der.Octets(der.Sequence(der.TLV(0x80, issuer.SubjectKeyID))))
	}
	ext = append(ext, der.Sequence(der.OID(oidCRLNumber), der.Octets(der.Big(big.NewInt(thisUpdate.Unix()))))...)
	tbs := der.Sequence(der.Int(1), signatureAlgorithm(), issuer.RawSubject, encodeTime(thisUpdate), encodeTime(nextUpdate),
		entries, der.Explicit(0, der.Sequence(ext)))
	out, err := sign(tbs, key)
	if err != nil {
		return nil, fmt.Errorf("gm: create revocation list: %w", err)
	}
	l, err := ParseCRL(out)
	if err != nil {
		return nil, fmt.Errorf("gm: create revocation list: %w", err)
	}
	if err := l.CheckSignatureFrom(issuer); err != nil {
		return nil, fmt.Errorf("gm: create revocation list: %w", err)
	}
	return out, nil
}

// encodeEntries writes revokedCertificates ordered by serial number, nothing where there are none.
func encodeEntries(revoked map[string]Revocation) ([]byte, error) {
	serials := make([]string, 0, len(revoked))
	for s := range revoked {
		serials = append(serials, s)
	}
	sort.Strings(serials)
	var out []byte
	for _, s := range serials {
		n, ok := new(big.Int).SetString(s, 16)
		if !ok || serialHex(n) != s {
			return nil, fmt.Errorf("serial number %q is not in the form of SerialHex", s)
		}
		r := revoked[s]
		if r.Reason < 0 || r.Reason > 10 || r.Reason == 7 {
			return nil, fmt.Errorf("reason %d is unknown", r.Reason)
		}
		var ext []byte
		if r.Reason != 0 {
			code := der.TLV(tagEnumerated, []byte{byte(r.Reason)})
			ext = der.Sequence(der.Sequence(der.OID(oidReasonCode), der.Octets(code)))
		}
		out = append(out, der.Sequence(der.Big(n), encodeTime(r.Time), ext)...)
	}
	if out == nil {
		return nil, nil
	}
	return der.Sequence(out), nil
}
