package view

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// keyScreen shows one card for each key: its state and what to do, its seals at true size, its certificates.
type keyScreen struct {
	env    *Env
	column *fyne.Container
	root   *fyne.Container
	shown  string
}

func newKeyScreen(e *Env) *keyScreen {
	s := &keyScreen{env: e, column: widget.NewColumn(widget.Gap(2), widget.Gap(3))}
	s.root = widget.NewPane(s.column)
	return s
}

// Object implements screen.
func (s *keyScreen) Object() fyne.CanvasObject { return s.root }

// Render implements screen.
func (s *keyScreen) Render(d state.Desk) {
	key := d.KeyState()
	want := fmt.Sprint(key, d.Sealing.Phase.Busy(), d.Keys.Chosen, d.Keys.Err, d.Keys.Removed)
	for _, k := range d.Keys.All {
		want += fmt.Sprint(k.Info, len(k.Seals), k.Err)
	}
	if want == s.shown {
		return
	}
	s.shown = want
	s.column.RemoveAll()
	shape, ink := keyLook(key)
	s.column.Add(widget.NewRow(12, 1, widget.NewLargeMark(shape, ink), widget.NewHeading(s.env.keySentence(d, key))))
	s.column.Add(widget.NewText(s.env.T("gui.key.do."+string(key)), widget.Faint))
	if d.Keys.Err != nil {
		t := s.env.texts(d.Keys.Err)
		s.column.Add(widget.NewText(t.What, widget.Plain))
		s.column.Add(widget.NewText(t.Why, widget.Faint))
		for _, detail := range t.Details {
			s.column.Add(widget.NewText("· "+detail, widget.Faint))
		}
	}
	s.remedies(d, key)
	for _, k := range d.Keys.All {
		s.card(d, k)
	}
	s.root.Refresh()
}

// remedies are the buttons for what helps.
func (s *keyScreen) remedies(d state.Desk, key state.KeyState) {
	r, row := newRemedy(s.env), container.NewHBox()
	r.show(key, d.Sealing.Phase.Busy())
	if r.event != nil {
		row.Add(r.button)
	}
	settings := state.Event(state.ScreenChosen{Screen: state.ScreenSettings})
	if d.Keys.Err != nil && r.event != settings {
		row.Add(widget.NewButton(s.env.T("gui.key.configure"), widget.LookOutline, func() { s.env.Dispatch(settings) }))
	}
	if len(row.Objects) > 0 {
		s.column.Add(row)
	}
}

// card is one key.
func (s *keyScreen) card(d state.Desk, k state.Key) {
	e := s.env
	body := widget.NewColumn(widget.Gap(1), widget.Gap(2))
	title := e.T("gui.key.card", "Label", k.Label, "Serial", k.Serial)
	head := widget.NewRow(10, 0, widget.NewHeading(title))
	if len(d.Keys.All) > 1 && k.ID != d.Keys.Chosen {
		head.Add(widget.NewButton(e.T("gui.key.use"), widget.LookOutline, func() { e.Dispatch(state.KeyChosen{ID: k.ID}) }))
	}
	body.Add(head)
	one := k.State(d.Now, d.Trust.Issued)
	shape, ink := keyLook(one)
	body.Add(widget.NewRow(8, 1, widget.NewMark(shape, ink), widget.NewText(e.T("gui.key.card_state."+string(one)), widget.Plain)))
	if k.Training {
		body.Add(widget.NewRow(8, 1, widget.NewMark(theme.Bang, widget.Warning), widget.NewText(e.T("gui.key.training"), widget.Plain)))
	}
	for _, seal := range k.Seals {
		text := widget.NewColumn(2, 0, widget.NewText(seal.Name, widget.Plain),
			widget.NewSmall(e.T("gui.key.seal_id", "ID", seal.ID), widget.Faint),
			widget.NewSmall(e.T("gui.key.seal_size", "W", number(int(seal.Width)), "H", number(int(seal.Height))), widget.Faint),
			widget.NewSmall(e.T("gui.key.seal_valid", "From", day(seal.ValidFrom), "To", day(seal.ValidTo)), widget.Faint))
		if seal.Picture == nil {
			body.Add(text)
			continue
		}
		body.Add(widget.NewRow(16, 1, widget.NewTrueSeal(seal.Picture, seal.Width), text))
	}
	for _, c := range k.Certificates {
		use := "gui.key.cert_enc"
		if c.Signing {
			use = "gui.key.cert_sign"
		}
		body.Add(widget.NewSmall(e.T(use, "Subject", c.Subject, "Serial", c.SerialHex, "From", day(c.NotBefore), "To", day(c.NotAfter)), widget.Faint))
	}
	body.Add(widget.NewSmall(e.T("gui.key.device", "Maker", k.Manufacturer, "Model", k.Model, "Firmware", k.Firmware, "Module", k.Module), widget.Faint))
	s.column.Add(widget.NewGround(widget.PaperGround, widget.LineInk, body))
}
