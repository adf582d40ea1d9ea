package widget

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"sealdesk/ui/pages"
	"sealdesk/ui/theme"
)

// ContactCard is one document of a contact sheet: the page with the seal drawn, the name, and a remark.
type ContactCard struct {
	Title, Note string
	Shape       theme.Shape
	Ink         Ink
	Source      pages.Source // nil: not known yet
	Page        int
	Marks       []PageMark
}

// contactResolution is the pixels to a millimetre of a page of the contact sheet.
const contactResolution = 1.6

// ContactSheet shows the places of a batch, one small page a document. Only those that are seen are drawn.
type ContactSheet struct {
	widget.BaseWidget
	cards []ContactCard
	load  *pages.Loader
	grid  *Grid
}

// NewContactSheet makes an empty sheet.
func NewContactSheet(post func(func()), chosen func(int)) *ContactSheet {
	s := &ContactSheet{load: pages.NewLoader(post, 40)}
	s.grid = NewGrid(func() int { return len(s.cards) }, func() fyne.CanvasObject { return newCard() },
		func(i int, o fyne.CanvasObject) { s.fill(i, o.(*card)) })
	s.grid.OnSelected = func(i widget.GridWrapItemID) {
		s.grid.UnselectAll()
		chosen(i)
	}
	s.ExtendBaseWidget(s)
	return s
}

// Close lets go of the pictures.
func (s *ContactSheet) Close() { s.load.Close() }

// Set replaces the documents.
func (s *ContactSheet) Set(cards []ContactCard) {
	s.cards = cards
	s.grid.Refresh()
}

func (s *ContactSheet) fill(i int, o *card) {
	c := s.cards[i]
	var page *pages.Picture
	if c.Source != nil {
		w := pages.Wanted{Src: c.Source, Page: c.Page, PPM: contactResolution}
		if page = s.load.Find(w); page == nil {
			s.load.Want(w, func(*pages.Picture) { s.grid.RefreshItem(i) })
		}
	}
	o.show(c, page)
}

// CreateRenderer implements fyne.Widget.
func (s *ContactSheet) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.grid) }

// card is the object of one document.
type card struct {
	widget.BaseWidget
	page  *canvas.Rectangle
	image *canvas.Image
	mark  *Mark
	title *Text
	note  *Text
}

func newCard() *card {
	c := &card{page: canvas.NewRectangle(color.White), image: &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleSmooth},
		mark: NewMark(theme.Waiting, Faint), title: NewLine("", Plain), note: NewSmallLine("", Faint)}
	c.ExtendBaseWidget(c)
	return c
}

func (c *card) show(d ContactCard, page *pages.Picture) {
	k := theme.Now()
	c.page.FillColor, c.page.StrokeColor, c.page.StrokeWidth = k.Page, k.Line, 1
	c.mark.Set(d.Shape, d.Ink)
	c.title.SetText(d.Title)
	c.note.SetText(d.Note)
	c.image.Image, c.image.Hidden = nil, true
	if page != nil && page.Image != nil {
		c.image.Image, c.image.Hidden = sealed(page, d), false
	}
	c.Refresh()
}

// sealed returns a page with the seals of a card multiplied onto it.
func sealed(p *pages.Picture, d ContactCard) image.Image {
	if len(d.Marks) == 0 {
		return p.Image
	}
	out := image.NewRGBA(p.Image.Rect)
	copy(out.Pix, p.Image.Pix)
	for _, m := range d.Marks {
		if m.Page != d.Page || m.Picture == nil {
			continue
		}
		seal := scaled(m.Picture, int(math.Round(m.W*p.PPM)), int(math.Round(m.H*p.PPM)))
		at := image.Pt(int(math.Round((m.X-m.W/2)*p.PPM)), int(math.Round((m.Y-m.H/2)*p.PPM)))
		ink := multiply(p.Image, seal, at)
		for y := range ink.Rect.Dy() {
			for x := range ink.Rect.Dx() {
				if q := image.Pt(at.X+x, at.Y+y); q.In(out.Rect) {
					copy(out.Pix[out.PixOffset(q.X, q.Y):][:4], ink.Pix[ink.PixOffset(x, y):][:4])
				}
			}
		}
	}
	return out
}

// MinSize implements fyne.CanvasObject.
func (c *card) MinSize() fyne.Size { return fyne.NewSize(204, 330) }

// CreateRenderer implements fyne.Widget.
func (c *card) CreateRenderer() fyne.WidgetRenderer { return &cardRenderer{c} }

type cardRenderer struct{ c *card }

func (r *cardRenderer) Layout(s fyne.Size) {
	c := r.c
	const w, h = 190, 268
	x := float32(int((s.Width - w) / 2))
	c.page.Move(fyne.NewPos(x, 8))
	c.page.Resize(fyne.NewSize(w, h))
	c.image.Move(fyne.NewPos(x, 8))
	c.image.Resize(fyne.NewSize(w, h))
	side := c.mark.MinSize()
	c.mark.Move(fyne.NewPos(x, h+14))
	c.mark.Resize(side)
	c.title.Move(fyne.NewPos(x+side.Width+6, h+12))
	c.title.Resize(fyne.NewSize(w-side.Width-6, 22))
	c.note.Move(fyne.NewPos(x, h+34))
	c.note.Resize(fyne.NewSize(w, 20))
}

func (r *cardRenderer) MinSize() fyne.Size { return r.c.MinSize() }
func (r *cardRenderer) Destroy()           {}

func (r *cardRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.c.page, r.c.image, r.c.mark, r.c.title, r.c.note}
}

func (r *cardRenderer) Refresh() {
	r.Layout(r.c.Size())
	r.c.page.Refresh()
	r.c.image.Refresh()
}
