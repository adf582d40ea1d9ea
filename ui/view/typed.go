package view

import (
	"slices"

	"sealdesk/ui/widget"
)

// typed is a field whose text is part of the state. An input method may hand over several characters at once, so the state comes back
// with the first of them when more are there already: such an echo changes nothing.
type typed struct {
	*widget.Field
	sent  []string // what was typed and has not come back yet
	quiet bool
}

// newTyped makes a field that sends what is typed.
func (e *Env) newTyped(hint string, send func(text string)) *typed {
	t := &typed{Field: e.field(hint)}
	t.OnChanged = func(text string) {
		if !t.quiet {
			t.sent = append(t.sent, text)
			send(text)
		}
	}
	return t
}

// show makes the field show the text of the state.
func (t *typed) show(text string) {
	switch {
	case text == t.Text:
		t.sent = nil
	case !slices.Contains(t.sent, text):
		t.sent, t.quiet = nil, true
		t.SetText(text)
		t.quiet = false
	}
}
