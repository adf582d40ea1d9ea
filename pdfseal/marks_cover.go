package pdfseal

import "sealdesk/pdfseal/internal/pdf"

// coveredMark gives the page of the first mark over which something is drawn that is no mark of the same seal, 0 if there is none. What stands
// behind a mark in /Annots is drawn over it; whether it hides the mark is not asked, since our marks are the last on their page. Later
// revisions are judged by the increments that make them.
func (c *candidate) coveredMark(v *pdf.View, marks []markOf) (page int, err error) {
	own := map[int]bool{}
	for _, m := range marks {
		own[m.ref.ObjectNumber.Value()] = true
	}
	for _, m := range marks {
		drawn, err := annotationsOf(v, m.page)
		if err != nil {
			return 0, err
		}
		above := false
		for _, a := range drawn {
			if a.num == m.ref.ObjectNumber.Value() {
				above = true
				continue
			}
			if !above || own[a.num] {
				continue
			}
			o, err := v.Resolve(a.dict["Rect"])
			if err != nil {
				return 0, err
			}
			if rect, ok := rectangle(o); !ok || overlap(rect, m.rect) {
				return m.page, nil
			}
		}
	}
	return 0, nil
}
