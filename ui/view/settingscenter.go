package view

import (
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/pdfseal/center"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// centerSettings edits how the centre is reached. What is typed is a draft until it is saved, and it can be tested before.
type centerSettings struct {
	screen *settingsScreen
	draft  state.CenterOptions
	url    *typed
	pins   *typed
	files  map[string]*widget.Text
	clear  map[string]*widget.Button
	ways   map[string]*widget.Button
	test   *widget.Button
	save   *widget.Button
	state  *widget.Text
	result *fyne.Container
	shown  string
}

func newCenterSettings(s *settingsScreen) *centerSettings {
	e := s.env
	c := &centerSettings{screen: s, files: map[string]*widget.Text{}, clear: map[string]*widget.Button{}, ways: map[string]*widget.Button{}, state: widget.NewSmall("", widget.Faint), result: widget.NewColumn(2, 0)}
	c.url = e.newTyped("gui.setting.center_url_hint", func(t string) { c.edit(func(o *state.CenterOptions) { o.URL = t }) })
	c.pins = e.newTyped("", func(t string) { c.edit(func(o *state.CenterOptions) { o.Pins = t }) })
	c.test = widget.NewButton(e.T("gui.settings.center_test"), widget.LookOutline, func() { e.Dispatch(state.CenterTried{}) })
	c.save = widget.NewButton(e.T("gui.settings.center_save"), widget.LookAccent, func() { e.Dispatch(state.CenterKept{}) })
	return c
}

// edit sends the draft with one value replaced.
func (c *centerSettings) edit(f func(*state.CenterOptions)) {
	o := c.draft
	f(&o)
	c.draft = o
	c.screen.env.Dispatch(state.CenterEdited{Options: o})
}

// build adds the group to the column of the settings. The fields outlive it, so that typing goes on while answers come in.
func (c *centerSettings) build() {
	s, e := c.screen, c.screen.env
	c.shown = ""
	s.heading("center")
	c.url.Enable()
	s.setting("center_url", c.url.Field, c.url.Disable)
	row := container.NewHBox()
	for _, way := range []string{center.TransportTLS, center.TransportTLCP} {
		c.ways[way] = widget.NewButton(e.T("gui.setting.center_transport."+way), widget.LookChoice, func() { c.edit(func(o *state.CenterOptions) { o.Transport = way }) })
		row.Add(c.ways[way])
	}
	s.setting("center_transport", row, func() {
		for _, b := range c.ways {
			b.Disable()
		}
	})
	c.file("center_ca", func(o *state.CenterOptions) *string { return &o.CA })
	c.file("center_cert", func(o *state.CenterOptions) *string { return &o.Certificate })
	c.file("center_key", func(o *state.CenterOptions) *string { return &o.Key })
	c.pins.Enable()
	s.setting("center_pins", c.pins.Field, c.pins.Disable)
	s.column.Add(container.New(indent{theme.Text()*9 + 12}, widget.NewRow(8, 2, c.test, c.save, c.state)))
	s.column.Add(container.New(indent{theme.Text()*9 + 12}, c.result))
}

// file is a setting that names a file.
func (c *centerSettings) file(key string, of func(*state.CenterOptions) *string) {
	e := c.screen.env
	c.files[key] = widget.NewLine("", widget.Plain)
	choose := widget.NewButton(e.T("gui.settings.choose"), widget.LookOutline, func() {
		e.chooseFile(nil, func(p string) { c.edit(func(o *state.CenterOptions) { *of(o) = p }) })
	})
	c.clear[key] = widget.NewButton(e.T("gui.settings.clear"), widget.LookOutline, func() { c.edit(func(o *state.CenterOptions) { *of(o) = "" }) })
	c.screen.setting(key, widget.NewRow(8, 0, c.files[key], choose, c.clear[key]), choose.Disable)
}

// render shows the draft and what the last test has said. It tells whether anything but the fields has changed.
func (c *centerSettings) render(d state.Desk) bool {
	e, o := c.screen.env, d.Settings.Center
	c.draft = o
	c.url.show(o.URL)
	c.pins.show(o.Pins)
	want := fmt.Sprint(o, d.Settings.Probe, d.Options.Center, d.Sealing.Phase.Busy())
	if want == c.shown {
		return false
	}
	c.shown = want
	for way, b := range c.ways {
		b.SetChosen(way == o.Transport)
	}
	for key, path := range map[string]string{"center_ca": o.CA, "center_cert": o.Certificate, "center_key": o.Key} {
		c.clear[key].SetEnabled(path != "")
		if path == "" {
			path = e.T("gui.settings.none")
		}
		c.files[key].SetText(path)
	}
	p := d.Settings.Probe
	c.test.SetEnabled(o.URL != "" && !p.Running)
	c.save.SetEnabled(d.CenterUnsaved() && !d.Sealing.Phase.Busy())
	unsaved := ""
	if d.CenterUnsaved() {
		unsaved = e.T("gui.settings.center_unsaved")
	}
	c.state.SetText(unsaved)
	c.answer(p)
	return true
}

func (c *centerSettings) answer(p state.CenterTrial) {
	e := c.screen.env
	c.result.RemoveAll()
	line := func(shape theme.Shape, ink widget.Ink, text string) {
		c.result.Add(widget.NewRow(8, 1, widget.NewMark(shape, ink), widget.NewText(text, widget.Plain)))
	}
	switch {
	case p.Running:
		line(theme.Waiting, widget.Faint, e.T("gui.settings.center_testing"))
	case !p.Ended:
	case p.Err != nil:
		t := e.texts(p.Err)
		line(theme.Cross, widget.Bad, t.What)
		for _, more := range append([]string{t.Why, t.Do}, t.Details...) {
			if more != "" {
				c.result.Add(widget.NewSmall(more, widget.Faint))
			}
		}
	default:
		a := p.Answer
		line(theme.Check, widget.Good, e.T("gui.settings.center_ok", "Host", a.Host))
		c.result.Add(widget.NewSmall(e.T("gui.settings.center_ok_detail", "Protocol", a.Protocol, "Subject", a.Subject, "Until", day(a.Until),
			"Milliseconds", strconv.FormatInt(a.Elapsed.Milliseconds(), 10), "Offset", center.Offset(a.Skew)), widget.Faint))
	}
}
