package widget

import (
	"fmt"
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"sealdesk/ui/pages"
	"sealdesk/ui/theme"
)

// thumbResolution is the pixels to a millimetre of a small page.
const thumbResolution = 0.8

// Thumbnails is the strip of small pages beside a page. Only those that are seen are drawn.
type Thumbnails struct {
	widget.BaseWidget
	OnPage func(page int)

	src    pages.Source
	pages  int
	page   int
	marked map[int]bool
	load   *pages.Loader
	list   *List
}

// NewThumbnails makes an empty strip.
func NewThumbnails(post func(func())) *Thumbnails {
	t := &Thumbnails{load: pages.NewLoader(post, 12)}
	t.list = NewList(func() int { return t.pages }, func() fyne.CanvasObject { return newThumb() },
		func(i int, o fyne.CanvasObject) { t.fill(i+1, o.(*thumb)) })
	t.list.OnSelected = func(i widget.ListItemID) {
		if i+1 != t.page && t.OnPage != nil {
			t.OnPage(i + 1)
		}
	}
	t.ExtendBaseWidget(t)
	return t
}

// Close lets go of the pictures.
func (t *Thumbnails) Close() { t.load.Close() }

// Display shows the pages of a document, the chosen one framed, those with a mark dotted.
func (t *Thumbnails) Display(src pages.Source, pages, page int, marked map[int]bool) {
	if t.src != src {
		t.load.Forget()
	}
	moved := t.page != page || t.src != src
	t.src, t.pages, t.page, t.marked = src, pages, page, marked
	t.list.Refresh()
	if moved && pages > 0 {
		t.list.Select(page - 1)
		t.list.ScrollTo(page - 1)
	}
}

func (t *Thumbnails) fill(page int, o *thumb) {
	w := pages.Wanted{Src: t.src, Page: page, PPM: thumbResolution}
	var img image.Image
	if p := t.load.Find(w); p != nil {
		if p.Image != nil {
			img = p.Image
		}
	} else if t.src != nil {
		t.load.Want(w, func(*pages.Picture) {
			if t.src == w.Src {
				t.list.RefreshItem(page - 1)
			}
		})
	}
	o.show(img, page, page == t.page, t.marked[page])
}

// CreateRenderer implements fyne.Widget.
func (t *Thumbnails) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.list) }

// thumb is one small page with its number.
type thumb struct {
	widget.BaseWidget
	page   *canvas.Rectangle
	image  *canvas.Image
	dot    *canvas.Circle
	number *canvas.Text
}

func newThumb() *thumb {
	t := &thumb{page: canvas.NewRectangle(color.White), image: &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleSmooth},
		dot: canvas.NewCircle(color.Transparent), number: canvas.NewText("", color.Black)}
	t.number.Alignment = fyne.TextAlignCenter
	t.ExtendBaseWidget(t)
	return t
}

func (t *thumb) show(img image.Image, page int, chosen, marked bool) {
	k := theme.Now()
	t.image.Image, t.image.Hidden = img, img == nil
	t.page.FillColor, t.page.StrokeColor, t.page.StrokeWidth = k.Page, k.Line, 1
	if chosen {
		t.page.StrokeColor, t.page.StrokeWidth = k.Indigo, 2
	}
	t.dot.FillColor, t.dot.Hidden = k.Cinnabar, !marked
	t.number.Text, t.number.Color, t.number.TextSize = fmt.Sprint(page), k.Faint, 11
	t.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (t *thumb) MinSize() fyne.Size { return fyne.NewSize(80, 122) }

// CreateRenderer implements fyne.Widget.
func (t *thumb) CreateRenderer() fyne.WidgetRenderer { return &thumbRenderer{t} }

type thumbRenderer struct{ t *thumb }

func (r *thumbRenderer) Layout(s fyne.Size) {
	t := r.t
	box := fyne.NewSize(72, 100)
	at := fyne.NewPos(float32(int((s.Width-box.Width)/2)), 3)
	if img := t.image.Image; img != nil {
		b := img.Bounds()
		if h := box.Width * float32(b.Dy()) / float32(b.Dx()); h <= box.Height {
			box.Height = h
		} else {
			box.Width = box.Height * float32(b.Dx()) / float32(b.Dy())
		}
		at = fyne.NewPos(float32(int((s.Width-box.Width)/2)), 3+float32(int((100-box.Height)/2)))
	}
	t.page.Move(at)
	t.page.Resize(box)
	t.image.Move(at)
	t.image.Resize(box)
	t.dot.Move(at.AddXY(box.Width-12, box.Height-12))
	t.dot.Resize(fyne.NewSquareSize(8))
	t.number.Move(fyne.NewPos(0, 104))
	t.number.Resize(fyne.NewSize(s.Width, 14))
}

func (r *thumbRenderer) MinSize() fyne.Size { return r.t.MinSize() }
func (r *thumbRenderer) Destroy()           {}

func (r *thumbRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.image, r.t.page, r.t.dot, r.t.number}
}

func (r *thumbRenderer) Refresh() {
	// The frame lies over the picture, so its ground shows only where there is none.
	if !r.t.image.Hidden {
		r.t.page.FillColor = color.Transparent
	}
	r.Layout(r.t.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
}
