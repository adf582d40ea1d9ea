//go:build cgo

package pkcs11

import (
	"slices"

	p11 "github.com/miekg/pkcs11"
)

// The vendor attributes of MK-1 for the coordinates of a public key.
const (
	attributeSM2X = 0x00010002
	attributeSM2Y = 0x00010003
)

// publicPoints collects the public keys that are stored under an identifier, at the places that the profile names, on the public
// and on the private key. Without places every one is looked at.
func (l *library) publicPoints(s p11.SessionHandle, id []byte, places []PubKind) ([][]byte, error) {
	if len(places) == 0 {
		places = []PubKind{PubECPoint, PubValueXY, PubXY}
	}
	var out [][]byte
	for _, class := range []uint{p11.CKO_PUBLIC_KEY, p11.CKO_PRIVATE_KEY} {
		handles, err := l.find(s, class, id)
		if err != nil {
			return nil, err
		}
		for _, h := range handles {
			for _, place := range places {
				if class == p11.CKO_PRIVATE_KEY && place != PubECPoint {
					continue // CKA_VALUE of a private key is the secret itself
				}
				b, err := l.publicAt(s, h, place)
				if err != nil {
					return nil, err
				}
				if p := point(b); p != nil {
					out = append(out, p)
				}
			}
		}
	}
	return out, nil
}

func (l *library) publicAt(s p11.SessionHandle, o p11.ObjectHandle, place PubKind) ([]byte, error) {
	const most = 256
	kinds := map[PubKind][]uint{
		PubECPoint: {p11.CKA_EC_POINT}, PubValueXY: {p11.CKA_VALUE}, PubXY: {attributeSM2X, attributeSM2Y},
	}[place]
	var all []byte
	for _, kind := range kinds {
		b, _, ok, err := l.attribute(s, o, kind, most)
		if err != nil || !ok {
			return nil, err
		}
		all = append(all, b...)
	}
	return slices.Clip(all), nil
}
