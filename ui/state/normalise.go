package state

import (
	"context"
	"slices"
)

// Copying is how it stands with the normalised copy of a document that cannot be sealed as it is.
type Copying struct {
	Running bool
	Err     error  // why there is none
	Of      string // the document is the copy of this one; it has to be looked at before it is sealed
}

// The events of normalising (rule W3).
type (
	// NormaliseTapped writes a normalised copy of the shown document, which takes its place on the list.
	NormaliseTapped struct{}
	// Normalised answers.
	Normalised struct {
		Path string
		Out  string
		Err  error
	}
)

// CanNormalise tells whether a copy may help where the document is refused.
func (d Document) CanNormalise() bool { return d.Err != nil && d.Info.Normalisable }

func (m Machine) normalising(d Desk, e Event) (Desk, Cmd) {
	s := &d.Sealing
	switch e := e.(type) {
	case NormaliseTapped:
		doc, ok := s.Document()
		if !ok || !doc.CanNormalise() || doc.Copying.Running || s.Phase.Busy() {
			return d, nil
		}
		path := doc.Path
		*s = s.change(path, func(o Document) Document { o.Copying = Copying{Running: true}; return o })
		return d, func(ctx context.Context, send func(Event)) {
			out, err := m.Work.Normalise(ctx, path)
			send(Normalised{Path: path, Out: out, Err: err})
		}
	case Normalised:
		return m.normalised(d, e)
	}
	return d, nil
}

// normalised puts the copy in the place of its document, which stays where it lies, and asks the user to look at it.
func (m Machine) normalised(d Desk, e Normalised) (Desk, Cmd) {
	s := &d.Sealing
	if e.Err != nil {
		*s = s.change(e.Path, func(o Document) Document { o.Copying = Copying{Err: e.Err}; return o })
		return d, nil
	}
	d.Notices = append(d.Notices[:len(d.Notices):len(d.Notices)], Notice{Key: "gui.notice.normalised", Arg: e.Out})
	at := slices.IndexFunc(s.Documents, func(o Document) bool { return o.Path == e.Path })
	if at < 0 || s.Phase.Busy() {
		return d, nil
	}
	s.Documents = slices.Clone(s.Documents)
	s.Documents[at] = Document{Path: e.Out, Rule: s.Rule, Straddle: s.Straddle, Copying: Copying{Of: e.Path}}
	return d, m.openDocument(e.Out)
}

// openDocument reads what is known of a document.
func (m Machine) openDocument(path string) Cmd {
	return func(ctx context.Context, send func(Event)) {
		info, err := m.Work.OpenDocument(ctx, path)
		send(DocumentOpened{Path: path, Info: info, Err: err})
	}
}
