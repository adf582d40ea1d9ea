package store

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const maxNumber = 9999 // highest NN of obj/NN.attr

// Classes of objects (PKCS#11 2.40, CKO_).
const (
	classData        = 0
	classCertificate = 1
	classPublicKey   = 2
	classPrivateKey  = 3
)

// order n of the SM2 curve (GB/T 32918.5); a private key is in 1 … n-2.
var order, _ = new(big.Int).SetString("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123", 16)

func validD(d [32]byte) bool {
	k := new(big.Int).SetBytes(d[:])
	return k.Sign() > 0 && k.Cmp(new(big.Int).Sub(order, big.NewInt(2))) <= 0
}

// KeyOptions are the rarer properties of a private key.
type KeyOptions struct {
	AlwaysAuthenticate bool // CKA_ALWAYS_AUTHENTICATE: each signature asks for the PIN
}

// AddKey puts an SM2 key pair on the token: a private key (seen after login) and its public key.
// d is the private scalar, big-endian; id is the CKA_ID that pairs it with its certificates.
func (s *Slot) AddKey(id []byte, d [32]byte, label string) error {
	return s.AddKeyWith(id, d, label, KeyOptions{})
}

// AddKeyWith is AddKey with options.
func (s *Slot) AddKeyWith(id []byte, d [32]byte, label string, o KeyOptions) error {
	if !validD(d) {
		return errors.New("softkey: not an SM2 private key: out of range 1 to n-2")
	}
	public := []attr{{"id", id}, {"verify", yes}}
	if err := s.add(object{class: classPublicKey, label: label, attrs: public}); err != nil {
		return err
	}
	private := []attr{{"id", id}, {"private", yes}, {"sign", yes}}
	if o.AlwaysAuthenticate {
		private = append(private, attr{"always-authenticate", yes})
	}
	return s.add(object{class: classPrivateKey, label: label, attrs: private, value: fmt.Appendf(nil, "%x\n", d)})
}

// AddCertificate puts a certificate in DER on the token. It need not parse: subject, issuer and
// serial number are filled where they can be read.
func (s *Slot) AddCertificate(id, der []byte, label string) error {
	attrs := append([]attr{{"id", id}, {"certificate-type", []byte{0}}}, names(der)...)
	return s.add(object{class: classCertificate, label: label, attrs: attrs, value: der})
}

// AddData puts a data object (CKO_DATA) on the token, such as a seal. A private one is seen after login.
func (s *Slot) AddData(label, app string, value []byte, private bool) error {
	application, err := s.text(app)
	if err != nil {
		return err
	}
	p := []byte{0}
	if private {
		p = yes
	}
	return s.add(object{class: classData, label: label, attrs: []attr{{"application", application}, {"private", p}}, value: value})
}

// names reads subject, issuer and serial number of a certificate for CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER.
func names(der []byte) []attr {
	var c struct{ TBS, Alg, Value asn1.RawValue }
	if _, err := asn1.Unmarshal(der, &c); err != nil {
		return nil
	}
	var tbs struct {
		Version                                        asn1.RawValue `asn1:"optional,tag:0"`
		Serial, Alg, Issuer, Validity, Subject, Public asn1.RawValue
	}
	if _, err := asn1.Unmarshal(c.TBS.FullBytes, &tbs); err != nil {
		return nil
	}
	return []attr{{"subject", tbs.Subject.FullBytes}, {"issuer", tbs.Issuer.FullBytes}, {"serial-number", tbs.Serial.FullBytes}}
}

var yes = []byte{1}

type attr struct {
	name  string
	value []byte
}

type object struct {
	class byte
	label string
	attrs []attr
	value []byte // nil: no .bin
}

// text gives a label in the character set of the profile.
func (s *Slot) text(t string) ([]byte, error) {
	if s.profile.gbk {
		return encodeGBK(t)
	}
	return []byte(t), nil
}

func (s *Slot) add(o object) error {
	label, err := s.text(o.label)
	if err != nil {
		return err
	}
	if len(o.value) > MaxValue {
		return fmt.Errorf("softkey: value of %d bytes; at most %d", len(o.value), MaxValue)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %q\nclass = %02x\nlabel = %x\n", o.label, o.class, label)
	for _, a := range o.attrs {
		if len(a.value) > MaxText {
			return fmt.Errorf("softkey: %s of %d bytes; at most %d", a.name, len(a.value), MaxText)
		}
		fmt.Fprintf(&b, "%s = %x\n", a.name, a.value)
	}
	if b.Len() > MaxINI {
		return errors.New("softkey: attributes too long")
	}
	number, err := s.nextNumber()
	if err != nil {
		return err
	}
	name := filepath.Join(s.path("obj"), fmt.Sprintf("%02d", number))
	if o.class != classPublicKey {
		if err := writeFile(name+".bin", o.value); err != nil {
			return err
		}
	}
	return writeFile(name+".attr", []byte(b.String()))
}

// nextNumber is one above the highest, so that no number names two objects in turn.
func (s *Slot) nextNumber() (int, error) {
	entries, err := os.ReadDir(s.path("obj"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("softkey: %w", err)
	}
	if err := os.MkdirAll(s.path("obj"), 0o700); err != nil {
		return 0, fmt.Errorf("softkey: %w", err)
	}
	next := 1
	for _, e := range entries {
		base, _, _ := strings.Cut(e.Name(), ".")
		if n, err := strconv.ParseUint(base, 10, 16); err == nil && int(n) >= next {
			next = int(n) + 1
		}
	}
	if next > maxNumber {
		return 0, errors.New("softkey: the token is full")
	}
	return next, nil
}
