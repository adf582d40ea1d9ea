package view

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// strip is the key strip: one sentence with a shape in front; at its right end the centre and the age of the trust file.
type strip struct {
	env      *Env
	mark     *widget.Mark
	sentence *widget.Text
	remedy   *remedy // what helps in a state without a key
	action   *widget.Button
	choices  *fyne.Container
	centre   *widget.Mark
	reached  *widget.Text
	trust    *widget.Text
	root     *fyne.Container
	chosen   string // what choices shows
}

func newStrip(e *Env) *strip {
	s := &strip{env: e, mark: widget.NewMark(theme.Waiting, widget.Faint), sentence: widget.NewLine("", widget.Plain),
		trust: widget.NewSmallLine("", widget.Faint), choices: container.NewHBox()}
	s.action = widget.NewButton(e.T("gui.key.details"), widget.LookQuiet, func() { e.Dispatch(state.ScreenChosen{Screen: state.ScreenKeys}) })
	s.remedy = newRemedy(e)
	s.centre, s.reached = widget.NewMark(theme.Waiting, widget.Faint), widget.NewSmallLine("", widget.Faint)
	row := widget.NewRow(widget.Gap(1.25), 1, s.mark, s.sentence, s.choices, s.remedy.button, s.action, widget.NewRow(4, -1, s.centre, s.reached), s.trust)
	s.root = container.New(inset{16, 0}, row)
	return s
}

// keyLook is the shape and colour of a state of the key strip.
func keyLook(s state.KeyState) (theme.Shape, widget.Ink) {
	switch {
	case s == state.KeyReady:
		return theme.Ring, widget.Red
	case s == state.KeyNone:
		return theme.Hollow, widget.Faint
	case s == state.KeyPINLocked:
		return theme.Lock, widget.Bad
	}
	return rankLook(s.Rank())
}

func (s *strip) render(d state.Desk) {
	key := d.KeyState()
	shape, ink := keyLook(key)
	s.mark.Set(shape, ink)
	s.sentence.SetText(s.env.keySentence(d, key))
	s.centre.Set(centerLook(d.Center.Phase))
	s.reached.SetText(s.env.centerSentence(d.Center))
	s.trust.SetText(s.env.trustSentence(d))
	s.choose(d, key)
	s.remedy.show(key, d.Sealing.Phase.Busy())
	s.root.Refresh()
}

// choose offers the keys where there are several and none is chosen.
func (s *strip) choose(d state.Desk, key state.KeyState) {
	want := ""
	if key == state.KeySeveral {
		for _, k := range d.Keys.All {
			want += fmt.Sprintln(k.ID)
		}
	}
	if want == s.chosen {
		return
	}
	s.chosen = want
	s.choices.RemoveAll()
	if want == "" {
		return
	}
	for _, k := range d.Keys.All[:min(3, len(d.Keys.All))] {
		s.choices.Add(widget.NewButton(keyName(k, d.Keys.All), widget.LookOutline, func() { s.env.Dispatch(state.KeyChosen{ID: k.ID}) }))
	}
}

// keySentence says in one sentence how it stands with the key.
func (e *Env) keySentence(d state.Desk, s state.KeyState) string {
	k, _ := d.Keys.Key()
	pairs := []string{"Label", k.Label, "N", number(len(d.Keys.All))}
	if len(k.Seals) > 0 {
		seal := k.Seals[0]
		if chosen, ok := d.Sealing.Seal(d.Keys); ok {
			seal = chosen
		}
		name := seal.Name
		if len(k.Seals) > 1 {
			name = e.T("gui.key.and_more", "Name", name, "N", number(len(k.Seals)))
		}
		pairs = append(pairs, "Seal", name, "Holder", seal.Holder, "Days", number(max(0, seal.DaysLeft(d.Now))))
	}
	text := e.T("gui.key.state."+string(s), pairs...)
	if k.Training && s.Usable() {
		text += e.T("gui.key.training_suffix")
	}
	return text
}

// centerLook is the shape and colour of how it stands with the centre.
func centerLook(p state.CenterPhase) (theme.Shape, widget.Ink) {
	switch p {
	case state.CenterConnected:
		return theme.Check, widget.Good
	case state.CenterAway:
		return theme.Bang, widget.Warning
	case state.CenterUnset:
		return theme.Dash, widget.Faint
	}
	return theme.Waiting, widget.Faint
}

// centerSentence says whether the centre can be reached.
func (e *Env) centerSentence(c state.Center) string {
	if c.Phase == "" {
		c.Phase = state.CenterAsking
	}
	return e.T("gui.center." + string(c.Phase))
}

// trustSentence says which trust file is in use and how old it is.
func (e *Env) trustSentence(d state.Desk) string {
	t := d.Trust
	switch {
	case t.Err != nil:
		return e.T("gui.trust.unreadable")
	case t.Path == "":
		return e.T("gui.trust.none")
	case !t.Expires.IsZero() && d.Now.After(t.Expires):
		return e.T("gui.trust.expired", "Number", number(t.Number), "To", day(t.Expires))
	}
	return e.T("gui.trust.age", "Number", number(t.Number), "Days", number(t.AgeDays))
}

// inset is a layout with a margin at the sides and above and below.
type inset struct{ x, y float32 }

func (l inset) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().AddWidthHeight(2*l.x, 2*l.y)
}

func (l inset) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Move(fyne.NewPos(l.x, l.y))
	o[0].Resize(s.SubtractWidthHeight(2*l.x, 2*l.y))
}
