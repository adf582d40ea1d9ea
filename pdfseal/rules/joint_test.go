package rules

import (
	"errors"
	"fmt"
	"math"
	"testing"
)

// joint builds the end of a document that so many organs sign, up to three in a row, on a page of width millimetres. The names stand
// as far apart as seals of d millimetres need, the date under the last one. It answers the centre of each name.
func joint(organs int, width, d float64, blank int) (runs []Run, names []Point, text float64) {
	const char = 5.6
	y := 40.0
	for range 3 {
		runs = append(runs, Run{Text: "各有关单位要切实加强电子印章的管理。", X: 28, Y: y, W: width - 54, H: char})
		y += linePitch
	}
	text = y - linePitch + char
	y += float64(blank) * linePitch
	perRow := min(3, int((width-28-26)/(d+2)))
	for i := 0; i < organs; i++ {
		column := i % perRow
		inRow := min(perRow, organs-i+column)
		x := width - 26 - 4*char - 20 - float64(inRow-1-column)*(d+2) // of its centre
		if inRow > 1 && organs > 1 {
			x = width - 26 - d/2 - float64(inRow-1-column)*(d+2)
		}
		if column == 0 && i > 0 {
			y += d + 3
		}
		name := fmt.Sprintf("第%c旗教育局", []rune("一二三四五六")[i])
		runs = append(runs, Run{Text: name, X: x - 3*char, Y: y, W: 6 * char, H: char})
		names = append(names, Point{x, y + char/2})
	}
	last := names[organs-1]
	runs = append(runs, Run{Text: "2026年8月31日", X: last.X - 19, Y: y + linePitch, W: 38, H: char})
	return runs, names, text
}

// Sixty documents of one to six organs, on A4 and on 16K, with seals of five sizes: every seal stands on its own name, the first row
// within one line of the text, and no two touch.
func TestOverDate_joint(t *testing.T) {
	cases, placed := 0, 0
	for organs := 1; organs <= 6; organs++ {
		for _, width := range []float64{210, 184} {
			for _, d := range []float64{38, 40, 42, 45, 50} {
				cases++
				runs, names, text := joint(organs, width, d, 2)
				var at []Point
				for i := range names {
					p, err := OverDate(runs, Seal{Name: fmt.Sprintf("第%c旗教育局", []rune("一二三四五六")[i]), Width: d, Height: d})
					if err != nil {
						if !errors.Is(err, ErrSpacing) {
							t.Errorf("%d organs, %v mm wide, %v mm: %v", organs, width, d, err)
						}
						break
					}
					at = append(at, p)
				}
				if len(at) < organs {
					continue
				}
				placed++
				for i, p := range at {
					if math.Abs(p.X-names[i].X) > 0.5 || p.Y-names[i].Y < -linePitch/2 || p.Y-names[i].Y > linePitch {
						t.Errorf("%d organs, %v mm wide, %v mm: seal %d at %v, name at %v", organs, width, d, i, p, names[i])
					}
					for _, q := range at[:i] {
						if math.Hypot(p.X-q.X, p.Y-q.Y) <= d {
							t.Errorf("%d organs, %v mm: seals touch at %v and %v", organs, d, p, q)
						}
					}
				}
				if top := at[0].Y - d/2 - text; top < -0.01 || top > linePitch+0.01 {
					t.Errorf("%d organs, %v mm: the first row starts %.1f mm below the text", organs, d, top)
				}
			}
		}
	}
	t.Logf("%d of %d placed", placed, cases)
	if cases != 60 || placed < 57 {
		t.Errorf("%d of %d placed, want 95 %%", placed, cases)
	}
}

// Names one below the other leave no room for two seals.
func TestOverDate_stacked(t *testing.T) {
	runs, _ := letter(2, "2026年8月31日")
	name := runs[len(runs)-2]
	name.Text, name.Y = "示范旗教育局", name.Y-linePitch
	if _, err := OverDate(append(runs, name), Seal{Name: "示范旗人民政府", Width: 42, Height: 42}); !errors.Is(err, ErrSpacing) {
		t.Errorf("error %v, want ErrSpacing", err)
	}
}
