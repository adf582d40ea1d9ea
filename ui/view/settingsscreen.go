package view

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// settingsScreen shows the settings in a few groups, each with one line of explanation, and the diagnosis beside them.
type settingsScreen struct {
	env    *Env
	column *fyne.Container
	pane   *fyne.Container
	diag   *diagnosis
	center *centerSettings
	root   *fyne.Container
	shown  string
	draft  state.Options
}

func newSettingsScreen(e *Env) *settingsScreen {
	s := &settingsScreen{env: e, column: widget.NewColumn(widget.Gap(1.25), widget.Gap(3)), diag: newDiagnosis(e)}
	s.center = newCenterSettings(s)
	s.pane = widget.NewPane(s.column)
	s.root = container.New(halves{}, s.pane, s.diag.root, widget.NewRule())
	return s
}

// halves is a layout of two parts with a line between them; the left one is a little wider.
type halves struct{}

func (halves) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(600, 300) }

func (halves) Layout(o []fyne.CanvasObject, s fyne.Size) {
	left := float32(int(s.Width * 0.54))
	o[0].Resize(fyne.NewSize(left, s.Height))
	o[1].Move(fyne.NewPos(left+1, 0))
	o[1].Resize(fyne.NewSize(s.Width-left-1, s.Height))
	o[2].Move(fyne.NewPos(left, 0))
	o[2].Resize(fyne.NewSize(1, s.Height))
}

// Object implements screen.
func (s *settingsScreen) Object() fyne.CanvasObject { return s.root }

// Render implements screen.
func (s *settingsScreen) Render(d state.Desk) {
	s.diag.render(d)
	s.draft = d.Settings.Draft
	if want := fmt.Sprint(d.Settings.Draft, d.Settings.Saved, d.Settings.Trial, d.Trust); want != s.shown {
		s.shown = want
		s.build(d)
	}
	if s.center.render(d) {
		s.pane.Refresh()
	}
}

// build makes the settings anew.
func (s *settingsScreen) build(d state.Desk) {
	s.column.RemoveAll()
	s.look()
	s.driver(d)
	s.trust(d)
	s.center.build()
	s.output()
	saved := ""
	if d.Settings.Saved {
		saved = s.env.T("gui.settings.saved", "Path", d.Options.Path)
	}
	s.column.Add(widget.NewSmall(saved, widget.Faint))
}

func (s *settingsScreen) heading(key string) {
	if len(s.column.Objects) > 0 {
		s.column.Add(widget.NewRule())
	}
	s.column.Add(widget.NewHeading(s.env.T("gui.settings." + key)))
}

// setting adds a setting with its explanation; a locked one says who fixed it.
func (s *settingsScreen) setting(key string, control fyne.CanvasObject, disable func()) {
	e := s.env
	var hint fyne.CanvasObject = widget.NewSmall(e.T("gui.setting."+key+"_hint"), widget.Faint)
	if by, locked := s.draft.Locked[key]; locked {
		disable()
		hint = widget.NewRow(8, 1, widget.NewMark(theme.Lock, widget.Faint), widget.NewSmall(e.T("gui.settings.locked", "Path", by), widget.Faint))
	}
	s.column.Add(widget.NewLabelled(theme.Text()*9, widget.NewText(e.T("gui.setting."+key), widget.Plain), control, hint))
}

// change sends the draft with one value replaced.
func (s *settingsScreen) change(f func(*state.Options)) {
	o := s.draft
	f(&o)
	s.env.Dispatch(state.OptionChanged{Options: o})
}

// choice is a row of buttons of which one is chosen.
func (s *settingsScreen) choice(key, current string, values []string, set func(*state.Options, string)) {
	row := container.NewHBox()
	var buttons []*widget.Button
	for _, v := range values {
		b := widget.NewButton(s.env.T("gui.setting."+key+"."+v), widget.LookChoice, func() { s.change(func(o *state.Options) { set(o, v) }) })
		b.SetChosen(v == current)
		buttons = append(buttons, b)
		row.Add(b)
	}
	s.setting(key, row, func() {
		for _, b := range buttons {
			b.Disable()
		}
	})
}

// indent is a layout that leaves room at the left.
type indent struct{ left float32 }

func (l indent) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().AddWidthHeight(l.left, 0)
}

func (l indent) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Move(fyne.NewPos(l.left, 0))
	o[0].Resize(s.SubtractWidthHeight(l.left, 0))
}

func pick(on bool, yes, no string) string {
	if on {
		return yes
	}
	return no
}

func (s *settingsScreen) look() {
	s.heading("look")
	s.choice("lang", s.draft.Lang, []string{"zh", "en"}, func(o *state.Options, v string) { o.Lang = v })
	s.choice("dark", pick(s.draft.Dark, "on", "off"), []string{"off", "on"}, func(o *state.Options, v string) { o.Dark = v == "on" })
	s.choice("print", pick(s.draft.LargePrint, "large", "normal"), []string{"normal", "large"}, func(o *state.Options, v string) { o.LargePrint = v == "large" })
}

// driver lists the libraries that were found and tests one.
func (s *settingsScreen) driver(d state.Desk) {
	e := s.env
	s.heading("driver")
	path := s.draft.Module
	if path == "" {
		path = e.T("gui.settings.none")
	}
	choose := widget.NewButton(e.T("gui.settings.choose"), widget.LookOutline, func() {
		e.chooseFile(nil, func(p string) { s.change(func(o *state.Options) { o.Module = p }) })
	})
	try := widget.NewButton(e.T("gui.settings.try"), widget.LookOutline, func() { e.Dispatch(state.TrialTapped{Path: s.draft.Module}) })
	try.SetEnabled(s.draft.Module != "" && !d.Settings.Trial.Running)
	s.setting("module", widget.NewRow(8, 0, widget.NewLine(path, widget.Plain), choose, try), choose.Disable)
	for _, p := range s.draft.Found {
		if p != s.draft.Module {
			use := widget.NewButton(e.T("gui.settings.use"), widget.LookOutline, func() { s.change(func(o *state.Options) { o.Module = p }) })
			if _, locked := s.draft.Locked["module"]; locked {
				use.Disable()
			}
			s.column.Add(container.New(indent{theme.Text()*9 + 12}, widget.NewRow(8, 0, widget.NewLine(p, widget.Faint), use)))
		}
	}
	s.trial(d.Settings.Trial)
}

func (s *settingsScreen) trial(t state.Trial) {
	e := s.env
	switch {
	case t.Path == "":
	case t.Running:
		s.column.Add(widget.NewRow(8, 1, widget.NewMark(theme.Waiting, widget.Faint), widget.NewText(e.T("gui.settings.trying"), widget.Plain)))
	case t.Err != nil:
		texts := e.texts(t.Err)
		s.column.Add(widget.NewRow(8, 1, widget.NewMark(theme.Cross, widget.Bad), widget.NewText(texts.What, widget.Plain)))
		for _, detail := range append([]string{texts.Why}, texts.Details...) {
			s.column.Add(widget.NewSmall(detail, widget.Faint))
		}
	default:
		s.column.Add(widget.NewRow(8, 1, widget.NewMark(theme.Check, widget.Good), widget.NewText(e.T("gui.settings.tried", "N", number(t.Keys)), widget.Plain)))
	}
}

func (s *settingsScreen) trust(d state.Desk) {
	e := s.env
	s.heading("trust")
	path := d.Trust.Path
	if path == "" {
		path = e.T("gui.settings.none")
	}
	load := widget.NewButton(e.T("gui.settings.import"), widget.LookOutline, func() {
		e.chooseFile([]string{state.TrustExtension}, func(p string) { e.Dispatch(state.TrustChosen{Path: p}) })
	})
	s.setting("trust", widget.NewRow(8, 0, widget.NewLine(path, widget.Plain), load), load.Disable)
	s.column.Add(widget.NewSmall(e.trustSentence(d), widget.Plain))
}

func (s *settingsScreen) output() {
	e := s.env
	s.heading("output")
	suffix := e.field("")
	suffix.SetText(s.draft.Suffix)
	suffix.OnSubmitted = func(t string) { s.change(func(o *state.Options) { o.Suffix = t }) }
	s.setting("suffix", container.New(&fixed{220, 36}, suffix), suffix.Disable)
	s.choice("existing", s.draft.Existing, []string{"error", "number"}, func(o *state.Options, v string) { o.Existing = v })
	where := s.draft.OutDir
	if where == "" {
		where = e.T("gui.settings.beside")
	}
	choose := widget.NewButton(e.T("gui.settings.choose"), widget.LookOutline, func() {
		e.chooseFolder(func(p string) { s.change(func(o *state.Options) { o.OutDir = p }) })
	})
	beside := widget.NewButton(e.T("gui.settings.beside"), widget.LookOutline, func() { s.change(func(o *state.Options) { o.OutDir = "" }) })
	beside.SetEnabled(s.draft.OutDir != "")
	s.setting("outdir", widget.NewRow(8, 0, widget.NewLine(where, widget.Plain), choose, beside), func() { choose.Disable(); beside.Disable() })
	rules := []string{string(state.RuleDate), string(state.RuleHand)}
	s.choice("rule", string(s.draft.Rule), rules, func(o *state.Options, v string) { o.Rule = state.RuleKind(v) })
}
