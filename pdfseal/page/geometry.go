package page

import (
	"context"
	"fmt"
	"io"
	"math"

	"github.com/klippa-app/go-pdfium/requests"

	"sealdesk/pdfseal/internal/pdf"
)

const mmPerInch = 25.4

// Size is the size of an upright visible page in millimetres.
type Size struct{ W, H float64 }

// shape is the geometry of one page.
type shape struct {
	left, bottom, right, top float64 // visible box in default user space
	rotate                   int     // quarter turns clockwise
	unit                     float64 // millimetres to one user space unit
}

func (s shape) size() Size {
	w, h := (s.right-s.left)*s.unit, (s.top-s.bottom)*s.unit
	if s.rotate%2 == 1 {
		w, h = h, w
	}
	return Size{w, h}
}

// upright turns a box in user space into millimetres from the left and top edge of the upright page.
func (s shape) upright(left, bottom, right, top float64) (x, y, w, h float64) {
	switch s.rotate {
	case 1:
		x, y, w, h = bottom-s.bottom, left-s.left, top-bottom, right-left
	case 2:
		x, y, w, h = s.right-right, bottom-s.bottom, right-left, top-bottom
	case 3:
		x, y, w, h = s.top-top, s.right-right, top-bottom, right-left
	default:
		x, y, w, h = left-s.left, s.top-top, right-left, top-bottom
	}
	return x * s.unit, y * s.unit, w * s.unit, h * s.unit
}

// PageSize answers the size of page (counted from 1). Errors: ErrNoPage and those of Open.
func (d *Document) PageSize(ctx context.Context, page int) (Size, error) {
	var size Size
	err := d.do(ctx, func(l *live, limited context.Context) error {
		s, err := d.shape(limited, l, page)
		size = s.size()
		return err
	})
	return size, err
}

// of names a page to pdfium, which counts from 0.
func (l *live) of(page int) requests.Page {
	return requests.Page{ByIndex: &requests.PageByIndex{Document: l.doc, Index: page - 1}}
}

func (d *Document) shape(ctx context.Context, l *live, page int) (shape, error) {
	if page < 1 || page > d.pages {
		return shape{}, fmt.Errorf("%w: %d of %d", ErrNoPage, page, d.pages)
	}
	box, err := l.in.FPDF_GetPageBoundingBox(&requests.FPDF_GetPageBoundingBox{Page: l.of(page)})
	if err != nil {
		return shape{}, fmt.Errorf("page %d: %w", page, err)
	}
	turn, err := l.in.FPDFPage_GetRotation(&requests.FPDFPage_GetRotation{Page: l.of(page)})
	if err != nil {
		return shape{}, fmt.Errorf("page %d: %w", page, err)
	}
	s := shape{
		left: float64(box.Rect.Left), bottom: float64(box.Rect.Bottom), right: float64(box.Rect.Right), top: float64(box.Rect.Top),
		rotate: int(turn.PageRotation) & 3, unit: d.unit(ctx, page) * mmPerInch / 72,
	}
	if size := s.size(); !(size.W > 0 && size.H > 0) || math.IsInf(size.W*size.H, 0) {
		return shape{}, fmt.Errorf("page %d has no area", page)
	}
	return s, nil
}

// units reads /UserUnit, which pdfium ignores, with the strict reader.
type units struct {
	view *pdf.View // nil where the strict reader refuses the document
	end  context.CancelFunc
}

// unit answers the /UserUnit of a page, 1 where there is none or the strict reader refuses the document. It ends with ctx; what a
// call that ended has read is read again by the next.
func (d *Document) unit(ctx context.Context, page int) float64 {
	if d.units == nil {
		life, end := context.WithCancel(context.Background())
		d.units = &units{end: end}
		stop := context.AfterFunc(ctx, end)
		f, err := pdf.Open(life, io.NewSectionReader(d.src, 0, d.size))
		if !stop() {
			d.dropUnits()
			return 1
		}
		if err == nil {
			d.units.view = f.Latest()
		}
	}
	if d.units.view == nil {
		return 1
	}
	stop := context.AfterFunc(ctx, d.units.end)
	p, err := d.units.view.Page(page)
	if !stop() {
		d.dropUnits()
		return 1
	}
	if err != nil || !(p.UserUnit > 0 && p.UserUnit <= maxUserUnit) {
		return 1
	}
	return p.UserUnit
}

func (d *Document) dropUnits() {
	if d.units != nil {
		d.units.end()
		d.units = nil
	}
}

// maxUserUnit keeps a page of 14,400 units within a kilometre.
const maxUserUnit = 200
