package view

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/token"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// sealSheet slides over the inspector: the PIN, then the result.
type sealSheet struct {
	env    *Env
	pin    *pinForm
	result *resultForm
	root   *fyne.Container
}

func newSealSheet(e *Env) *sealSheet {
	s := &sealSheet{env: e, pin: newPINForm(e), result: newResultForm(e)}
	s.root = container.NewStack(s.pin.root, s.result.root)
	return s
}

func (s *sealSheet) render(d state.Desk) {
	pin := d.Sealing.Phase == state.SealPIN
	if pin {
		s.result.root.Hide()
		s.pin.root.Show()
	} else {
		s.pin.root.Hide()
		s.result.root.Show()
	}
	s.pin.render(d)
	if d.Sealing.Phase == state.SealDone {
		s.result.render(d)
	} else {
		s.result.shown = ""
	}
}

// pinForm asks for the PIN: first what will happen, then how many tries, then the field (users.md, §9).
type pinForm struct {
	env     *Env
	what    *fyne.Container
	warning *fyne.Container
	entry   *widget.PINEntry
	rule    *widget.Text
	final   *widget.Check
	ok      *widget.Button
	cancel  *widget.Button
	fields  *fyne.Container
	root    *fyne.Container
	ask     *state.PINAsked
}

func newPINForm(e *Env) *pinForm {
	f := &pinForm{env: e, what: widget.NewColumn(6, 0), warning: widget.NewColumn(6, 0), entry: widget.NewPINEntry(), rule: widget.NewSmall("", widget.Faint)}
	f.final = widget.NewCheck(e.T("gui.pin.final"), func(bool) { f.check() })
	f.ok = widget.NewButton(e.T("gui.pin.ok"), widget.LookSeal, f.send)
	f.cancel = widget.NewButton(e.T("gui.cancel"), widget.LookOutline, func() { e.Dispatch(state.PINCancelled{}) }).WithHint("Esc")
	f.entry.Shortcut = e.Shortcut
	f.entry.OnChange = func(int) { f.check() }
	f.entry.OnDone = f.send
	f.fields = widget.NewColumn(8, 0, widget.NewSmall(e.T("gui.pin.enter"), widget.Faint), f.entry, f.rule)
	f.root = widget.NewColumn(widget.Gap(1.5), widget.Gap(2), widget.NewHeading(e.T("gui.pin.title")), f.what, f.warning, f.fields, f.final,
		container.NewGridWithColumns(2, f.ok, f.cancel))
	return f
}

func (f *pinForm) render(d state.Desk) {
	ask := d.Sealing.Ask
	if ask == f.ask {
		return
	}
	f.ask = ask
	f.entry.SetText("")
	f.final.SetChecked(false)
	if ask == nil {
		f.env.unfocus(f.entry)
		return
	}
	f.describe(d, ask.Request)
	f.check()
	f.root.Refresh()
	if !ask.Request.Token.ProtectedPath {
		f.env.focus(f.entry)
	}
}

// maxListed bounds the documents that the sheet names.
const maxListed = 8

// list names the documents of a batch (users.md, §9, 6). Where some are left out it is not known here which.
func (f *pinForm) list(ordered []string, documents int) {
	if documents < 2 || documents != len(ordered) {
		return
	}
	names := widget.NewColumn(0, 0)
	for _, path := range ordered[:min(documents, maxListed)] {
		names.Add(widget.NewSmallLine("· "+baseName(path), widget.Faint))
	}
	if more := documents - maxListed; more > 0 {
		names.Add(widget.NewSmall(f.env.T("gui.pin.more", "N", number(more)), widget.Faint))
	}
	f.what.Add(names)
}

// describe says what will happen and what the key warns of.
func (f *pinForm) describe(d state.Desk, r token.PINRequest) {
	e := f.env
	f.what.RemoveAll()
	f.warning.RemoveAll()
	if seal, ok := d.Sealing.Seal(d.Keys); ok && seal.Picture != nil {
		f.what.Add(container.NewHBox(widget.NewSealPicture(seal.Picture, 84)))
	}
	f.what.Add(widget.NewText(r.SealName, widget.Plain))
	f.what.Add(widget.NewSmall(e.T("gui.pin.key", "Label", r.Token.Label, "Serial", r.Token.Serial), widget.Faint))
	text := e.Catalogue.N("gui.pin.documents", r.Documents, nil)
	if r.Documents == 1 && len(d.Sealing.Ordered) == 1 {
		text = e.T("gui.pin.document", "Name", baseName(d.Sealing.Ordered[0]))
	}
	f.what.Add(widget.NewText(text, widget.Plain))
	f.list(d.Sealing.Ordered, r.Documents)
	if n := len(d.Sealing.Ordered) - r.Documents; n > 0 {
		f.what.Add(widget.NewRow(8, 1, widget.NewMark(theme.Bang, widget.Warning), widget.NewText(e.Catalogue.N("gui.pin.left_out", n, nil), widget.Plain)))
	}
	warn := ""
	switch {
	case r.Warning.FinalTry:
		warn = e.T("gui.pin.warn_final")
	case r.Warning.Low:
		warn = e.T("gui.pin.warn_low")
	case r.Warning.ToBeChanged:
		warn = e.T("gui.pin.warn_change")
	case r.Attempt > 1:
		warn = e.T("gui.pin.again")
	case r.EachSignature:
		warn = e.T("gui.pin.each")
	}
	if warn != "" {
		shape, ink := theme.Bang, widget.Warning
		if r.Warning.FinalTry {
			shape, ink = theme.Lock, widget.Bad
		}
		f.warning.Add(widget.NewRow(8, 1, widget.NewMark(shape, ink), widget.NewText(warn, widget.Plain)))
	}
	f.final.Hidden = !r.Warning.FinalTry
	f.fields.Hidden = r.Token.ProtectedPath
	if r.Token.ProtectedPath {
		f.warning.Add(widget.NewText(e.T("gui.pin.on_key"), widget.Plain))
	}
	rule := e.T("gui.pin.rule_any")
	if r.Token.PINMax > 0 {
		rule = e.T("gui.pin.rule", "Min", fmt.Sprint(r.Token.PINMin), "Max", fmt.Sprint(r.Token.PINMax))
	}
	f.rule.SetText(rule)
}

// good tells whether what was typed may be sent: the key's own rule is met, and the last try was confirmed.
func (f *pinForm) good() bool {
	if f.ask == nil {
		return false
	}
	r, n := f.ask.Request, len(f.entry.Text)
	switch {
	case r.Warning.FinalTry && !f.final.Checked:
		return false
	case r.Token.ProtectedPath:
		return true
	}
	return n > 0 && n >= r.Token.PINMin && (r.Token.PINMax == 0 || n <= r.Token.PINMax)
}

func (f *pinForm) check() { f.ok.SetEnabled(f.good()) }

// send hands the PIN over once.
func (f *pinForm) send() {
	if !f.good() {
		return
	}
	pin := token.NewPIN(f.entry.Take())
	if f.ask.Request.Warning.FinalTry {
		pin = pin.ConfirmFinal()
	}
	f.ask = nil
	f.ok.SetEnabled(false)
	f.env.Dispatch(state.PINEntered{PIN: pin})
}
