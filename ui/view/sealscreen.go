package view

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/ui/pages"
	"sealdesk/ui/state"
	"sealdesk/ui/widget"
)

// documentsWidth is the width of the list of documents.
const documentsWidth = 200

// sealScreen is the screen for sealing: documents and small pages, the page, the inspector.
type sealScreen struct {
	env       *Env
	docs      *fileList
	thumbs    *widget.Thumbnails
	page      *widget.PageView
	bar       *pageBar
	notes     *pageNotes
	area      *fyne.Container // page, notes, bar
	contact   *widget.ContactSheet
	empty     fyne.CanvasObject
	work      *fyne.Container
	inspector *sealInspector
	sheet     *sealSheet
	right     *slide
	root      *fyne.Container
	overview  *widget.Button
	state     state.Desk
	crops     crops
	followed  string // the document in whose folder the file dialogs begin
	snapsOf   string // the document whose points the page view snaps to
}

func newSealScreen(e *Env) *sealScreen {
	s := &sealScreen{env: e, crops: crops{}, thumbs: widget.NewThumbnails(e.Post), page: widget.NewPageView(e.Post, e.T("gui.page.failed"))}
	s.docs = newFileList(func(i int) { e.Dispatch(state.DocumentChosen{Index: i}) }, func(i int) { e.Dispatch(state.DocumentRemoved{Index: i}) })
	s.thumbs.OnPage = func(p int) { e.Dispatch(state.PageShown{Page: p}) }
	s.page.ShowRuler(true)
	s.page.OnPage = func(p int) { e.Dispatch(state.PageShown{Page: p}) }
	s.page.OnTapped = s.tapped
	s.page.OnMoved = s.moved
	s.page.OnRemoved = func(id string, page int) {
		if strings.HasPrefix(id, sliceID) {
			e.Dispatch(state.StraddleChosen{})
			return
		}
		e.Dispatch(state.MarkRemoved{Page: page})
	}
	s.bar = newPageBar(e, s.page)
	s.contact = widget.NewContactSheet(e.Post, func(i int) { e.Dispatch(state.DocumentChosen{Index: i}) })
	s.empty = s.emptyDesk()
	s.inspector = newSealInspector(e, s)
	s.sheet = newSealSheet(e)
	s.right = newSlide(s.inspector.root, s.sheet.root)
	s.overview = widget.NewButton(e.T("gui.seal.overview"), widget.LookOutline, func() { e.Dispatch(state.SheetToggled{}) })
	add := widget.NewButton(e.T("gui.seal.add"), widget.LookOutline, s.open).WithHint("Ctrl+O")
	left := container.New(&leftLayout{}, s.docs.root, widget.NewRule(), s.thumbs, container.New(inset{8, 4}, widget.NewColumn(4, 0, s.overview, add)))
	s.notes = newPageNotes(e)
	s.area = newFooted(s.page, widget.NewColumn(0, 0, s.notes.root, s.bar.root))
	s.work = container.NewStack(s.area, widget.NewGround(widget.DeskGround, nil, s.contact), s.empty)
	s.root = newSides(listWidth(documentsWidth), inspector, left, s.work, s.right.root)
	return s
}

// leftLayout gives the list of documents what it needs up to half, the small pages the rest, the buttons their height.
type leftLayout struct{ rows int }

func (l *leftLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(120, 200) }

func (l *leftLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	foot := o[3].MinSize().Height
	list := min(s.Height*0.45, max(float32(l.rows), 1)*rowHeight()+8)
	o[0].Resize(fyne.NewSize(s.Width, list))
	o[1].Move(fyne.NewPos(0, list))
	o[1].Resize(fyne.NewSize(s.Width, 1))
	o[2].Move(fyne.NewPos(0, list+1))
	o[2].Resize(fyne.NewSize(s.Width, s.Height-list-foot-1))
	o[3].Move(fyne.NewPos(0, s.Height-foot))
	o[3].Resize(fyne.NewSize(s.Width, foot))
}

// emptyDesk is what stands there before the first document.
func (s *sealScreen) emptyDesk() fyne.CanvasObject {
	e := s.env
	open := widget.NewButton(e.T("gui.seal.open"), widget.LookAccent, s.open).WithHint("Ctrl+O")
	column := widget.NewColumn(widget.Gap(2), 0,
		widget.NewTitle(e.T("gui.seal.empty"), widget.Plain).Centred(),
		widget.NewText(e.T("gui.seal.empty_hint"), widget.Faint).Centred(),
		container.NewCenter(open))
	return widget.NewGround(widget.DeskGround, nil, container.New(&middle{width: 460}, column))
}

// middle puts an object of a width into the middle.
type middle struct{ width float32 }

func (m *middle) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 100) }

func (m *middle) Layout(o []fyne.CanvasObject, s fyne.Size) {
	w := min(m.width, s.Width-32)
	o[0].Resize(fyne.NewSize(w, 10))
	h := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(w, h))
	o[0].Move(fyne.NewPos((s.Width-w)/2, max(0, (s.Height-h)*0.42)))
}

func (s *sealScreen) close() {
	s.page.Close()
	s.thumbs.Close()
	s.contact.Close()
}

// Object implements screen.
func (s *sealScreen) Object() fyne.CanvasObject { return s.root }

// Render implements screen.
func (s *sealScreen) Render(d state.Desk) {
	s.state = d
	z := d.Sealing
	s.showArea(z)
	s.documents(d)
	doc, ok := z.Document()
	s.env.follow(doc.Path, &s.followed)
	var src pages.Source
	count := 0
	if ok && doc.Loaded {
		src, count = s.env.Pages.Source(s.shownFile(doc), 0), doc.Info.Pages
	}
	if src != nil || !ok {
		s.page.Display(src, count, z.Page)
	}
	s.marks(d, doc)
	marked := map[int]bool{}
	for _, m := range doc.Marks {
		marked[m.Page] = true
	}
	for _, m := range doc.Slices.Marks {
		marked[m.Page] = true
	}
	s.thumbs.Display(src, count, z.Page, marked)
	s.page.SetRegions(s.env.findingRegions(doc))
	if s.notes.render(doc, z.Page) {
		s.area.Refresh()
	}
	s.bar.render(z.Page, count)
	s.inspector.render(d)
	s.right.show(z.Phase == state.SealPIN || z.Phase == state.SealDone)
	s.sheet.render(d)
}

// shownFile is the document itself, or after sealing the sealed one.
func (s *sealScreen) shownFile(doc state.Document) string {
	if doc.Done() && doc.Outcome.Out != "" {
		return doc.Outcome.Out
	}
	return doc.Path
}

func (s *sealScreen) showArea(z state.Sealing) {
	show := func(o fyne.CanvasObject, on bool) {
		if on {
			o.Show()
		} else {
			o.Hide()
		}
	}
	show(s.empty, z.Phase == state.SealEmpty)
	show(s.work.Objects[0], z.Phase != state.SealEmpty && !z.Sheet)
	show(s.work.Objects[1], z.Phase != state.SealEmpty && z.Sheet)
	show(s.overview, len(z.Documents) > 1)
	s.overview.SetChosen(z.Sheet)
}

func (s *sealScreen) documents(d state.Desk) {
	var rows []fileRow
	var cards []widget.ContactCard
	seal, _ := d.Sealing.Seal(d.Keys)
	for _, doc := range d.Sealing.Documents {
		shape, ink := rankLook(doc.Rank())
		rows = append(rows, fileRow{shape: shape, ink: ink, text: baseName(doc.Path)})
		if !d.Sealing.Sheet {
			continue
		}
		card := widget.ContactCard{Title: baseName(doc.Path), Shape: shape, Ink: ink, Page: 1}
		if doc.Loaded {
			card.Source = s.env.Pages.Source(s.shownFile(doc), 0)
		}
		if doc.Placed() {
			s.placedCard(&card, doc, seal)
		} else {
			card.Note = s.env.documentNote(doc)
		}
		cards = append(cards, card)
	}
	s.docs.set(rows, d.Sealing.Current)
	if l := s.root.Objects[0].(*fyne.Container).Layout.(*leftLayout); l.rows != len(rows) {
		l.rows = len(rows)
		s.root.Objects[0].Refresh()
	}
	if d.Sealing.Sheet {
		s.contact.Set(cards)
	}
}

// placedCard shows the first page of a document that gets a seal, with what will stand on it.
func (s *sealScreen) placedCard(card *widget.ContactCard, doc state.Document, seal state.Seal) {
	if len(doc.Marks) > 0 {
		card.Page = doc.Marks[0].Page
	} else {
		card.Page = doc.Slices.Marks[0].Page
	}
	key := "gui.contact.page"
	if doc.Straddle.Wanted() {
		key = "gui.contact.straddle"
	}
	card.Note = s.env.T(key, "Page", number(card.Page), "Of", number(doc.Info.Pages), "N", number(len(doc.Slices.Marks)))
	if !doc.Done() {
		card.Marks = append(pageMarks(doc, seal, false), s.crops.slice(doc, seal, card.Page, false)...)
	}
}

// documentNote says what stands in the way of a document.
func (e *Env) documentNote(doc state.Document) string {
	switch {
	case doc.Err != nil:
		return e.texts(doc.Err).What
	case !doc.Loaded || doc.Finding:
		return e.T("gui.document.checking")
	case len(doc.Refused()) > 0:
		return e.T("gui.document.refused")
	case doc.PlaceErr != nil:
		return e.texts(doc.PlaceErr).What
	case doc.Slices.Err != nil:
		return e.texts(doc.Slices.Err).What
	}
	return e.T("gui.document.unplaced")
}

// markID names the mark of a page on the page view.
func markID(page int) string { return fmt.Sprint("mark", page) }

// pageMarks are the places of the seal on a document.
func pageMarks(doc state.Document, seal state.Seal, movable bool) []widget.PageMark {
	var out []widget.PageMark
	for _, m := range doc.Marks {
		out = append(out, widget.PageMark{ID: markID(m.Page), Page: m.Page, X: m.X, Y: m.Y, W: seal.Width, H: seal.Height,
			Picture: seal.Picture, Movable: movable})
	}
	return out
}

// marks draws the seal where it will stand, and frames those that stand there already.
func (s *sealScreen) marks(d state.Desk, doc state.Document) {
	var marks []widget.PageMark
	var snaps []widget.Snap
	seal, ok := d.Sealing.Seal(d.Keys)
	if ok && !doc.Done() {
		marks = append(pageMarks(doc, seal, !d.Sealing.Phase.Busy()), s.crops.slice(doc, seal, d.Sealing.Page, !d.Sealing.Phase.Busy())...)
		if doc.Rule.Kind == state.RuleDate {
			for _, m := range doc.Marks {
				snaps = append(snaps, widget.Snap{Page: m.Page, X: m.X, Y: m.Y})
			}
		}
	}
	for i, a := range doc.Info.Seals {
		marks = append(marks, widget.PageMark{ID: fmt.Sprint("seal", i), Page: a.Page, X: a.X, Y: a.Y, W: a.W, H: a.H,
			Frame: widget.Faint, Label: clean(a.Name)})
	}
	s.page.SetMarks(marks)
	if len(snaps) > 0 || s.snapsOf != doc.Path { // once moved by hand, a mark still jumps back to the date
		s.page.SetSnaps(snaps)
		s.snapsOf = doc.Path
	}
}

// moved takes the new place of a seal, or of the slices of a straddle seal.
func (s *sealScreen) moved(id string, page int, x, y float64) {
	if doc, ok := s.state.Sealing.Document(); ok && strings.HasPrefix(id, sliceID) {
		s.env.Dispatch(state.StraddleChosen{Straddle: alongEdge(doc.Straddle, x, y)})
		return
	}
	s.env.Dispatch(state.MarkPlaced{Mark: state.Mark{Page: page, X: x, Y: y}})
}

// tapped places the seal on a page that has none.
func (s *sealScreen) tapped(page int, x, y float64) {
	d := s.state
	doc, ok := d.Sealing.Document()
	seal, sealed := d.Sealing.Seal(d.Keys)
	if _, has := doc.MarkOn(page); !ok || !sealed || has || d.Sealing.Phase != state.SealPlacing {
		return
	}
	s.place(seal, page, x, y)
}

func (s *sealScreen) place(seal state.Seal, page int, x, y float64) {
	s.env.Dispatch(state.MarkPlaced{Mark: state.Mark{Page: page, X: max(x, seal.Width/2), Y: max(y, seal.Height/2)}})
	s.page.Select(markID(page))
	s.page.Focus()
}

// dragged shows a seal that comes from the inspector; dropped places it.
func (s *sealScreen) dragged(seal state.Seal, at fyne.Position) {
	x, y, on := s.page.PointAt(at)
	if !on {
		s.page.SetGhost(nil)
		return
	}
	page := s.page.Page()
	x, y, _ = s.page.Snapped(page, x, y)
	s.page.SetGhost(&widget.PageMark{Instead: markID(page), Page: page, X: x, Y: y, W: seal.Width, H: seal.Height, Picture: seal.Picture})
}

func (s *sealScreen) dropped(seal state.Seal, at fyne.Position) {
	s.page.SetGhost(nil)
	if x, y, on := s.page.PointAt(at); on && s.state.Sealing.Phase == state.SealPlacing {
		page := s.page.Page()
		x, y, _ = s.page.Snapped(page, x, y)
		s.place(seal, page, x, y)
	}
}

// open asks for a file.
func (s *sealScreen) open() {
	s.env.chooseFile([]string{".pdf"}, func(path string) { s.env.Dispatch(state.FilesDropped{Paths: []string{path}}) })
}
