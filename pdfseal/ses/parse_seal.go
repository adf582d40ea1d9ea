package ses

import (
	"fmt"

	"sealdesk/pdfseal/internal/der"
)

// maxListed is the most entries that a signer list may have.
const maxListed = 1024

// ParseSeal reads a seal file: strict DER and nothing after it but zero bytes
// (GB/T 38540-2020; GM/T 0031). Errors are *FormatError.
func ParseSeal(b []byte) (*Seal, error) {
	v, padding, err := der.Container(b)
	if err != nil {
		return nil, &FormatError{Field: "seal", Err: err}
	}
	s, err := parseSeal(v)
	if err != nil {
		return nil, err
	}
	if len(padding) > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("seal: followed by %d zero bytes", len(padding)))
	}
	return s, nil
}

// parseSeal reads a value whose whole tree is known to be strict DER.
func parseSeal(v der.Value) (*Seal, error) {
	r := &reader{}
	s := &Seal{Raw: v.Full}
	c := r.sequence("seal", v, 2, 5)
	if len(c) == 3 {
		r.fail("seal", fmt.Errorf("3 elements belong to no version"))
	}
	info := r.sequence("seal.info", c[0], 4, 5)
	s.InfoRaw = c[0].Full
	r.header(s, info[0])
	r.version(s, len(c))
	s.ID = r.ia5("seal.info.esID", info[1])
	r.property(s, info[2])
	s.Picture = r.picture(info[3])
	if len(info) == 5 {
		s.Ext = r.sealExt("seal.info.extDatas", info[4])
	}
	if s.Version == V1 {
		c = append(c[:1], r.sequence("seal.signInfo", c[1], 3, 3)...)
	}
	if r.err == nil {
		r.makerPart(s, c)
	}
	if r.err != nil {
		return nil, r.err
	}
	s.Notes = r.notes
	return s, nil
}

func (r *reader) header(s *Seal, v der.Value) {
	h := r.sequence("seal.info.header", v, 3, 3)
	if id := r.ia5("seal.info.header.ID", h[0]); id != "ES" {
		r.note("seal.info.header.ID: %q instead of \"ES\"", id)
	}
	s.HeaderVersion = r.int("seal.info.header.version", h[1])
	s.Vendor = r.ia5("seal.info.header.Vid", h[2])
}

// version decides the structure by the number of elements; the version
// stated matters only between V4 and V5 with four elements.
func (r *reader) version(s *Seal, elements int) {
	switch {
	case elements == 2:
		s.Version = V1
	case elements == 4 && s.HeaderVersion != int(V5):
		s.Version = V4
	default:
		s.Version = V5
	}
	if s.HeaderVersion != int(s.Version) {
		r.note("seal.info.header.version: %d in a seal of the structure of version %d", s.HeaderVersion, s.Version)
	}
}

func (r *reader) property(s *Seal, v der.Value) {
	const field = "seal.info.property"
	n := 7
	if s.Version == V1 {
		n = 6
	}
	p := r.sequence(field, v, n, n)
	s.Kind = r.int(field+".type", p[0])
	s.Name = r.utf8(field+".name", p[1])
	if s.Version == V1 {
		r.certListV1(s, p[2])
	} else {
		s.CertListType = r.int(field+".certListType", p[2])
		r.certList(s, p[3])
	}
	dates := p[n-3:]
	s.Created = r.time(field+".createDate", dates[0], s.Version)
	s.ValidFrom = r.time(field+".validStart", dates[1], s.Version)
	s.ValidTo = r.time(field+".validEnd", dates[2], s.Version)
}

// certListV1 reads a list of certificates. A list with an entry that is not
// an OCTET STRING, as one real seal has it, or without entries, is no list.
func (r *reader) certListV1(s *Seal, v der.Value) {
	const field = "seal.info.property.certList"
	s.CertListType = ListCertificates
	list := r.sequence(field, v, 0, maxListed)
	s.ListUsable = len(list) > 0
	for _, c := range list {
		if !c.Is(der.TagOctetString) {
			s.ListUsable = false
			r.note("%s: entry is %s instead of OCTET STRING: no signer list", field, c)
			break
		}
		s.Certs = append(s.Certs, c.Content)
	}
	if !s.ListUsable {
		s.Certs = nil
	}
	if len(list) == 0 {
		r.note("%s: empty: no signer list", field)
	}
}

func (r *reader) certList(s *Seal, v der.Value) {
	const field = "seal.info.property.certList"
	list := r.sequence(field, v, 0, maxListed)
	s.ListUsable = true
	for i, c := range list {
		at := fmt.Sprintf("%s[%d]", field, i)
		switch s.CertListType {
		case ListCertificates:
			s.Certs = append(s.Certs, r.octets(at, c))
		case ListDigests:
			s.CertDigests = append(s.CertDigests, r.certDigest(at, c))
		}
	}
	if s.CertListType != ListCertificates && s.CertListType != ListDigests {
		r.fail(field+"Type", fmt.Errorf("%d is neither 1 nor 2", s.CertListType))
	}
}

func (r *reader) certDigest(field string, v der.Value) CertDigest {
	c := r.sequence(field, v, 2, 2)
	if r.err != nil {
		return CertDigest{}
	}
	name, ascii, err := c[0].Text(der.TagPrintableString)
	r.fail(field+".type", err)
	if !ascii {
		r.fail(field+".type", fmt.Errorf("PrintableString is not ASCII"))
	}
	return CertDigest{Type: name, Value: r.octets(field+".value", c[1])}
}

func (r *reader) picture(v der.Value) Picture {
	const field = "seal.info.picture"
	c := r.sequence(field, v, 4, 4)
	return Picture{
		Type:     r.ia5(field+".type", c[0]),
		Data:     r.octets(field+".data", c[1]),
		WidthMM:  r.int(field+".width", c[2]),
		HeightMM: r.int(field+".height", c[3]),
	}
}

// makerPart reads the elements of the maker: c[1:] is certificate, algorithm,
// value and, in V5, the timestamp.
func (r *reader) makerPart(s *Seal, c []der.Value) {
	s.certRaw, s.algRaw = c[1].Full, c[2].Full
	s.MakerCert = r.octets("seal.cert", c[1])
	s.Algorithm = r.algorithm("seal.signAlgID", c[2])
	s.Value = r.value("seal.signedValue", c[3])
	if len(c) == 5 {
		s.Timestamp = r.timestamp("seal.timeStamp", c[4])
	}
}
