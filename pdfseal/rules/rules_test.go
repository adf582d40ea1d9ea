package rules

import (
	"errors"
	"image"
	"math"
	"testing"
	"time"
)

// letter builds the end of an official document: text lines every pitch, blank lines, the organ's name and the date, both
// centred 142.2 mm from the left edge.
func letter(blank int, date string) (runs []Run, text float64) {
	row := func(n int, s string, x, w float64) {
		runs = append(runs, Run{Text: s, X: x, Y: 40 + float64(n)*linePitch, W: w, H: 5.6})
	}
	for i := range 5 {
		row(i, "各有关单位要切实加强电子印章的管理", 28, 156)
	}
	row(5+blank, "示范旗人民政府", 142.2-19.75, 39.5)
	row(6+blank, date, 142.2-19.5, 39)
	return runs, 40 + 4*linePitch + 5.6
}

func TestOverDate_spacing(t *testing.T) {
	for _, c := range []struct {
		blank int
		d     float64
		err   error
	}{
		{2, 40, nil}, {2, 42, nil}, {2, 45, nil}, {2, 50, nil}, {0, 42, ErrSpacing}, {0, 40, ErrSpacing}, {7, 40, ErrSpacing},
	} {
		runs, bottom := letter(c.blank, "2026年9月1日")
		got, err := OverDate(runs, Seal{Width: c.d, Height: c.d})
		if !errors.Is(err, c.err) {
			t.Errorf("%d blank lines, %v mm: error %v, want %v", c.blank, c.d, err, c.err)
		}
		if err != nil {
			continue
		}
		if math.Abs(got.X-142.2) > 0.01 {
			t.Errorf("x = %v, want 142.2", got.X)
		}
		if top := got.Y - c.d/2 - bottom; top < 0 || top > linePitch {
			t.Errorf("%v mm: seal starts %.1f mm below the text, want 0 to %.1f", c.d, top, linePitch)
		}
	}
}

func TestOverDate_forms(t *testing.T) {
	for date, ok := range map[string]bool{
		"2026年9月1日": true, "2026 年 9 月 1 日": true, "二〇二六年九月一日": true, "２０２６年１２月３１日": true,
		"2026年9月": false, "自2026年9月1日起": false, "2026-09-01": false,
	} {
		runs, _ := letter(2, date)
		if _, err := OverDate(runs, Seal{Width: 42, Height: 42}); (err == nil) != ok {
			t.Errorf("%s: %v", date, err)
		}
	}
	if _, err := OverDate(nil, Seal{Width: 42, Height: 42}); !errors.Is(err, ErrNoDate) {
		t.Errorf("empty page: %v", err)
	}
}

func TestKeyword(t *testing.T) {
	runs := []Run{
		{Text: "乙方（盖", X: 100, Y: 200, W: 20, H: 5},
		{Text: "章）", X: 120, Y: 200.4, W: 10, H: 5},
		{Text: "甲方 （盖章）", X: 30, Y: 200, W: 35, H: 5},
	}
	got := Keyword(runs, "（盖 章）")
	if len(got) != 2 {
		t.Fatalf("found %d places, want 2: %v", len(got), got)
	}
	if math.Abs(got[0].X-55) > 0.01 || math.Abs(got[1].X-120) > 0.01 || math.Abs(got[1].Y-202.7) > 0.01 {
		t.Errorf("places: %v", got)
	}
	if Keyword(runs, "丙方") != nil || Keyword(runs, "  ") != nil {
		t.Error("a keyword that is absent or empty was found")
	}
}

func FuzzPlace(f *testing.F) {
	f.Add("示范旗人民政府", "2026年9月1日", 120.0, 200.0, 40.0, 5.0)
	f.Add("", "日", math.NaN(), math.Inf(1), -1.0, 0.0)
	f.Fuzz(func(t *testing.T, name, date string, x, y, w, h float64) {
		runs := []Run{{Text: "正文", X: x, Y: y - 40, W: w, H: h}, {Text: name, X: x, Y: y, W: w, H: h}, {Text: date, X: x, Y: y + 10, W: w, H: h}}
		Review([]Sheet{{Height: 297, Runs: runs, Ink: NewInk(image.NewRGBA(image.Rect(0, 0, 30, 40)), 0.2), Sealed: true}}, Seal{Name: name, Width: w, Height: h}, time.Unix(0, 0))
		if p, err := OverDate(runs, Seal{Width: 42, Height: 42}); err == nil && (math.IsNaN(p.X) || math.IsNaN(p.Y)) {
			t.Fatalf("NaN from %v", runs)
		}
		Keyword(runs, name)
	})
}
