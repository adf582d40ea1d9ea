package view

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/pdfseal"
	"sealdesk/ui/pages"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// The widths of the parts of the screen for verifying.
const (
	filesWidth   = 250
	verdictWidth = 340
)

// verifyScreen is the screen for verifying: files with verdicts, the page with each seal framed, and why.
type verifyScreen struct {
	env     *Env
	files   *fileList
	tally   *widget.Text
	page    *widget.PageView
	sealed  *widget.PageView // the revision that the seal covers, for comparison
	bar     *pageBar
	views   map[state.View]*widget.Button
	caption [2]*widget.Text
	beside  *fyne.Container
	verdict *verdictPane
	export  *widget.Button
	empty   fyne.CanvasObject
	work    *fyne.Container
	root    *fyne.Container
	shown   *pdfseal.Report // of the file on the page view
	chosen  int             // the place that was revealed

	followed string // the file in whose folder the file dialogs begin
}

func newVerifyScreen(e *Env) *verifyScreen {
	s := &verifyScreen{env: e, tally: widget.NewSmall("", widget.Faint), views: map[state.View]*widget.Button{}}
	s.files = newFileList(func(i int) { e.Dispatch(state.ItemChosen{Index: i}) }, nil)
	s.page = s.newPage()
	s.sealed = s.newPage()
	s.bar = newPageBar(e, s.page)
	zoomed := s.page.OnZoom
	s.page.OnZoom = func(z float64) {
		zoomed(z)
		if s.page.Fit() == widget.FitNone {
			s.sealed.SetZoom(z)
		}
	}
	s.page.OnMark = func(id string) {
		var n int
		if _, err := fmt.Sscanf(id, "seal%d", &n); err == nil {
			e.Dispatch(state.SealShown{Index: n})
		}
	}
	for _, p := range []*widget.PageView{s.page, s.sealed} {
		p.OnRegion = func(n int) { e.Dispatch(state.SpotChosen{Number: n + 1}) }
	}
	s.verdict = newVerdictPane(e)
	s.empty = s.emptyDesk()
	s.beside = container.New(&besideLayout{}, s.captioned(0, "gui.view.sealed", s.sealed), s.captioned(1, "gui.view.now", s.page))
	area := newFooted(newFooted(s.beside, s.viewBar()), s.bar.root)
	s.work = container.NewStack(area, s.empty)
	s.root = newSides(listWidth(filesWidth), verdictWidth, s.left(), s.work, s.verdict.root)
	return s
}

func (s *verifyScreen) newPage() *widget.PageView {
	p := widget.NewPageView(s.env.Post, s.env.T("gui.page.failed"))
	p.OnPage = func(n int) { s.env.Dispatch(state.PageTurned{Page: n}) }
	return p
}

// captioned puts a line above a page that says which revision it shows.
func (s *verifyScreen) captioned(i int, key string, page fyne.CanvasObject) fyne.CanvasObject {
	s.caption[i] = widget.NewSmall(s.env.T(key), widget.Faint).Centred()
	return container.New(&headed{}, s.caption[i], page)
}

// headed is a layout of a line above a part that grows; a hidden line takes no room.
type headed struct{}

func (headed) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(100, 100) }

func (headed) Layout(o []fyne.CanvasObject, s fyne.Size) {
	h := float32(0)
	if o[0].Visible() {
		h = o[0].MinSize().Height + 6
		o[0].Move(fyne.NewPos(0, 3))
		o[0].Resize(fyne.NewSize(s.Width, h-6))
	}
	o[1].Move(fyne.NewPos(0, h))
	o[1].Resize(fyne.NewSize(s.Width, s.Height-h))
}

// besideLayout gives the visible objects equal widths.
type besideLayout struct{}

func (besideLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(240, 200) }

func (besideLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	n := 0
	for _, v := range o {
		if v.Visible() {
			n++
		}
	}
	x := float32(0)
	for _, v := range o {
		if v.Visible() {
			w := s.Width / float32(n)
			v.Move(fyne.NewPos(x, 0))
			v.Resize(fyne.NewSize(w-1, s.Height))
			x += w
		}
	}
}

func (s *verifyScreen) viewBar() fyne.CanvasObject {
	row := container.NewHBox()
	for _, v := range []state.View{state.ViewNow, state.ViewSealed, state.ViewBeside} {
		s.views[v] = widget.NewButton(s.env.T("gui.view."+string(v)), widget.LookChoice, func() { s.env.Dispatch(state.ViewChosen{View: v}) })
		row.Add(s.views[v])
	}
	return container.New(inset{12, 4}, row)
}

func (s *verifyScreen) left() fyne.CanvasObject {
	e := s.env
	s.export = widget.NewButton(e.T("gui.verify.export"), widget.LookOutline, s.save)
	add := widget.NewButton(e.T("gui.seal.add"), widget.LookOutline, s.open).WithHint("Ctrl+O")
	folder := widget.NewButton(e.T("gui.verify.folder"), widget.LookOutline, s.openFolder)
	clearAll := widget.NewButton(e.T("gui.verify.clear"), widget.LookOutline, func() { e.Dispatch(state.ListCleared{}) })
	foot := widget.NewColumn(4, 8, s.tally, container.NewGridWithColumns(2, add, folder, s.export, clearAll))
	return newFooted(s.files.root, foot)
}

func (s *verifyScreen) emptyDesk() fyne.CanvasObject {
	e := s.env
	open := widget.NewButton(e.T("gui.verify.open"), widget.LookAccent, s.open).WithHint("Ctrl+O")
	column := widget.NewColumn(widget.Gap(2), 0, widget.NewTitle(e.T("gui.verify.empty"), widget.Plain).Centred(),
		widget.NewText(e.T("gui.verify.empty_hint"), widget.Faint).Centred(), container.NewCenter(open))
	return widget.NewGround(widget.DeskGround, nil, container.New(&middle{width: 460}, column))
}

func (s *verifyScreen) open() {
	s.env.chooseFile([]string{".pdf"}, func(path string) { s.env.Dispatch(state.FilesDropped{Paths: []string{path}}) })
}

func (s *verifyScreen) openFolder() {
	s.env.chooseFolder(func(path string) { s.env.Dispatch(state.FilesDropped{Paths: []string{path}}) })
}

// save asks where the report goes.
func (s *verifyScreen) save() {
	s.env.saveFile(s.env.T("gui.verify.report_name")+".pdf", []string{".pdf", ".html", ".json"}, func(path string) { s.env.Dispatch(state.ExportChosen{Path: path}) })
}

func (s *verifyScreen) close() {
	s.page.Close()
	s.sealed.Close()
}

// Object implements screen.
func (s *verifyScreen) Object() fyne.CanvasObject { return s.root }

// Render implements screen.
func (s *verifyScreen) Render(d state.Desk) {
	v := d.Verification
	if len(v.Items) == 0 {
		s.work.Objects[0].Hide()
		s.empty.Show()
	} else {
		s.empty.Hide()
		s.work.Objects[0].Show()
	}
	s.list(v)
	s.show(v)
	s.verdict.render(d)
	s.export.SetEnabled(v.Judged() > 0)
}

func (s *verifyScreen) list(v state.Verification) {
	rows := make([]fileRow, 0, len(v.Items))
	counts := map[pdfseal.Verdict]int{}
	for _, i := range v.Items {
		if !i.Done {
			rows = append(rows, fileRow{shape: theme.Waiting, ink: widget.Faint, text: baseName(i.Path)})
			continue
		}
		shape, ink := verdictLook(i.Verdict())
		rows = append(rows, fileRow{shape: shape, ink: ink, word: s.env.T("gui.verdict." + string(i.Verdict())), text: baseName(i.Path)})
		counts[i.Verdict()]++
	}
	s.files.set(rows, v.Current)
	var parts []string
	for _, verdict := range []pdfseal.Verdict{pdfseal.VerdictInvalid, pdfseal.VerdictIndeterminate, pdfseal.VerdictValidNotice, pdfseal.VerdictValid, pdfseal.VerdictUnsealed} {
		if counts[verdict] > 0 {
			parts = append(parts, s.env.T("gui.verdict."+string(verdict))+"\u00A0"+number(counts[verdict]))
		}
	}
	s.tally.SetText(inLines(parts, listWidth(filesWidth)-16))
	s.tally.Hidden = len(parts) == 0
	s.root.Objects[0].Refresh() // the tally may take another line
}

// inLines puts parts beside one another, and those that have no room into a further line.
func inLines(parts []string, width float32) string {
	var lines []string
	for _, p := range parts {
		if n := len(lines) - 1; n >= 0 && widget.NewSmall(lines[n]+" · "+p, widget.Faint).NaturalWidth() <= width {
			lines[n] += " · " + p
			continue
		}
		lines = append(lines, p)
	}
	return strings.Join(lines, "\n")
}

// show shows the file's pages, with the seals and the changed places framed.
func (s *verifyScreen) show(v state.Verification) {
	i, ok := v.Item()
	s.env.follow(i.Path, &s.followed)
	count := i.Result.Pages
	compare := ok && v.Revision() > 0
	view := v.View
	if !compare {
		view = state.ViewNow
	}
	var now, then pages.Source
	if ok && i.Done && count > 0 {
		now = s.env.Pages.Source(i.Path, 0)
	}
	if compare {
		then = s.env.Pages.Source(i.Path, v.Revision())
	}
	s.page.Display(now, count, v.Page)
	s.sealed.Display(then, count, v.Page)
	s.page.SetMarks(s.frames(v, i))
	regions := s.changes(v, i)
	s.page.SetRegions(regions)
	s.sealed.SetRegions(regions)
	s.reveal(v, i, regions)
	visible(s.beside.Objects[0], view != state.ViewNow)
	visible(s.beside.Objects[1], view != state.ViewSealed)
	for _, c := range s.caption {
		visible(c, view == state.ViewBeside)
	}
	for name, b := range s.views {
		b.SetChosen(name == view)
		b.SetEnabled(compare || name == state.ViewNow)
	}
	s.beside.Refresh()
	s.bar.render(v.Page, count)
}

// visible shows or hides an object, which costs nothing where it is so already.
func visible(o fyne.CanvasObject, on bool) {
	if on != o.Visible() {
		if on {
			o.Show()
		} else {
			o.Hide()
		}
	}
}

func (s *verifyScreen) frames(v state.Verification, i state.Item) []widget.PageMark {
	var out []widget.PageMark
	if i.Result.Report == nil {
		return nil
	}
	for n, seal := range i.Result.Report.Seals {
		_, ink := verdictLook(seal.Verdict)
		for _, m := range seal.Marks {
			label := s.env.T("gui.verify.seal_label", "N", number(n+1), "Verdict", s.env.T("gui.verdict."+string(seal.Verdict)))
			out = append(out, widget.PageMark{ID: fmt.Sprint("seal", n), Page: m.Page, X: m.X, Y: m.Y, W: m.W, H: m.H, Frame: ink, Label: label})
		}
	}
	return out
}

// changes frames the places that differ, with their numbers; each has its sentence.
func (s *verifyScreen) changes(v state.Verification, i state.Item) []widget.Region {
	out := make([]widget.Region, 0, len(i.Changes.Spots))
	for n, c := range i.Changes.Spots {
		r := widget.Region{Page: c.Page, X: c.Area.X, Y: c.Area.Y, W: c.Area.W, H: c.Area.H, Frame: widget.Bad, Filled: !c.Whole(), Chosen: n+1 == v.Spot,
			Label: number(n + 1), Text: clean(c.Words.Sentence(s.env.Catalogue))}
		if len(i.Changes.Spots) == 1 {
			r.Label = s.env.T("gui.verify.changed_here")
		}
		out = append(out, r)
	}
	return out
}

// reveal brings a place that was newly chosen into sight.
func (s *verifyScreen) reveal(v state.Verification, i state.Item, regions []widget.Region) {
	again := s.shown == i.Result.Report && s.chosen == v.Spot
	s.shown, s.chosen = i.Result.Report, v.Spot
	if again || v.Spot < 1 || v.Spot > len(regions) {
		return
	}
	s.page.Reveal(regions[v.Spot-1])
	s.sealed.Reveal(regions[v.Spot-1])
}
