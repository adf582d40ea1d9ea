package page

import (
	"bytes"
	"testing"
)

// Whatever the bytes, opening and looking ends without a panic; the errors are named ones.
func FuzzOpen(f *testing.F) {
	f.Add(sheet{content: "BT /F 12 Tf 50 500 Td (x) Tj ET"}.build(f))
	f.Add(sheet{extra: "/UserUnit 1e308/Rotate 91"}.build(f))
	f.Add(sheet{box: "0 0 1e38 1e-38"}.build(f))
	f.Add([]byte("%PDF-1.7\ntrailer<</Root 1 0 R>>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := New(t.Context(), bytes.NewReader(data), int64(len(data)))
		if err == nil {
			defer func() {
				if err := d.Close(); err != nil {
					t.Error(err)
				}
			}()
			_, err = d.Text(t.Context(), 1)
			if err == nil {
				_, err = d.Render(t.Context(), 1, 10)
			}
		}
		if err != nil && !named(err) {
			t.Error(err)
		}
	})
}

// Joining keeps every character that has a place, in order, inside the box of its run.
func FuzzJoin(f *testing.F) {
	f.Add("关于印发2026年 plan", 10.0, 3.0)
	f.Add("\U0001F600a", -1.0, 0.0)
	f.Fuzz(func(t *testing.T, text string, step, h float64) {
		var chars []char
		want := ""
		for i, r := range []rune(text) {
			c := char{r: r, x: float64(i) * step, y: 10, w: step, h: h}
			chars = append(chars, c)
			if !blank(r) && c.w > 0 && c.h > 0 {
				want += string(r)
			}
		}
		got := ""
		for _, r := range join(chars) {
			got += r.Text
			if !(r.W > 0 && r.H > 0) {
				t.Errorf("%+v", r)
			}
		}
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}
