package view

import (
	"fmt"
	"image"
	"image/draw"
	"math"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/pdfseal"
	"sealdesk/ui/state"
	"sealdesk/ui/widget"
)

// straddlePart is the part of the inspector that asks for a straddle seal 骑缝章: at which edge, on which pages, and where along it.
type straddlePart struct {
	env    *Env
	now    state.Straddle
	toggle *widget.Button
	edges  map[pdfseal.Edge]*widget.Button
	row    *fyne.Container // the edges
	pages  *widget.Field
	at     *widget.Field
	fields *fyne.Container
	where  *widget.Text
	why    *widget.Text
	root   *fyne.Container
}

func newStraddlePart(e *Env) *straddlePart {
	p := &straddlePart{env: e, edges: map[pdfseal.Edge]*widget.Button{}, where: widget.NewSmall("", widget.Plain), why: widget.NewSmall("", widget.Warning)}
	p.toggle = widget.NewButton(e.T("gui.rule.straddle"), widget.LookChoice, p.switchOver)
	p.row = widget.NewFlow(4)
	for _, edge := range pdfseal.Edges() {
		p.edges[edge] = widget.NewButton(e.T("gui.straddle.edge."+string(edge)), widget.LookChoice, func() { p.change(func(s *state.Straddle) { s.Edge = edge }) })
		p.row.Add(p.edges[edge])
	}
	p.pages, p.at = e.field("gui.straddle.pages_hint"), e.field("gui.straddle.at_hint")
	p.pages.OnSubmitted = func(t string) { p.change(func(s *state.Straddle) { s.Pages = plainPages(t) }) }
	p.at.OnSubmitted = func(t string) { p.change(func(s *state.Straddle) { s.Centre = length(t, s.Centre) }) }
	label := func(key string) fyne.CanvasObject { return widget.NewSmall(e.T(key), widget.Faint) }
	p.fields = container.NewGridWithColumns(2, widget.NewRow(4, 1, label("gui.straddle.pages"), p.pages), widget.NewRow(4, 1, label("gui.straddle.at"), p.at))
	p.root = widget.NewColumn(6, 0, p.row, p.why, p.fields, p.where)
	return p
}

// plainPages writes a choice of pages as the command line wants it.
func plainPages(t string) string {
	return strings.NewReplacer("，", ",", "、", ",", "－", "-", "–", "-", " ", "").Replace(strings.TrimSpace(t))
}

// length reads millimetres; nothing stands for the middle, and what is none changes nothing.
func length(t string, before float64) float64 {
	if t = strings.TrimSpace(t); t == "" {
		return 0
	}
	mm, err := strconv.ParseFloat(t, 64)
	if err != nil || !(mm > 0 && mm < 100_000) {
		return before
	}
	return math.Round(mm*10) / 10
}

func (p *straddlePart) switchOver() {
	want := state.Straddle{Edge: pdfseal.EdgeRight}
	if p.now.Wanted() {
		want = state.Straddle{}
	}
	p.env.Dispatch(state.StraddleChosen{Straddle: want})
}

// change sends the wish with one value replaced.
func (p *straddlePart) change(f func(*state.Straddle)) {
	s := p.now
	f(&s)
	p.env.Dispatch(state.StraddleChosen{Straddle: s})
}

func (p *straddlePart) render(d state.Desk, doc state.Document, ok bool) {
	e, s := p.env, doc.Straddle
	changed := s != p.now
	p.now = s
	on := s.Wanted()
	free := ok && doc.CanStraddle() && !d.Sealing.Phase.Busy() && !doc.Done()
	p.toggle.SetChosen(on)
	p.toggle.SetEnabled(free)
	for edge, b := range p.edges {
		b.SetChosen(edge == s.Edge)
		b.SetEnabled(free)
	}
	visible(p.row, on)
	visible(p.fields, on)
	if changed {
		p.pages.SetText(s.Pages)
		at := ""
		if s.Centre > 0 {
			at = widget.Millimetres(s.Centre)
		}
		p.at.SetText(at)
	}
	for _, f := range []*widget.Field{p.pages, p.at} {
		if free {
			f.Enable()
		} else {
			f.Disable()
		}
	}
	why, where, ink := "", "", widget.Warning
	switch {
	case ok && doc.Loaded && !doc.CanStraddle():
		why = e.T("gui.straddle.one_page")
		if !on {
			ink = widget.Faint // nobody asked for it
		}
	case on && doc.Slices.Err != nil:
		t := e.texts(doc.Slices.Err)
		why = t.What + "\n" + t.Why
	case on && doc.Slices.Finding:
		where = e.T("gui.straddle.finding")
	case on && len(doc.Slices.Marks) > 0:
		where = e.straddleWords(doc.Slices.Marks)
	}
	p.why.Set(why, ink)
	p.why.Hidden = why == ""
	p.where.SetText(where)
	p.where.Hidden = where == ""
	visible(p.root, on || why != "")
}

// straddleWords says where the slices will stand.
func (e *Env) straddleWords(marks []pdfseal.PlacedMark) string {
	groups := pdfseal.StraddleGroups(marks)
	if len(groups) == 0 {
		return ""
	}
	g := groups[0]
	text := e.T("gui.straddle.placed", "N", number(len(marks)), "W", widget.Millimetres(g.Width), "At", widget.Millimetres(g.Centre), "From", e.T("gui.straddle.from."+string(g.Edge)))
	if len(groups) > 1 {
		text += e.T("gui.straddle.groups", "N", number(len(groups)))
	}
	return text
}

// cropKey names a part of a picture.
type cropKey struct {
	picture  image.Image
	edge     pdfseal.Edge
	from, to float64
}

// crops cuts the pictures of slices, each once.
type crops map[cropKey]image.Image

// maxCrops bounds the slices that are kept.
const maxCrops = 64

// of returns the part of a picture that a slice shows.
func (c crops) of(picture image.Image, s pdfseal.Slice) image.Image {
	if picture == nil {
		return nil
	}
	key := cropKey{picture, s.Edge, s.From, s.To}
	if img := c[key]; img != nil {
		return img
	}
	if len(c) >= maxCrops {
		clear(c)
	}
	b := picture.Bounds()
	r := b
	cut := func(from, size int, f float64) int { return from + int(math.Round(f*float64(size))) }
	if s.Edge == pdfseal.EdgeRight || s.Edge == pdfseal.EdgeLeft {
		r.Min.X, r.Max.X = cut(b.Min.X, b.Dx(), s.From), cut(b.Min.X, b.Dx(), s.To)
	} else {
		r.Min.Y, r.Max.Y = cut(b.Min.Y, b.Dy(), s.From), cut(b.Min.Y, b.Dy(), s.To)
	}
	if r.Empty() {
		return nil
	}
	img := image.NewNRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(img, img.Rect, picture, r.Min, draw.Src)
	c[key] = img
	return img
}

// sliceID begins the names of slices on the page view.
const sliceID = "slice"

// slice is the slice of a page, where the document has one.
func (c crops) slice(doc state.Document, seal state.Seal, page int, movable bool) []widget.PageMark {
	m, ok := doc.Slices.OnPage(page)
	if !ok {
		return nil
	}
	return []widget.PageMark{{ID: fmt.Sprint(sliceID, page), Page: page, X: m.X, Y: m.Y, W: m.W, H: m.H, Picture: c.of(seal.Picture, m.Slice), Movable: movable}}
}

// alongEdge is the place of a slice that was moved: only along its edge.
func alongEdge(s state.Straddle, x, y float64) state.Straddle {
	s.Centre = y
	if s.Edge == pdfseal.EdgeTop || s.Edge == pdfseal.EdgeBottom {
		s.Centre = x
	}
	s.Centre = math.Round(s.Centre*10) / 10
	return s
}
