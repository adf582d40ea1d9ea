package training

import (
	"errors"
	"math"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// mongolianArc sets the Mongolian name on the outer arc, and answers its outlines and the radius of their innermost ink.
//
// Mongolian runs from top to bottom; fonts draw it lying on its side, the stem along the base line. Bending that line to a circle
// turns every word so that its stem follows the circle, read clockwise with the head of the column at the beginning.
func (d Design) mongolianArc() (out []outline, ink float64, err error) {
	run, width, err := shape(d.Mongolian)
	if err != nil {
		return nil, 0, err
	}
	low, high := run.bounds()
	top := d.radius() - d.Ring - bandGap*d.radius() // where the ink ends
	size := maxMongolian * d.radius()
	base := top - size*high.y
	if longest := maxArc * base; size*width > longest {
		size = longest / width
		base = top - size*high.y
	}
	start := -size * width / base / 2
	bent := run.through(func(p pt2) pt2 { return polar(base+size*p.y, start+size*p.x/base) })
	return split(bent), base + size*low.y, nil
}

// split makes every polygon an outline of its own unless it is a hole: joined letters overlap, and their strokes must not cancel.
func split(o outline) []outline {
	var out []outline
	for _, poly := range o {
		if area(poly) > 0 == (len(out) > 0 && area(out[len(out)-1][0]) > 0) || len(out) == 0 {
			out = append(out, outline{poly})
			continue
		}
		out[len(out)-1] = append(out[len(out)-1], poly)
	}
	return out
}

// area is positive for a polygon that runs counter-clockwise.
func area(poly []pt2) float64 {
	sum := 0.0
	for i, p := range poly {
		q := poly[(i+1)%len(poly)]
		sum += p.x*q.y - q.x*p.y
	}
	return sum / 2
}

// shape answers the outline of a line of Mongolian, one em being 1, and its length.
func shape(text string) (o outline, width float64, err error) {
	t, err := mongolian()
	if err != nil {
		return nil, 0, err
	}
	runes := []rune(text)
	shaper := shaping.HarfbuzzShaper{}
	line := shaper.Shape(shaping.Input{
		Text: runes, RunEnd: len(runes), Direction: di.DirectionLTR, Face: t.face, Size: fixed.I(int(t.upem)),
		Script: language.Mongolian, Language: language.NewLanguage("mn-Mong"),
	})
	pen := 0.0
	for _, g := range line.Glyphs {
		if g.GlyphID == 0 {
			return nil, 0, errors.New("training: the Mongolian font lacks a letter of " + text)
		}
		x, y := pen+unfix(g.XOffset), unfix(g.YOffset)
		part := t.glyphOutline(g.GlyphID, t.upem/50)
		o = append(o, part.through(func(p pt2) pt2 { return pt2{(p.x + x) / t.upem, (p.y + y) / t.upem} })...)
		pen += unfix(g.Advance)
	}
	if len(o) == 0 {
		return nil, 0, errors.New("training: seal without a Mongolian name")
	}
	return o, pen / t.upem, nil
}

func unfix(v fixed.Int26_6) float64 { return math.Round(float64(v)) / 64 }
