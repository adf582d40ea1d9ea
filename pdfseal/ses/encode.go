package ses

import (
	"encoding/asn1"
	"time"

	"sealdesk/pdfseal/internal/der"
)

// encodeInfo writes SES_SealInfo of the version that s.Version names from
// the fields of s, in strict DER.
func (s *Seal) encodeInfo() []byte {
	parts := [][]byte{
		der.Sequence(der.Text(der.TagIA5String, "ES"), der.Int(s.HeaderVersion), der.Text(der.TagIA5String, s.Vendor)),
		der.Text(der.TagIA5String, s.ID),
		s.encodeProperty(),
		s.Picture.encode(),
	}
	if s.Ext != nil {
		parts = append(parts, encodeExt(s.Ext))
	}
	return der.Sequence(parts...)
}

func (s *Seal) encodeProperty() []byte {
	parts := [][]byte{der.Int(s.Kind), der.Text(der.TagUTF8String, s.Name)}
	encodeTime := der.UTCTime
	if s.Version != V1 {
		encodeTime = der.GeneralizedTime
		parts = append(parts, der.Int(s.CertListType))
	}
	parts = append(parts, s.encodeList())
	for _, t := range []time.Time{s.Created, s.ValidFrom, s.ValidTo} {
		parts = append(parts, encodeTime(t))
	}
	return der.Sequence(parts...)
}

func (s *Seal) encodeList() []byte {
	var list [][]byte
	for _, c := range s.Certs {
		list = append(list, der.Octets(c))
	}
	for _, d := range s.CertDigests {
		list = append(list, der.Sequence(der.Text(der.TagPrintableString, d.Type), der.Octets(d.Value)))
	}
	return der.Sequence(list...)
}

func (p Picture) encode() []byte {
	return der.Sequence(der.Text(der.TagIA5String, p.Type), der.Octets(p.Data), der.Int(p.WidthMM), der.Int(p.HeightMM))
}

func encodeExt(list []ExtData) []byte {
	var out [][]byte
	for _, e := range list {
		parts := [][]byte{der.OID(e.ID)}
		if e.Critical {
			parts = append(parts, der.Bool(true))
		}
		out = append(out, der.Sequence(append(parts, der.Octets(e.Value))...))
	}
	return der.Sequence(out...)
}

// encodeSeal puts the maker's part around a SES_SealInfo.
func encodeSeal(version Version, info, makerCert []byte, alg asn1.ObjectIdentifier, value, timestamp []byte) []byte {
	parts := [][]byte{der.Octets(makerCert), der.OID(alg), der.Bits(value)}
	if version == V1 {
		return der.Sequence(info, der.Sequence(parts...))
	}
	parts = append([][]byte{info}, parts...)
	if timestamp != nil {
		parts = append(parts, der.Explicit(0, der.Bits(timestamp)))
	}
	return der.Sequence(parts...)
}

// tbsSign holds the fields of TBS_Sign around the seal's own bytes.
type tbsSign struct {
	version      int
	seal         []byte
	at           time.Time
	hash         []byte
	propertyInfo string
	ext          []ExtData
}

// encode writes TBS_Sign of V4 and V5.
func (t tbsSign) encode() []byte {
	parts := [][]byte{
		der.Int(t.version), t.seal, der.GeneralizedTime(t.at), der.Bits(t.hash), der.Text(der.TagIA5String, t.propertyInfo),
	}
	if t.ext != nil {
		parts = append(parts, der.Explicit(0, encodeExt(t.ext)))
	}
	return der.Sequence(parts...)
}

// encodeV1 writes TBS_Sign of GM/T 0031-2014.
func (t tbsSign) encodeV1(signerCert []byte) []byte {
	return der.Sequence(
		der.Int(t.version), t.seal, der.Bits(der.UTCTime(t.at)), der.Bits(t.hash),
		der.Text(der.TagIA5String, t.propertyInfo), der.Octets(signerCert), der.OID(AlgorithmSM2),
	)
}
