package pdfseal

import (
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// fieldUses counts what the fields of one revision share although readers take it for one thing (rule I6).
type fieldUses struct {
	name   map[types.IndirectRef]string // full name of a field that is an object
	names  map[string]int
	values map[types.IndirectRef]int // by /V
}

func fieldUsesOf(v *pdf.View) (*fieldUses, error) {
	all, err := allFields(v)
	if err != nil {
		return nil, err
	}
	u := &fieldUses{name: map[types.IndirectRef]string{}, names: map[string]int{}, values: map[types.IndirectRef]int{}}
	for i, f := range all {
		full := fullName(all, i)
		u.name[f.ref] = full
		u.names[full]++
		if ref, ok := f.dict["V"].(types.IndirectRef); ok {
			u.values[ref]++
		}
	}
	return u, nil
}

// fullName joins the partial names of a field and those above it (ISO 32000-2, 12.7.4.2).
func fullName(all []field, i int) string {
	var parts []string
	for ; i >= 0; i = all[i].up {
		if all[i].name != "" {
			parts = append([]string{all[i].name}, parts...)
		}
	}
	return strings.Join(parts, ".")
}

// checkField applies rule I6 inside the seal's own revision: one signature is the value of one field, and, in files of ours, the field shares
// its name with no other, since readers take fields of one name for one field.
func (c *candidate) checkField(u *fieldUses) {
	if c.closed || c.sigRef == (types.IndirectRef{}) {
		return
	}
	switch name := u.name[c.field.ref]; {
	case u.values[c.sigRef] > 1:
		c.fail("I6", ReasonDuplicate, "several fields have this signature as their value", nil)
	case c.ours() && u.names[name] > 1:
		c.failMark("I6", 0, markName, "another field has the same name")
	}
}
