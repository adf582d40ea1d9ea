//go:build cgo

package pkcs11

import (
	p11 "github.com/miekg/pkcs11"

	"sealdesk/token"
)

const (
	maxCertificate = 64 << 10 // bytes, as in the reader of certificates
	maxID          = 1 << 10  // CKA_ID
	maxAllObjects  = 64 << 20 // bytes of all data objects together
)

// storedCertificate is a certificate as it lies on the key.
type storedCertificate struct {
	der, id []byte
	label   string
	private bool
}

// certificates lists the X.509 certificates. Those without a value, and larger ones than maxCertificate, are left out.
func (l *library) certificates(s p11.SessionHandle) ([]storedCertificate, error) {
	handles, err := l.find(s, p11.CKO_CERTIFICATE, nil)
	if err != nil {
		return nil, err
	}
	var out []storedCertificate
	for _, h := range handles {
		kind, known, err := l.number(s, h, p11.CKA_CERTIFICATE_TYPE)
		if err != nil {
			return nil, err
		}
		if known && kind != p11.CKC_X_509 {
			continue
		}
		var c storedCertificate
		var ok bool
		if c.der, _, ok, err = l.attribute(s, h, p11.CKA_VALUE, maxCertificate); err != nil {
			return nil, err
		}
		if !ok || len(c.der) == 0 {
			continue
		}
		if c.id, _, _, err = l.attribute(s, h, p11.CKA_ID, maxID); err != nil {
			return nil, err
		}
		if c.private, _, err = l.flag(s, h, p11.CKA_PRIVATE); err != nil {
			return nil, err
		}
		if c.label, err = l.text(s, h, p11.CKA_LABEL); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func (l *library) text(s p11.SessionHandle, o p11.ObjectHandle, kind uint) (string, error) {
	b, _, _, err := l.attribute(s, o, kind, maxText)
	return text(b), err
}

// dataObjects lists the data objects that the session may see. skipped gets the size of each one that is too large.
func (l *library) dataObjects(s p11.SessionHandle, skipped func(label string, size int)) ([]token.Object, error) {
	handles, err := l.find(s, p11.CKO_DATA, nil)
	if err != nil {
		return nil, err
	}
	var out []token.Object
	total := 0
	for _, h := range handles {
		var o token.Object
		if o.Label, err = l.text(s, h, p11.CKA_LABEL); err != nil {
			return nil, err
		}
		value, size, ok, err := l.attribute(s, h, p11.CKA_VALUE, min(token.MaxObject, maxAllObjects-total))
		if err != nil {
			return nil, err
		}
		if !ok {
			if size != absent {
				skipped(o.Label, size)
			}
			continue
		}
		o.Value = value
		total += size
		if o.Application, err = l.text(s, h, p11.CKA_APPLICATION); err != nil {
			return nil, err
		}
		if o.Private, _, err = l.flag(s, h, p11.CKA_PRIVATE); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// privateKey is a private key that may sign.
type privateKey struct {
	handle  p11.ObjectHandle
	keyType uint
	typed   bool // keyType is known
	always  bool // CKA_ALWAYS_AUTHENTICATE: a PIN for each signature
}

// privateKeys lists the private keys of one CKA_ID that the session may see; all of them if id is nil. Keys that say that they
// cannot sign, such as encryption keys under the same CKA_ID, are left out.
func (l *library) privateKeys(s p11.SessionHandle, id []byte) ([]privateKey, error) {
	handles, err := l.find(s, p11.CKO_PRIVATE_KEY, id)
	if err != nil {
		return nil, err
	}
	var out []privateKey
	for _, h := range handles {
		signs, known, err := l.flag(s, h, p11.CKA_SIGN)
		if err != nil {
			return nil, err
		}
		if known && !signs {
			continue
		}
		k := privateKey{handle: h}
		if k.keyType, k.typed, err = l.number(s, h, p11.CKA_KEY_TYPE); err != nil {
			return nil, err
		}
		if k.always, _, err = l.flag(s, h, p11.CKA_ALWAYS_AUTHENTICATE); err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}
