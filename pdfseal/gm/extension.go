package gm

import (
	"encoding/asn1"
	"encoding/hex"
	"errors"

	"sealdesk/pdfseal/internal/der"
)

// KeyUsage is the set of purposes of a key (RFC 5280, 4.2.1.3).
type KeyUsage uint16

// Bit i of the extension is 1 << i here.
const (
	KeyUsageDigitalSignature KeyUsage = 1 << iota
	KeyUsageNonRepudiation
	KeyUsageKeyEncipherment
	KeyUsageDataEncipherment
	KeyUsageKeyAgreement
	KeyUsageKeyCertSign
	KeyUsageCRLSign
	KeyUsageEncipherOnly
	KeyUsageDecipherOnly
)

const maxExtensions = 64

// Extension is one extension of a certificate or list, as received.
type Extension struct {
	ID       asn1.ObjectIdentifier // nil where an arc is too large for this program
	Critical bool
	Value    []byte // content of the OCTET STRING
}

// parseExtensions reads Extensions and refuses one that occurs twice.
// explicitFalse tells whether a critical mark of FALSE is spelled out, which
// DER forbids and some issuers do.
func parseExtensions(v der.Value) (list []Extension, explicitFalse bool, err error) {
	items, err := v.Sequence(1, maxExtensions)
	if err != nil {
		return nil, false, err
	}
	seen := map[string]bool{}
	for _, item := range items {
		c, err := item.Sequence(2, 3)
		if err != nil {
			return nil, false, err
		}
		if !c[0].Is(der.TagOID) {
			return nil, false, errors.New("extension without an identifier")
		}
		if seen[string(c[0].Content)] {
			return nil, false, errors.New("extension " + oidText(c[0]) + " occurs twice")
		}
		seen[string(c[0].Content)] = true
		var e Extension
		if e.ID, err = extensionID(c[0]); err != nil {
			return nil, false, err
		}
		if len(c) == 3 {
			if e.Critical, err = c[1].Bool(); err != nil {
				return nil, false, err
			}
			explicitFalse = explicitFalse || !e.Critical
		}
		if e.Value, err = c[len(c)-1].Octets(); err != nil {
			return nil, false, err
		}
		list = append(list, e)
	}
	return list, explicitFalse, nil
}

// extensionID reads an identifier. One with an arc too large for this program
// gives nil: such an extension is none that it knows.
func extensionID(v der.Value) (asn1.ObjectIdentifier, error) {
	oid, err := v.OID()
	if err == nil {
		return oid, nil
	}
	b := v.Content
	if len(b) == 0 || b[len(b)-1] >= 0x80 {
		return nil, err
	}
	for i := range b {
		if b[i] == 0x80 && (i == 0 || b[i-1] < 0x80) {
			return nil, err
		}
	}
	return nil, nil
}

func oidText(v der.Value) string {
	if oid, err := v.OID(); err == nil {
		return oid.String()
	}
	return hex.EncodeToString(v.Content[:min(len(v.Content), 64)])
}

// parseKeyUsage reads the named bits. minimal tells whether trailing zero
// bits are cut off, as DER asks.
func parseKeyUsage(value []byte) (usage KeyUsage, minimal bool, err error) {
	v, err := der.ParseAll(value)
	if err != nil {
		return 0, false, err
	}
	c := v.Content
	if !v.Is(der.TagBitString) || len(c) < 1 || len(c) > 3 || c[0] > 7 || len(c) == 1 && c[0] != 0 {
		return 0, false, errors.New("not a BIT STRING of at most 16 bits")
	}
	bits := c[1:]
	for i := range len(bits) * 8 {
		if bits[i/8]&(0x80>>(i%8)) == 0 {
			continue
		}
		if i >= len(bits)*8-int(c[0]) {
			return 0, false, errors.New("an unused bit is set")
		}
		if i <= 8 {
			usage |= 1 << i
		}
	}
	last := len(bits) == 0 || bits[len(bits)-1]&(1<<c[0]) != 0
	return usage, last, nil
}

func parseExtKeyUsage(value []byte) ([]asn1.ObjectIdentifier, error) {
	v, err := der.ParseAll(value)
	if err != nil {
		return nil, err
	}
	items, err := v.Sequence(1, maxExtensions)
	if err != nil {
		return nil, err
	}
	out := make([]asn1.ObjectIdentifier, len(items))
	for i, item := range items {
		if out[i], err = item.OID(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// parseBasicConstraints reads cA and pathLenConstraint; -1 stands for no
// constraint. explicitFalse is as in parseExtensions.
func parseBasicConstraints(value []byte) (ca bool, pathLen int, explicitFalse bool, err error) {
	v, err := der.ParseAll(value)
	if err != nil {
		return false, 0, false, err
	}
	c, err := v.Sequence(0, 2)
	if err != nil {
		return false, 0, false, err
	}
	if len(c) > 0 && c[0].Is(der.TagBoolean) {
		if ca, err = c[0].Bool(); err != nil {
			return false, 0, false, err
		}
		explicitFalse, c = !ca, c[1:]
	}
	switch {
	case len(c) == 0:
		return ca, -1, explicitFalse, nil
	case len(c) > 1:
		return false, 0, false, errors.New("an element is left over")
	}
	if pathLen, err = c[0].Int(); err != nil {
		return false, 0, false, err
	}
	if pathLen < 0 || !ca {
		return false, 0, false, errors.New("path length is negative or not of a CA")
	}
	return ca, pathLen, explicitFalse, nil
}

func parseSubjectKeyID(value []byte) ([]byte, error) {
	v, err := der.ParseAll(value)
	if err != nil {
		return nil, err
	}
	return v.Octets()
}

// parseAuthorityKeyID reads keyIdentifier; nil where only issuer and serial are given.
func parseAuthorityKeyID(value []byte) ([]byte, error) {
	v, err := der.ParseAll(value)
	if err != nil {
		return nil, err
	}
	c, err := v.Sequence(0, 3)
	if err != nil {
		return nil, err
	}
	if len(c) > 0 && c[0].IsContext(0) {
		if c[0].Constructed {
			return nil, errors.New("key identifier is constructed")
		}
		return c[0].Content, nil
	}
	return nil, nil
}

// checkAltName reports what is odd about a subjectAltName; nothing depends on its content.
func checkAltName(value []byte) string {
	v, err := der.ParseAll(value)
	if err != nil {
		return "not DER"
	}
	names, err := v.Sequence(1, 256)
	if err != nil {
		return "not a sequence of names"
	}
	for _, n := range names {
		switch {
		case n.Class != der.ClassContext || n.Tag > 8:
			return "element is not a GeneralName"
		case (n.Tag == 1 || n.Tag == 2 || n.Tag == 6) && !isASCII(n.Content):
			return "IA5String contains a character that is not ASCII"
		}
	}
	return ""
}
