package view

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// sealInspector is the right part of the screen for sealing: seals, place, checks, reason, and the one action.
type sealInspector struct {
	env    *Env
	screen *sealScreen
	state  state.Desk

	seals    *fyne.Container
	sealText *widget.Text
	sealsFor string

	rules   map[state.RuleKind]*widget.Button
	keyword *widget.Field
	pages   *widget.Field
	spread  *fyne.Container
	where   *widget.Text
	problem *widget.Text
	here    *widget.Button
	away    *widget.Button

	straddle *straddlePart

	sealing *fyne.Container // place and reason, for a document that can be read
	summary *fyne.Container // how many findings of which weight
	checks  *fyne.Container
	checked string

	matter   *widget.Choice
	reason   *typed
	approver *typed
	finish   *widget.Button
	blocked  *widget.Text
	out      *widget.Button
	command  *widget.Button
	root     *fyne.Container
}

// sealSide is the side of a seal's picture in the inspector.
const sealSide = 84

func newSealInspector(e *Env, s *sealScreen) *sealInspector {
	i := &sealInspector{env: e, screen: s, rules: map[state.RuleKind]*widget.Button{}}
	i.seals, i.sealText = widget.NewColumn(8, 0), widget.NewText("", widget.Plain)
	place := i.newPlace()
	i.summary, i.checks = widget.NewRow(6, -1), widget.NewColumn(4, 0)
	i.sealing = widget.NewColumn(7, 0, widget.NewSmall(e.T("gui.seal.place"), widget.Faint), place, widget.NewRule(), i.newWhy(), widget.NewRule())
	column := widget.NewColumn(7, widget.Gap(1.5),
		widget.NewSmall(e.T("gui.seal.seals"), widget.Faint), i.seals, widget.NewRule(), i.sealing, i.summary, i.checks)
	i.finish = widget.NewButton(e.T("gui.seal.finish"), widget.LookSeal, func() { e.Dispatch(state.FinishTapped{}) }).WithHint("F9")
	i.blocked = widget.NewSmall("", widget.Faint).Centred()
	i.command = widget.NewButton(e.T("gui.command"), widget.LookQuiet, func() { e.copyCommand(i.state) })
	i.out = widget.NewButton(e.T("gui.seal.out"), widget.LookQuiet, func() { s.saveTo(false) })
	foot := container.New(&footLayout{}, widget.NewRule(), i.finish, i.blocked, widget.NewRow(8, 1, i.out, i.command))
	i.root = newFooted(widget.NewPane(column), foot)
	return i
}

// footLayout places rule, button, remark and link one below the other; without a remark the room belongs to what is above.
type footLayout struct{}

func (footLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(inspector, 104+footRemark(o[2], inspector-32))
}

// footRemark is the height that the remark takes.
func footRemark(o fyne.CanvasObject, width float32) float32 {
	if t, ok := o.(*widget.Text); ok && t.String() != "" {
		return t.HeightFor(width) + 6
	}
	return 0
}

func (footLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Resize(fyne.NewSize(s.Width, 1))
	o[1].Move(fyne.NewPos(16, 14))
	o[1].Resize(fyne.NewSize(s.Width-32, 44))
	o[2].Move(fyne.NewPos(16, 64))
	o[2].Resize(fyne.NewSize(s.Width-32, footRemark(o[2], s.Width-32)))
	o[3].Move(fyne.NewPos(16, s.Height-40))
	o[3].Resize(fyne.NewSize(s.Width-32, 32))
}

// copyCommand puts the command line that does the same on the clipboard.
func (e *Env) copyCommand(d state.Desk) {
	fyne.CurrentApp().Clipboard().SetContent(e.Command(d))
	e.Dispatch(state.NoticeArose{Notice: state.Notice{Key: "gui.notice.command_copied", Arg: e.Command(d)}})
}

// newPlace makes the part that says where the seal stands.
func (i *sealInspector) newPlace() fyne.CanvasObject {
	e := i.env
	choose := func(r state.Rule) func() { return func() { e.Dispatch(state.RuleChosen{Rule: r}) } }
	i.rules[state.RuleDate] = widget.NewButton(e.T("gui.rule.date"), widget.LookChoice, choose(state.Rule{Kind: state.RuleDate}))
	i.rules[state.RuleHand] = widget.NewButton(e.T("gui.rule.hand"), widget.LookChoice, choose(state.Rule{Kind: state.RuleHand}))
	i.rules[state.RuleKeyword] = widget.NewButton(e.T("gui.rule.keyword"), widget.LookChoice, func() { i.chooseKeyword() })
	i.keyword = e.field("gui.rule.keyword_hint")
	i.keyword.OnSubmitted = func(string) { i.chooseKeyword() }
	i.keyword.Hide()
	i.where, i.problem = widget.NewText("", widget.Plain), widget.NewSmall("", widget.Warning)
	i.here = widget.NewButton(e.T("gui.place.here"), widget.LookOutline, i.placeHere)
	i.away = widget.NewButton(e.T("gui.place.remove"), widget.LookOutline, func() { e.Dispatch(state.MarkRemoved{Page: i.state.Sealing.Page}) })
	i.pages = e.field("gui.place.pages_hint")
	i.pages.OnSubmitted = i.spreadTo
	i.spread = widget.NewRow(8, 1, widget.NewSmall(e.T("gui.place.pages"), widget.Faint), i.pages)
	i.straddle = newStraddlePart(e)
	rules := widget.NewFlow(6, i.rules[state.RuleDate], i.rules[state.RuleHand], i.rules[state.RuleKeyword], i.straddle.toggle)
	return widget.NewColumn(8, 0, rules, i.keyword, i.straddle.root, i.where, i.problem, container.NewGridWithColumns(2, i.here, i.away), i.spread)
}

func (i *sealInspector) chooseKeyword() {
	i.keyword.Show()
	i.root.Refresh()
	if text := strings.TrimSpace(i.keyword.Text); text != "" {
		i.env.Dispatch(state.RuleChosen{Rule: state.Rule{Kind: state.RuleKeyword, Keyword: text}})
		return
	}
	i.env.focus(i.keyword)
}

// placeHere puts the seal on the page shown, where it is on the document's other page, else right below the middle.
func (i *sealInspector) placeHere() {
	z := i.state.Sealing
	doc, ok := z.Document()
	seal, sealed := z.Seal(i.state.Keys)
	if !ok || !sealed {
		return
	}
	m := state.Mark{Page: z.Page, X: doc.Info.Width * 0.68, Y: doc.Info.Height * 0.78}
	if len(doc.Marks) > 0 {
		m.X, m.Y = doc.Marks[0].X, doc.Marks[0].Y
	}
	i.screen.place(seal, m.Page, m.X, m.Y)
}

// spreadTo puts the seal at the same place of several pages.
func (i *sealInspector) spreadTo(pages string) {
	doc, _ := i.state.Sealing.Document()
	if len(doc.Marks) == 0 || strings.TrimSpace(pages) == "" {
		return
	}
	m, ok := doc.MarkOn(i.state.Sealing.Page)
	if !ok {
		m = doc.Marks[0]
	}
	i.env.Dispatch(state.RuleChosen{Rule: state.Rule{Kind: state.RulePoint, Pages: strings.ReplaceAll(pages, "，", ","), X: m.X, Y: m.Y}})
}

func (i *sealInspector) render(d state.Desk) {
	i.state = d
	z := d.Sealing
	doc, ok := z.Document()
	i.renderSeals(d)
	visible(i.sealing, doc.Err == nil)
	i.renderPlace(d, doc, ok)
	i.renderChecks(doc, ok)
	i.renderWhy(z)
	block := d.Blocked()
	i.finish.SetEnabled(block == state.Block{})
	if n := len(z.Open()); n > 1 {
		i.finish.SetText(i.env.T("gui.seal.finish_n", "N", number(n)))
	} else {
		i.finish.SetText(i.env.T("gui.seal.finish"))
	}
	i.blocked.SetText(i.env.blockText(block))
	if block.Key == "" && z.OutDir != "" {
		i.blocked.SetText(i.env.T("gui.seal.out_dir", "Path", z.OutDir))
	}
	i.out.SetEnabled(len(z.Documents) > 0 && !z.Phase.Busy())
	i.command.SetEnabled(len(z.Documents) > 0)
	i.root.Refresh()
	i.root.Objects[0].Refresh()
}

// renderSeals shows the seals of the key as pictures.
func (i *sealInspector) renderSeals(d state.Desk) {
	all := d.Keys.Seals()
	chosen, ok := d.Sealing.Seal(d.Keys)
	want := fmt.Sprint(d.Keys.Chosen, len(all), chosen.ID, ok)
	text := i.env.T("gui.seal.no_seal")
	if ok {
		text = i.env.T("gui.seal.size", "Name", chosen.Name, "W", number(int(chosen.Width)), "H", number(int(chosen.Height)))
	} else if len(all) > 1 {
		text = i.env.T("gui.seal.choose")
	}
	i.sealText.SetText(text)
	if want == i.sealsFor {
		return
	}
	i.sealsFor = want
	i.seals.RemoveAll()
	var pictures []fyne.CanvasObject
	for _, s := range all {
		if s.Picture != nil {
			pictures = append(pictures, i.sealPicture(s, ok && s.ID == chosen.ID))
		}
	}
	if len(pictures) == 1 {
		i.seals.Add(widget.NewRow(12, 1, pictures[0], i.sealText))
		return
	}
	if len(pictures) > 0 {
		i.seals.Add(container.NewGridWrap(fyne.NewSquareSize(sealSide), pictures...))
	}
	i.seals.Add(i.sealText)
}

// sealPicture is a seal that can be chosen, and dragged onto the page.
func (i *sealInspector) sealPicture(s state.Seal, chosen bool) fyne.CanvasObject {
	p := widget.NewSealPicture(s.Picture, sealSide)
	p.SetChosen(chosen)
	p.OnTapped = func() { i.env.Dispatch(state.SealChosen{ID: s.ID}) }
	p.OnDragged = func(at fyne.Position) { i.screen.dragged(s, at) }
	p.OnDropped = func(at fyne.Position) {
		i.env.Dispatch(state.SealChosen{ID: s.ID})
		i.screen.dropped(s, at)
	}
	return p
}

func (i *sealInspector) renderPlace(d state.Desk, doc state.Document, ok bool) {
	z := d.Sealing
	rule := z.Rule
	if ok {
		rule = doc.Rule
	}
	for kind, b := range i.rules {
		b.SetChosen(kind == rule.Kind || kind == state.RuleHand && rule.Kind == state.RulePoint)
		b.SetEnabled(!z.Phase.Busy())
	}
	if rule.Kind == state.RuleKeyword {
		i.keyword.Show()
	}
	i.straddle.render(d, doc, ok)
	where := i.env.T("gui.place.none")
	if doc.Straddle.Wanted() {
		where = i.env.T("gui.place.none_straddle")
	}
	if doc.Finding {
		where = i.env.T("gui.place.finding")
	}
	m, here := doc.MarkOn(z.Page)
	if !here && len(doc.Marks) > 0 {
		m = doc.Marks[0]
	}
	if len(doc.Marks) > 0 {
		where = i.env.T("gui.place.at", "X", widget.Millimetres(m.X), "Y", widget.Millimetres(m.Y), "Page", number(m.Page), "N", number(len(doc.Marks)))
	}
	i.where.SetText(where)
	problem := ""
	if doc.PlaceErr != nil {
		t := i.env.texts(doc.PlaceErr)
		problem = t.What + "\n" + i.env.T("gui.place.by_hand")
	}
	i.problem.SetText(problem)
	i.problem.Hidden = problem == ""
	_, sealed := z.Seal(d.Keys)
	i.here.SetEnabled(ok && sealed && !here && !z.Phase.Busy())
	i.away.SetEnabled(here && !z.Phase.Busy())
	i.spread.Hidden = doc.Info.Pages < 2 || len(doc.Marks) == 0
}

// renderChecks lists what the pre-seal gate has found.
func (i *sealInspector) renderChecks(doc state.Document, ok bool) {
	want := fmt.Sprint(doc.Path, doc.Loaded, doc.Err, doc.CanNormalise(), doc.Findings(), ok, doc.Copying, i.state.Sealing.Phase.Busy())
	if want == i.checked {
		return
	}
	i.checked = want
	i.summarise(doc)
	i.checks.RemoveAll()
	add := func(shape theme.Shape, ink widget.Ink, text string, page int) {
		if page > 0 { // it leads there
			i.checks.Add(widget.NewRow(2, 1, widget.NewMark(shape, ink), widget.NewSentence("", text, ink, func() { i.turnTo(page) })))
			return
		}
		i.checks.Add(widget.NewRow(6, 1, widget.NewMark(shape, ink), widget.NewText(text, widget.Plain)))
	}
	switch {
	case !ok:
		i.checks.Add(widget.NewSmall(i.env.T("gui.check.none"), widget.Faint))
		return
	case doc.Err != nil:
		t := i.env.texts(doc.Err)
		add(theme.Cross, widget.Bad, t.What, 0)
		i.checks.Add(widget.NewSmall(t.Why+"\n"+t.Do, widget.Faint))
		i.offerCopy(doc)
		return
	case !doc.Loaded:
		add(theme.Waiting, widget.Faint, i.env.T("gui.document.checking"), 0)
		return
	}
	if doc.Copying.Of != "" {
		add(theme.Bang, widget.Warning, i.env.T("gui.normalise.copy", "Name", baseName(doc.Copying.Of)), 0)
	}
	if len(doc.Refused()) == 0 {
		add(theme.Check, widget.Good, i.env.T("gui.check.sealable"), 0)
	}
	if n := len(doc.Info.Seals); n > 0 {
		add(theme.Ring, widget.Faint, i.env.T("gui.check.seals", "N", number(n)), 0)
	}
	for _, f := range doc.Findings() {
		shape, ink := findingLook(f.Level)
		add(shape, ink, explain.Finding(i.env.Catalogue, f), f.Page)
	}
}

// turnTo shows a page, in place of the contact sheet if need be.
func (i *sealInspector) turnTo(page int) {
	if i.state.Sealing.Sheet {
		i.env.Dispatch(state.SheetToggled{})
	}
	i.env.Dispatch(state.PageShown{Page: page})
}

// summarise counts the findings by their weight, the heaviest first.
func (i *sealInspector) summarise(doc state.Document) {
	i.summary.RemoveAll()
	i.summary.Add(widget.NewSmall(i.env.T("gui.seal.checks"), widget.Faint))
	for _, l := range []pdfseal.Level{pdfseal.LevelRefuse, pdfseal.LevelWarn, pdfseal.LevelNote} {
		n := 0
		for _, f := range doc.Findings() {
			if f.Level == l {
				n++
			}
		}
		if n > 0 {
			shape, ink := findingLook(l)
			i.summary.Add(widget.NewMark(shape, ink))
			i.summary.Add(widget.NewSmall(number(n), widget.Plain))
		}
	}
}

func findingLook(l pdfseal.Level) (theme.Shape, widget.Ink) {
	switch l {
	case pdfseal.LevelRefuse:
		return theme.Cross, widget.Bad
	case pdfseal.LevelWarn:
		return theme.Bang, widget.Warning
	}
	return theme.Dash, widget.Faint
}
