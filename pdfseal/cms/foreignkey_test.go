package cms

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"strings"
	"testing"

	"sealdesk/pdfseal/internal/der"
)

// TestVerify_keyIsNotSM2: a certificate with a key on another curve is named
// as unsupported, whatever its signature.
func TestVerify_keyIsNotSM2(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(5), Subject: pkix.Name{CommonName: "P-256"}, NotBefore: date(2024), NotAfter: date(2034)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	d := newDraft(t)
	d.embed(digest[:])
	d.certs, d.sid = der.TLV(0xa0, cert), issuerSerial(t, cert)
	wantError(t, d, "C3", ErrUnsupported)
}

// TestVerify_attributeOrder: attributes are hashed in the order received, and
// an order that is not that of DER is noted.
func TestVerify_attributeOrder(t *testing.T) {
	sorted := newDraft(t)
	sorted.withAttributes(oidDataGM)
	slices.SortFunc(sorted.attrs, bytes.Compare)
	turned := newDraft(t)
	turned.withAttributes(oidDataGM)
	slices.SortFunc(turned.attrs, func(a, b []byte) int { return bytes.Compare(b, a) })
	for name, c := range map[string]struct {
		d     *draft
		notes int
	}{"sorted": {sorted, 0}, "turned": {turned, 1}} {
		s, err := Parse(c.d.bytes(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Verify(digest, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(s.Notes) != c.notes || c.notes == 1 && !strings.Contains(s.Notes[0], "DER order") {
			t.Errorf("%s: notes %q", name, s.Notes)
		}
	}
}
