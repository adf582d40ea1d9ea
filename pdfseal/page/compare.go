package page

import (
	"context"
	"errors"
	"image"
)

// Difference is a page that does not look the same in two states of a document.
type Difference struct {
	Page      int
	Then, Now *image.RGBA // nil where the state has no such page, or it cannot be drawn
	Regions   []Region    // empty where one of the pictures is missing or the sizes differ: then all of the page differs
}

// Region is a part of a page, in millimetres from the left and top edge of the upright visible page.
type Region struct{ X, Y, W, H float64 }

// Compare draws every page of both documents at dpi and calls found for each one that differs, in the order of pages. A page that
// cannot be drawn in one of the states counts as different (it is not known to be the same), as does one that only one of them
// has. progress may be nil. Errors are those of ctx and of found.
func Compare(ctx context.Context, then, now *Document, dpi float64, progress func(done, total int), found func(Difference) error) error {
	total := max(then.Pages(), now.Pages())
	for n := 1; n <= total; n++ {
		a, errA := then.Render(ctx, n, dpi)
		b, errB := now.Render(ctx, n, dpi)
		if err := ctx.Err(); err != nil {
			return err
		}
		if errors.Is(errA, ErrClosed) || errors.Is(errB, ErrClosed) {
			return ErrClosed
		}
		d := Difference{Page: n, Then: a, Now: b}
		same := false
		if errA == nil && errB == nil && a.Rect == b.Rect {
			d.Regions = regions(a, b, 25.4/dpi)
			same = len(d.Regions) == 0
		}
		if !same {
			if err := found(d); err != nil {
				return err
			}
		}
		if progress != nil {
			progress(n, total)
		}
	}
	return nil
}

const (
	cell       = 8  // pixels to the side of the squares in which differences are gathered
	threshold  = 12 // of 255, in one channel; two runs of one renderer differ by nothing
	maxRegions = 40 // more than these on a page are shown as one
)

// regions gathers the pixels that differ into rectangles; mm is the size of a pixel.
func regions(a, b *image.RGBA, mm float64) []Region {
	w, h := (a.Rect.Dx()+cell-1)/cell, (a.Rect.Dy()+cell-1)/cell
	changed := make([]bool, w*h)
	any := false
	for y := range a.Rect.Dy() {
		rowA, rowB := a.Pix[y*a.Stride:y*a.Stride+4*a.Rect.Dx()], b.Pix[y*b.Stride:y*b.Stride+4*b.Rect.Dx()]
		for i := range rowA {
			if d := int(rowA[i]) - int(rowB[i]); d > threshold || d < -threshold {
				changed[y/cell*w+i/4/cell] = true
				any = true
			}
		}
	}
	if !any {
		return nil
	}
	var out []Region
	whole := image.Rectangle{}
	for at := range changed {
		if changed[at] {
			r := flood(changed, w, h, at)
			whole = whole.Union(r)
			out = append(out, region(r, a.Rect, mm))
		}
	}
	if len(out) > maxRegions {
		return []Region{region(whole, a.Rect, mm)}
	}
	return out
}

// flood clears the squares that hang together with the one at start, gaps of one square included, and answers their bounds.
func flood(changed []bool, w, h, start int) image.Rectangle {
	queue := []int{start}
	changed[start] = false
	out := image.Rectangle{}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		x, y := at%w, at/w
		out = out.Union(image.Rect(x, y, x+1, y+1))
		for dy := -2; dy <= 2; dy++ {
			for dx := -2; dx <= 2; dx++ {
				nx, ny := x+dx, y+dy
				if nx >= 0 && ny >= 0 && nx < w && ny < h && changed[ny*w+nx] {
					changed[ny*w+nx] = false
					queue = append(queue, ny*w+nx)
				}
			}
		}
	}
	return out
}

func region(cells, page image.Rectangle, mm float64) Region {
	r := image.Rect(cells.Min.X*cell, cells.Min.Y*cell, cells.Max.X*cell, cells.Max.Y*cell).Intersect(image.Rect(0, 0, page.Dx(), page.Dy()))
	return Region{X: float64(r.Min.X) * mm, Y: float64(r.Min.Y) * mm, W: float64(r.Dx()) * mm, H: float64(r.Dy()) * mm}
}
