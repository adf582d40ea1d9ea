package view

import (
	"fmt"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	base "fyne.io/fyne/v2/widget"

	"sealdesk/pdfseal/register"
	"sealdesk/ui/explain"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// registerScreen shows the register of seal use: whether it hangs together, the uses by days, and the particulars of one.
type registerScreen struct {
	env    *Env
	state  state.Register
	desk   state.Desk
	query  *typed
	count  *widget.Text
	export *widget.Button
	fetch  *widget.Button
	check  *fyne.Container
	list   *widget.List
	detail *useDetail
	table  []fyne.CanvasObject // what is shown where there are uses
	empty  *fyne.Container
	title  *widget.Text
	hint   *widget.Text
	root   *fyne.Container

	checked string
	shown   shownRows
	setting bool
}

// shownRows tells what the list shows.
type shownRows struct {
	version int
	report  *register.Report
	chosen  int64
}

func newRegisterScreen(e *Env) *registerScreen {
	s := &registerScreen{env: e, count: widget.NewSmallLine("", widget.Faint), check: widget.NewColumn(4, 0), detail: newUseDetail(e)}
	s.query = e.newTyped("gui.register.search", func(t string) { e.Dispatch(state.QueryTyped{Text: t}) })
	s.export = widget.NewButton(e.T("gui.register.export"), widget.LookOutline, s.save)
	again := widget.NewButton(e.T("gui.register.again"), widget.LookOutline, func() { e.Dispatch(state.RegisterAgain{}) })
	s.fetch = widget.NewButton("", widget.LookOutline, func() { e.Dispatch(state.ReceiptsWanted{}) })
	command := widget.NewButton(e.T("gui.command"), widget.LookQuiet, func() { e.copyCommand(s.desk) })
	head := widget.NewRow(12, 0, container.New(&fixed{theme.Text() * 12, theme.Text()*2 + 8}, s.query.Field), s.count, command, s.fetch, again, s.export)
	s.list = widget.NewList(func() int { return len(s.state.Rows) }, func() fyne.CanvasObject { return newUseLine(e) },
		func(i int, o fyne.CanvasObject) { o.(*useLine).show(s.state, s.state.Rows[i]) })
	s.list.OnSelected = func(i base.ListItemID) {
		if row := s.state.Rows[i]; !s.setting && row.Day.IsZero() {
			e.Dispatch(state.UseChosen{Seq: s.state.Content.Uses[row.Use].Seq})
		}
	}
	heading := newUseLine(e)
	heading.title()
	s.table = []fyne.CanvasObject{heading, widget.NewRule(), s.list, widget.NewRule(), s.detail.root}
	s.title, s.hint = widget.NewTitle("", widget.Plain).Centred(), widget.NewText("", widget.Faint).Centred()
	s.empty = container.New(&middle{width: 520}, widget.NewColumn(widget.Gap(2), 0, s.title, s.hint))
	s.root = container.New(&registerLayout{}, append([]fyne.CanvasObject{head, s.check, s.empty}, s.table...)...)
	return s
}

// registerLayout puts the head, the result of the check and the table below one another; the list takes what is left. What stands
// there instead of a table takes all of it.
type registerLayout struct{}

func (registerLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(700, 300) }

func (registerLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	const margin = 16
	w, y := s.Width-2*margin, float32(10)
	put := func(c fyne.CanvasObject, h, gap float32) {
		c.Move(fyne.NewPos(margin, y))
		c.Resize(fyne.NewSize(w, h))
		y += h + gap
	}
	put(o[0], widget.HeightFor(o[0], w), 8)
	put(o[1], widget.HeightFor(o[1], w), 8)
	o[2].Move(fyne.NewPos(0, y))
	o[2].Resize(fyne.NewSize(s.Width, s.Height-y))
	put(o[3], rowHeight(), 0)
	put(o[4], 1, 0)
	foot := widget.HeightFor(o[7], w) + 20
	put(o[5], max(0, s.Height-y-foot-1), 0)
	put(o[6], 1, 10)
	put(o[7], foot-20, 0)
}

// save asks where the CSV file goes.
func (s *registerScreen) save() {
	s.env.saveFile(s.env.T("gui.register.file_name")+".csv", []string{".csv"}, func(path string) { s.env.Dispatch(state.RegisterExportChosen{Path: path}) })
}

// Object implements screen.
func (s *registerScreen) Object() fyne.CanvasObject { return s.root }

// Render implements screen.
func (s *registerScreen) Render(d state.Desk) {
	r := d.Register
	s.state, s.desk = r, d
	s.query.show(r.Query)
	s.renderCheck(r)
	s.renderCount(r)
	s.renderRows(r)
	s.root.Refresh()
}

func (s *registerScreen) renderCount(r state.Register) {
	text := ""
	switch n := number(len(r.Content.Uses)); {
	case len(r.Content.Uses) == 0:
	case r.Query != "":
		text = s.env.T("gui.register.found", "N", number(r.Found), "Of", n)
	default:
		text = s.env.T("gui.register.count", "N", n)
	}
	s.count.SetText(text)
	s.export.SetEnabled(len(r.Content.Uses) > 0)
	n := r.Queued()
	visible(s.fetch, n > 0)
	s.fetch.SetText(s.env.T("gui.register.fetch_n", "N", number(n)))
	s.fetch.SetEnabled(!r.Fetching.Running && s.desk.Center.Phase != state.CenterUnset && !s.desk.Sealing.Phase.Busy())
}

// fetching says what became of the receipts that were missing.
func (s *registerScreen) fetching(f state.Fetching) {
	e := s.env
	line := func(shape theme.Shape, ink widget.Ink, text string) {
		s.check.Add(widget.NewRow(8, 1, widget.NewMark(shape, ink), widget.NewText(text, widget.Plain)))
	}
	switch {
	case f.Running:
		line(theme.Waiting, widget.Faint, e.T("gui.register.fetching"))
		return
	case !f.Ended:
		return
	case f.Fetched.Left == 0 && f.Err == nil:
		line(theme.Check, widget.Good, e.T("gui.register.fetched", "N", number(f.Fetched.Embedded)))
		return
	}
	line(theme.Bang, widget.Warning, e.T("gui.register.fetched_some", "N", number(f.Fetched.Embedded), "Left", number(f.Fetched.Left)))
	if f.Err != nil {
		t := e.texts(f.Err)
		s.check.Add(widget.NewSmall(t.What+"\n"+t.Why+"\n"+t.Do, widget.Faint))
	}
}

// renderRows shows the uses, or why there are none.
func (s *registerScreen) renderRows(r state.Register) {
	full := len(r.Rows) > 0
	for _, o := range s.table {
		visible(o, full)
	}
	visible(s.empty, !full && r.Content.Report != nil && r.Phase != state.RegisterFailed)
	if len(r.Content.Uses) > 0 {
		s.title.SetText(s.env.T("gui.register.nothing"))
		s.hint.SetText(s.env.T("gui.register.nothing_hint"))
	} else {
		s.title.SetText(s.env.T("gui.register.empty"))
		s.hint.SetText(s.env.T("gui.register.empty_hint"))
	}
	use, _ := r.Use()
	s.detail.show(use, r.Chosen != 0 && use.Seq == r.Chosen)
	want := shownRows{r.Version, r.Content.Report, r.Chosen}
	if s.shown == want {
		return
	}
	s.shown = want
	s.list.Refresh()
	at := slices.IndexFunc(r.Rows, func(row state.RegisterRow) bool {
		return row.Day.IsZero() && r.Content.Uses[row.Use].Seq == r.Chosen
	})
	s.setting = true
	s.list.UnselectAll()
	if at >= 0 {
		s.list.Select(at)
	}
	s.setting = false
}

// maxDamage is how many damaged places are told one by one.
const maxDamage = 4

// renderCheck says whether the register hangs together, and what is damaged.
func (s *registerScreen) renderCheck(r state.Register) {
	want := fmt.Sprintf("%d %d %p %s %v", r.Phase, r.Version, r.Content.Report, r.Saved, r.Fetching)
	if want == s.checked {
		return
	}
	s.checked = want
	s.check.RemoveAll()
	e := s.env
	add := func(shape theme.Shape, ink widget.Ink, text string) {
		s.check.Add(widget.NewRow(8, 1, widget.NewMark(shape, ink), widget.NewText(text, widget.Plain)))
	}
	rep := r.Content.Report
	switch {
	case r.Phase == state.RegisterFailed:
		t := e.texts(r.Err)
		add(theme.Cross, widget.Bad, t.What)
		s.check.Add(widget.NewSmall(t.Why+"\n"+t.Do, widget.Faint))
	case rep == nil:
		add(theme.Waiting, widget.Faint, e.T("gui.register.reading"))
	case r.Damaged():
		add(theme.Cross, widget.Bad, e.T("gui.register.damaged"))
		if r.Content.Unreadable > 0 {
			s.check.Add(widget.NewSmall(e.T("gui.register.unreadable", "N", number(r.Content.Unreadable)), widget.Plain))
		}
		s.findings(rep, true)
	case rep.Records > 0:
		add(theme.Check, widget.Good, e.T("gui.register.whole", "N", strconv.FormatInt(rep.Records, 10), "Time", moment(&rep.Last)))
		if rep.Protected > 0 {
			s.check.Add(widget.NewSmall(e.T("gui.register.protected", "N", strconv.FormatInt(rep.Protected, 10), "Time", moment(&rep.Signed)), widget.Faint))
		}
		s.findings(rep, false)
	}
	s.fetching(r.Fetching)
	if r.Saved != "" {
		s.check.Add(widget.NewSmall(e.T("gui.register.exported", "Path", r.Saved), widget.Plain))
	}
}

// findings tells in words what the check has found: the damage, or what is worth knowing.
func (s *registerScreen) findings(rep *register.Report, damage bool) {
	n := 0
	for _, f := range rep.Findings {
		if f.Damage != damage {
			continue
		}
		if n++; n <= maxDamage {
			s.check.Add(widget.NewSmall("· "+clean(explain.RegisterFinding(s.env.Catalogue, f)), widget.Plain))
		}
	}
	if n > maxDamage {
		s.check.Add(widget.NewSmall(s.env.T("gui.register.more", "N", number(n-maxDamage)), widget.Faint))
	}
}
