package pdfseal

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// paintState is the graphics state as far as it decides about what is seen (ISO 32000-2, 8.4).
type paintState struct {
	ctm     matrix
	clip    *clip
	vague   bool // letters are part of the clip, which is not followed
	veil    bool // everything is part of something that lets through what is below
	soft    bool // a soft mask
	blend   bool // a blend mode that lets through what is below
	pattern bool // the fill is a pattern with holes
	alpha   float64

	font                                *overlayFont
	size, spacing, word, leading, raise float64
	stretch                             float64
	mode                                int
}

// opaque tells whether what is filled hides what is below; nearly opaque is opaque to the eye.
func (s *paintState) opaque() bool {
	return s.alpha >= 0.9 && !s.vague && !s.veil && !s.soft && !s.blend && !s.pattern
}

// painter follows one content stream.
type painter struct {
	*canvas
	res   types.Dict
	st    paintState
	saved []paintState
	path  path
	clip  int // the clipping operator that waits for the end of the path: 1 nonzero, 2 even-odd
	fonts map[string]*overlayFont
	tm    matrix
	line  matrix
	depth int
	pairs []point // room for the letters of one text
	raw   []byte
}

// maxSaved bounds the nesting of q.
const maxSaved = 512

// run follows a content stream.
func (c *canvas) run(data []byte, res types.Dict, st paintState, depth int) {
	p := &painter{canvas: c, res: res, st: st, fonts: map[string]*overlayFont{}, tm: identity, line: identity, depth: depth}
	l := &contentLexer{b: data}
	for op, args := l.next(); op != "" && c.work > 0; op, args = l.next() {
		if op == "BI" {
			mask := l.inlineImage()
			r := square(p.st.ctm, 0, 0, 1, 1)
			if !mask {
				c.cover(r, p.st, byPicture, nil)
			}
			c.pictureItem(r, &p.st)
			continue
		}
		p.operator(op, args)
	}
}

// operandsOf is how many operands an operator needs at least.
var operandsOf = map[string]int{"m": 2, "l": 2, "c": 6, "v": 4, "y": 4, "re": 4, "cm": 6, "Tf": 2, "Tc": 1, "Tw": 1, "Tz": 1, "TL": 1, "Ts": 1, "Tr": 1,
	"Td": 2, "TD": 2, "Tm": 6, "Tj": 1, "TJ": 1, "'": 1, "\"": 3}

// operator follows one operator. One with too few operands does nothing.
func (p *painter) operator(op string, args []operand) {
	if len(args) < operandsOf[op] || p.pathOperator(op, args) || p.textOperator(op, args) {
		return
	}
	n := func(i int) float64 { return args[i].num }
	switch op {
	case "q":
		if len(p.saved) < maxSaved {
			p.saved = append(p.saved, p.st)
		}
	case "Q":
		if k := len(p.saved); k > 0 {
			p.st, p.saved = p.saved[k-1], p.saved[:k-1]
		}
	case "cm":
		p.st.ctm = matrix{n(0), n(1), n(2), n(3), n(4), n(5)}.then(p.st.ctm)
	case "gs":
		p.extended(name(args))
	case "g", "rg", "k", "sc", "cs":
		p.st.pattern = false
	case "scn":
		p.st.pattern = p.holed(name(args))
	case "Do":
		p.do(name(args))
	}
}

// name gives the last operand where it is a name.
func name(args []operand) string {
	if n := len(args); n > 0 && args[n-1].kind == operandName {
		return string(args[n-1].text)
	}
	return ""
}

// resource looks a name up among the resources.
func (p *painter) resource(kind, name string) types.Object {
	if name == "" {
		return nil
	}
	return p.dict(p.res[kind])[name]
}

// pathOperator follows the making, filling and clipping of paths (ISO 32000-2, 8.5).
func (p *painter) pathOperator(op string, args []operand) bool {
	n := func(i int) float64 { return args[i].num }
	m := p.st.ctm
	switch op {
	case "m":
		p.path.move(m, n(0), n(1))
	case "l":
		p.path.line(m, n(0), n(1))
	case "c":
		p.path.curve(m, point{n(0), n(1)}, point{n(2), n(3)}, point{n(4), n(5)})
	case "v":
		p.path.curve(m, p.path.at, point{n(0), n(1)}, point{n(2), n(3)})
	case "y":
		p.path.curve(m, point{n(0), n(1)}, point{n(2), n(3)}, point{n(2), n(3)})
	case "re":
		x, y, w, h := n(0), n(1), n(2), n(3)
		p.path.move(m, x, y)
		p.path.line(m, x+w, y)
		p.path.line(m, x+w, y+h)
		p.path.line(m, x, y+h)
		p.path.at = point{x, y}
	case "h":
	case "W":
		p.clip = 1
	case "W*":
		p.clip = 2
	case "f", "F", "B", "b":
		p.fill(false)
	case "f*", "B*", "b*":
		p.fill(true)
	case "n", "S", "s":
		p.endPath()
	case "sh":
		if at := p.st.clip; at != nil {
			p.cover(at.in, p.st, byShape, nil)
		}
	default:
		return false
	}
	return true
}

func (p *painter) fill(evenOdd bool) {
	p.lost = p.lost || p.path.points > maxPathPoints && p.st.opaque()
	p.cover(newRegion(p.path.loops, evenOdd), p.st, byShape, nil)
	p.endPath()
}

// endPath drops the path, and clips with it where that was asked for.
func (p *painter) endPath() {
	if p.clip != 0 && len(p.path.loops) > 0 {
		p.st.clip = p.st.clip.within(newRegion(p.path.loops, p.clip == 2))
	}
	p.path, p.clip = path{}, 0
}

// extended takes over a graphics state dictionary (ISO 32000-2, table 57).
func (p *painter) extended(name string) {
	d := p.dict(p.resource("ExtGState", name))
	if a, ok, err := p.view.Number(d["ca"]); ok && err == nil {
		p.st.alpha = a
	}
	if m, err := p.view.Resolve(d["SMask"]); err == nil && m != nil {
		p.st.soft = m != types.Name("None")
	}
	if b, err := p.view.Resolve(d["BM"]); err == nil && b != nil {
		if a, ok := b.(types.Array); ok && len(a) > 0 {
			b = a[0]
		}
		switch b {
		case types.Name("Normal"), types.Name("Compatible"), types.Name("Screen"), types.Name("Lighten"):
			p.st.blend = false
		default:
			p.st.blend = true
		}
	}
	if f, err := p.view.Array(d["Font"]); err == nil && len(f) == 2 {
		p.st.font = p.fontOf(f[0])
		p.st.size, _, _ = p.view.Number(f[1])
	}
}

// holed tells whether a pattern can let through what is below; a shading cannot.
func (p *painter) holed(name string) bool {
	if name == "" {
		return false
	}
	o, err := p.view.Resolve(p.resource("Pattern", name))
	if err != nil {
		return true
	}
	d, ok := o.(types.Dict)
	return !ok || d["Shading"] == nil
}

// do paints a picture or a form.
func (p *painter) do(name string) {
	o := p.resource("XObject", name)
	sd, err := p.view.Stream(o)
	if err != nil || sd == nil {
		return
	}
	num := 0
	if r, ok := o.(types.IndirectRef); ok {
		num = r.ObjectNumber.Value()
	}
	switch kind, _ := p.view.Resolve(sd.Dict["Subtype"]); kind {
	case types.Name("Image"):
		p.picture(num, sd.Dict, &p.st)
	case types.Name("Form"):
		p.form(num, sd, p.res, p.st, p.depth+1)
	}
}

// form paints a form XObject (ISO 32000-2, 8.10); res are the resources of those that bring none.
func (c *canvas) form(num int, sd *types.StreamDict, res types.Dict, st paintState, depth int) {
	if depth > maxFormDepth || c.left <= 0 {
		c.lost = true
		return
	}
	c.left -= formCost
	data, known := c.forms[num]
	if !known || num == 0 {
		var err error
		if data, err = c.stream(sd); err != nil {
			c.lost = true
			return
		}
		if len(c.forms) < 256 && len(data) <= 64<<10 {
			c.forms[num] = data
		}
	} else {
		c.left -= int64(len(data))
	}
	if sd.Dict["Group"] != nil {
		st.veil = st.veil || !st.opaque()
		st.alpha, st.soft, st.blend = 1, false, false
	}
	st.ctm = matrixOf(sd.Dict["Matrix"]).then(st.ctm)
	if b, ok := rectangle(sd.Dict["BBox"]); ok {
		st.clip = st.clip.within(square(st.ctm, b[0], b[1], b[2], b[3]))
	}
	if own := c.dict(sd.Dict["Resources"]); own != nil {
		res = own
	}
	c.run(data, res, st, depth)
}
