package ses

import (
	"fmt"

	"sealdesk/pdfseal/internal/der"
)

// maxExt is the most extensions that one structure may carry.
const maxExt = 64

// sealExt reads extDatas of SES_SealInfo: untagged as real seals have it, or
// [0] EXPLICIT, or wrapped in an OCTET STRING.
func (r *reader) sealExt(field string, v der.Value) []ExtData {
	if r.err != nil {
		return nil
	}
	switch {
	case v.IsContext(0):
		inner, err := v.Explicit(0)
		r.fail(field, err)
		r.note("%s: tagged [0]", field)
		return r.extensions(field, inner)
	case v.Is(der.TagOctetString):
		if err := der.Check(v.Content, der.MaxDepth, der.MaxElements); err != nil {
			r.fail(field, err)
			return nil
		}
		inner, err := der.ParseAll(v.Content)
		r.fail(field, err)
		r.note("%s: wrapped in an OCTET STRING", field)
		return r.extensions(field, inner)
	}
	return r.extensions(field, v)
}

// tbsExt reads extDatas of TBS_Sign: [0] EXPLICIT, or the same untagged.
func (r *reader) tbsExt(field string, v der.Value) []ExtData {
	if r.err != nil {
		return nil
	}
	if v.Is(der.TagSequence) {
		r.note("%s: without its tag [0]", field)
		return r.extensions(field, v)
	}
	inner, err := v.Explicit(0)
	r.fail(field, err)
	return r.extensions(field, inner)
}

func (r *reader) extensions(field string, v der.Value) []ExtData {
	out := []ExtData{}
	for i, c := range r.sequence(field, v, 0, maxExt) {
		out = append(out, r.extension(fmt.Sprintf("%s[%d]", field, i), c))
	}
	return out
}

func (r *reader) extension(field string, v der.Value) ExtData {
	c := r.sequence(field, v, 2, 3)
	if r.err != nil {
		return ExtData{}
	}
	oid, err := c[0].OID()
	r.fail(field+".extnID", err)
	e := ExtData{ID: oid}
	if len(c) == 3 {
		e.Critical, err = c[1].Bool()
		r.fail(field+".critical", err)
		if !e.Critical {
			r.note("%s.critical: the default FALSE is written out", field)
		}
	}
	e.Value = r.octets(field+".extnValue", c[len(c)-1])
	return e
}
