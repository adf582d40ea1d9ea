package ses

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// reader reads fields one after another and keeps the first error: the
// answers after it are zero values that only feed further reads.
type reader struct {
	err   error
	notes []string
}

func (r *reader) fail(field string, err error) {
	if r.err == nil && err != nil {
		r.err = &FormatError{Field: field, Err: err}
	}
}

func (r *reader) note(format string, args ...any) {
	if r.err == nil {
		r.notes = append(r.notes, fmt.Sprintf(format, args...))
	}
}

// sequence answers at least min values, empty ones after an error.
func (r *reader) sequence(field string, v der.Value, min, max int) []der.Value {
	if r.err == nil {
		c, err := v.Sequence(min, max)
		if err == nil {
			return c
		}
		r.fail(field, err)
	}
	return make([]der.Value, min)
}

func (r *reader) int(field string, v der.Value) int {
	if r.err != nil {
		return 0
	}
	n, err := v.Int()
	r.fail(field, err)
	return n
}

func (r *reader) octets(field string, v der.Value) []byte {
	if r.err != nil {
		return nil
	}
	b, err := v.Octets()
	r.fail(field, err)
	return b
}

func (r *reader) bits(field string, v der.Value) []byte {
	if r.err != nil {
		return nil
	}
	b, err := v.Bits()
	r.fail(field, err)
	return b
}

// algorithm reads a bare OID and notes the names that the standard does not use.
func (r *reader) algorithm(field string, v der.Value) asn1.ObjectIdentifier {
	if r.err != nil {
		return nil
	}
	oid, err := v.OID()
	r.fail(field, err)
	if knownAlgorithm(oid) && !oid.Equal(AlgorithmSM2) {
		r.note("%s: SM2 with SM3 is named %v instead of %v", field, oid, AlgorithmSM2)
	}
	return oid
}

func (r *reader) ia5(field string, v der.Value) string {
	if r.err != nil {
		return ""
	}
	s, ascii, err := v.Text(der.TagIA5String)
	r.fail(field, err)
	if !ascii {
		r.note("%s: IA5String holds UTF-8", field)
	}
	return s
}

func (r *reader) utf8(field string, v der.Value) string {
	if r.err != nil {
		return ""
	}
	s, _, err := v.Text(der.TagUTF8String)
	r.fail(field, err)
	return s
}

// time reads a date of the tag that the version prescribes; V1 seals may use
// the other one.
func (r *reader) time(field string, v der.Value, version Version) time.Time {
	if r.err != nil {
		return time.Time{}
	}
	t, err := v.Time()
	r.fail(field, err)
	switch {
	case version == V1 && v.Is(der.TagGeneralizedTime):
		r.note("%s: GeneralizedTime instead of UTCTime", field)
	case version != V1 && !v.Is(der.TagGeneralizedTime):
		r.fail(field, errors.New("UTCTime instead of GeneralizedTime"))
	}
	return t
}

// value reads the BIT STRING of a signature value. Whether it is well formed
// is decided when it is verified.
func (r *reader) value(field string, v der.Value) []byte {
	b := r.bits(field, v)
	if _, form, err := gm.ParseSignature(b); err == nil && form == gm.FormRaw {
		r.note("%s: 64 bytes r‖s instead of DER", field)
	}
	return b
}

// timestamp reads timeStamp [0] EXPLICIT BIT STRING, or the same untagged.
func (r *reader) timestamp(field string, v der.Value) []byte {
	if r.err != nil {
		return nil
	}
	if v.Is(der.TagBitString) {
		r.note("%s: without its tag [0]", field)
		return r.bits(field, v)
	}
	inner, err := v.Explicit(0)
	r.fail(field, err)
	return r.bits(field, inner)
}
