package state

import (
	"context"

	"sealdesk/pdfseal"
)

// Straddle is a straddle seal as it is wished for. The value is comparable; without an edge there is none.
type Straddle struct {
	Edge   pdfseal.Edge
	Pages  string  // such as "1,3-6,last"; empty: all
	Centre float64 // millimetres along the edge, from its top or left end; 0: the middle
}

// Wanted tells whether there is to be one.
func (s Straddle) Wanted() bool { return s.Edge != "" }

// Slices are where the slices of a straddle seal will stand, or why it cannot be.
type Slices struct {
	For     Straddle
	Seal    string // its identifier
	Finding bool
	Marks   []pdfseal.PlacedMark
	Err     error
}

// OnPage returns the slice of a page.
func (s Slices) OnPage(n int) (pdfseal.PlacedMark, bool) {
	for _, m := range s.Marks {
		if m.Page == n {
			return m, true
		}
	}
	return pdfseal.PlacedMark{}, false
}

type (
	// StraddleChosen wants another straddle seal, or none, on the shown document and on all that had the same as it.
	StraddleChosen struct{ Straddle Straddle }
	// SlicesFound answers where it will stand.
	SlicesFound struct {
		Path   string
		Slices Slices
	}
)

// CanStraddle tells whether a document has pages enough.
func (d Document) CanStraddle() bool { return d.Loaded && d.Info.Pages > 1 }

// Placed tells whether it is known where a seal is to stand, and nothing stands against it.
func (d Document) Placed() bool {
	if d.Straddle.Wanted() && (d.Slices.Err != nil || len(d.Slices.Marks) == 0) {
		return false
	}
	return len(d.Marks) > 0 || d.Straddle.Wanted() && d.Rule.Kind == RuleHand
}

// chooseStraddle changes the straddle seal. Where it is the only wish for a place that was found nowhere, nothing else is looked for any more.
func (m Machine) chooseStraddle(d Desk, want Straddle) (Desk, Cmd) {
	s := &d.Sealing
	shown, ok := s.Document()
	if s.Phase.Busy() || s.Phase == SealDone || !ok {
		return d, nil
	}
	before := shown.Straddle
	s.Straddle = want
	for _, doc := range s.Documents {
		if doc.Straddle == before && !doc.Done() && (!doc.Loaded || doc.CanStraddle()) {
			*s = s.change(doc.Path, func(o Document) Document {
				o.Straddle, o.Slices = want, Slices{}
				if want.Wanted() && len(o.Marks) == 0 && o.PlaceErr != nil {
					o.Rule, o.PlaceErr = Rule{Kind: RuleHand}, nil
				}
				return o
			})
		}
	}
	return m.findSlices(d)
}

// findSlices asks where the slices of straddle seals will stand that are not known for the chosen seal.
func (m Machine) findSlices(d Desk) (Desk, Cmd) {
	seal, ok := d.Sealing.Seal(d.Keys)
	if !ok {
		return d, nil
	}
	var cmds []Cmd
	for _, doc := range d.Sealing.Documents {
		want, path := Slices{For: doc.Straddle, Seal: seal.ID, Finding: true}, doc.Path
		known := doc.Slices.For == want.For && doc.Slices.Seal == want.Seal
		if !doc.Straddle.Wanted() || !doc.CanStraddle() || doc.Done() || known {
			continue
		}
		d.Sealing = d.Sealing.change(path, func(o Document) Document { o.Slices = want; return o })
		cmds = append(cmds, func(ctx context.Context, send func(Event)) {
			found := Slices{For: want.For, Seal: want.Seal}
			found.Marks, found.Err = m.Work.Slices(ctx, path, doc.Info.Pages, want.For, seal)
			send(SlicesFound{Path: path, Slices: found})
		})
	}
	return d, inTurn(cmds)
}

// slicesFound takes the answer, unless the user has gone on in the meantime.
func slicesFound(s *Sealing, e SlicesFound) {
	*s = s.change(e.Path, func(doc Document) Document {
		if doc.Straddle == e.Slices.For && doc.Slices.Seal == e.Slices.Seal {
			doc.Slices = e.Slices
		}
		return doc
	})
}
