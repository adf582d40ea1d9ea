package pdfseal

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// Permissions of a certification (ISO 32000-2, table 257).
const (
	certifiedNothing = 1 // nothing may be changed
	certifiedDefault = 2 // where it says nothing
)

// certification applies rule I9: a document is certified at most once and by its first signature, and nothing but evidence follows one that
// permits no change. Any other permission that a certification gives is not honoured: the rules I are stricter.
func (d *delta) certification() error {
	for _, c := range d.all {
		if c.rev > d.rev {
			continue
		}
		p, certifies, err := c.certifies(d.now)
		if err != nil {
			return err
		}
		switch {
		case !certifies:
		case c.rev == d.rev:
			d.bad("I9", other(detailCertifiedLater))
		case p == certifiedNothing:
			d.bad("I9", other(detailCertifiedBefore))
		}
	}
	return nil
}

// certifies tells whether a signature is a certification, and what it permits.
func (c *candidate) certifies(v *pdf.View) (p int, ok bool, err error) {
	list, err := v.Array(c.dict["Reference"])
	if err != nil {
		return 0, false, err
	}
	for _, o := range list {
		ref, err := v.Dict(o)
		if err != nil {
			return 0, false, err
		}
		if ref["TransformMethod"] != types.Name("DocMDP") {
			continue
		}
		params, err := v.Dict(ref["TransformParams"])
		if err != nil {
			return 0, false, err
		}
		p, stated, err := v.Int(params["P"])
		if err == nil && !stated {
			p = certifiedDefault
		}
		return p, true, err
	}
	return 0, false, nil
}
