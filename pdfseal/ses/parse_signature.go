package ses

import (
	"errors"
	"fmt"

	"sealdesk/pdfseal/internal/der"
)

// ParseSignature reads a seal signature: strict DER and nothing after it but
// zero bytes. Its structure must be that of the seal inside it (rule E8);
// the version that TBS_Sign states decides nothing. Errors are *FormatError.
func ParseSignature(b []byte) (*Signature, error) {
	v, padding, err := der.Container(b)
	if err != nil {
		return nil, &FormatError{Field: "signature", Err: err}
	}
	r := &reader{}
	s := &Signature{Raw: v.Full}
	c := r.sequence("signature", v, 2, 5)
	s.TBSRaw = c[0].Full
	switch {
	case len(c) == 2:
		r.tbsV1(s, c[0])
		s.Value = r.value("signature.signature", c[1])
	case len(c) == 3:
		r.fail("signature", errors.New("3 elements belong to no version"))
	default:
		r.tbs(s, c[0])
		s.SignerCert = r.octets("signature.cert", c[1])
		s.Algorithm = r.algorithm("signature.signatureAlgID", c[2])
		s.Value = r.value("signature.signature", c[3])
		if len(c) == 5 {
			s.Timestamp = r.timestamp("signature.timeStamp", c[4])
		}
	}
	if len(padding) > 0 {
		r.note("signature: followed by %d zero bytes", len(padding))
	}
	if r.err != nil {
		return nil, r.err
	}
	s.Notes = r.notes
	return s, nil
}

// embedded reads the seal inside TBS_Sign, of one of the versions given.
func (r *reader) embedded(s *Signature, v der.Value, versions ...Version) {
	if r.err != nil {
		return
	}
	seal, err := parseSeal(v)
	if err != nil {
		r.err = fmt.Errorf("signature.tbs.eseal: %w", err)
		return
	}
	s.Seal, s.Version = seal, seal.Version
	for _, want := range versions {
		if seal.Version == want {
			return
		}
	}
	r.fail("signature", fmt.Errorf("its elements do not fit the seal inside, which has the structure of version %d", seal.Version))
}

func (r *reader) tbsVersion(s *Signature, v der.Value) {
	s.TBSVersion = r.int("signature.tbs.version", v)
	if r.err == nil && s.TBSVersion != s.Seal.HeaderVersion {
		r.note("signature.tbs.version: %d, the seal inside states %d", s.TBSVersion, s.Seal.HeaderVersion)
	}
}

// tbs reads TBS_Sign of V4 and V5.
func (r *reader) tbs(s *Signature, v der.Value) {
	const field = "signature.tbs"
	c := r.sequence(field, v, 5, 6)
	r.embedded(s, c[1], V4, V5)
	r.tbsVersion(s, c[0])
	s.Time = r.time(field+".timeInfo", c[2], s.Version)
	s.TimeText = string(c[2].Content)
	s.DataHash = r.bits(field+".dataHash", c[3])
	s.PropertyInfo = r.ia5(field+".propertyInfo", c[4])
	if len(c) == 6 {
		s.Ext = r.tbsExt(field+".extDatas", c[5])
	}
}

// tbsV1 reads TBS_Sign of GM/T 0031-2014, which holds certificate and algorithm.
func (r *reader) tbsV1(s *Signature, v der.Value) {
	const field = "signature.tbs"
	c := r.sequence(field, v, 7, 7)
	r.embedded(s, c[1], V1)
	r.tbsVersion(s, c[0])
	r.timeInfoV1(s, r.bitsOrOctets(field+".timeInfo", c[2]))
	s.DataHash = r.bitsOrOctets(field+".dataHash", c[3])
	s.PropertyInfo = r.ia5(field+".propertyInfo", c[4])
	s.SignerCert = r.octets(field+".cert", c[5])
	s.Algorithm = r.algorithm(field+".signatureAlgorithm", c[6])
}

// bitsOrOctets reads a BIT STRING of V1, which some makers write as an OCTET STRING.
func (r *reader) bitsOrOctets(field string, v der.Value) []byte {
	if v.Is(der.TagOctetString) {
		r.note("%s: OCTET STRING instead of BIT STRING", field)
		return r.octets(field, v)
	}
	return r.bits(field, v)
}
