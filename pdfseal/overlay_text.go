package pdfseal

import (
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// overlayFont says how far letters advance.
type overlayFont struct {
	composite bool
	mixed     bool // one byte or two, as in GBK
	vertical  bool
	exact     bool // codes are glyph identifiers, so that widths are known
	first     int
	widths    []float64 // simple fonts, from first on, in 1/1000 of the size
	missing   float64
	cids      map[int]float64
}

// narrow is the width taken where none is stated: too small hides nothing of what stands beside.
const narrow = 250

// fontOf reads a font, those that are objects once.
func (p *painter) fontOf(o types.Object) *overlayFont {
	ref, ok := o.(types.IndirectRef)
	if !ok {
		return p.readFont(p.dict(o))
	}
	num := ref.ObjectNumber.Value()
	f, ok := p.overlaySearch.fonts[num]
	if !ok {
		f = p.readFont(p.dict(o))
		p.overlaySearch.fonts[num] = f
	}
	return f
}

func (p *painter) readFont(d types.Dict) *overlayFont {
	f := &overlayFont{missing: narrow}
	if d["Subtype"] == types.Name("Type0") {
		p.readComposite(f, d)
		return f
	}
	scale := 1.0
	if d["Subtype"] == types.Name("Type3") {
		scale = matrixOf(d["FontMatrix"])[0] * 1000
	}
	f.first, _, _ = p.view.Int(d["FirstChar"])
	list, err := p.view.Array(d["Widths"])
	if err != nil {
		return f
	}
	for _, o := range list[:min(len(list), 256)] {
		w, _, _ := p.view.Number(o)
		f.widths = append(f.widths, w*scale)
	}
	return f
}

// readComposite reads the widths of a composite font (ISO 32000-2, 9.7.4.3).
func (p *painter) readComposite(f *overlayFont, d types.Dict) {
	f.composite, f.cids = true, map[int]float64{}
	enc, _ := p.view.Resolve(d["Encoding"])
	code, _ := enc.(types.Name)
	f.vertical = strings.HasSuffix(string(code), "-V")
	f.exact = code == "Identity-H" || code == "Identity-V"
	f.mixed = strings.Contains(string(code), "EUC") || strings.Contains(string(code), "GBK") || strings.Contains(string(code), "RKSJ") || strings.HasPrefix(string(code), "ETen")
	kids, err := p.view.Array(d["DescendantFonts"])
	if err != nil || len(kids) == 0 {
		return
	}
	cid := p.dict(kids[0])
	f.missing = 1000
	if w, ok, err := p.view.Number(cid["DW"]); ok && err == nil {
		f.missing = w
	}
	if !f.exact {
		f.missing = min(f.missing, 2*narrow)
		return
	}
	list, err := p.view.Array(cid["W"])
	if err != nil {
		return
	}
	for i := 0; i+1 < len(list) && len(f.cids) < 1<<16; {
		from, _, _ := p.view.Int(list[i])
		next, _ := p.view.Resolve(list[i+1])
		if each, ok := next.(types.Array); ok {
			for k, o := range each {
				f.cids[from+k], _, _ = p.view.Number(o)
			}
			i += 2
			continue
		}
		if i+2 >= len(list) {
			return
		}
		to, _, _ := p.view.Int(list[i+1])
		w, _, _ := p.view.Number(list[i+2])
		for c := from; c <= to && len(f.cids) < 1<<16; c++ {
			f.cids[c] = w
		}
		i += 3
	}
}

// next takes one code off a string: its width in 1/1000 of the size, how many bytes it has, and whether it draws nothing.
func (f *overlayFont) next(s []byte) (width float64, n int, empty bool) {
	if !f.composite {
		c := int(s[0])
		width = f.missing
		if i := c - f.first; i >= 0 && i < len(f.widths) {
			width = f.widths[i]
		}
		return width, 1, c == ' ' || c == 0xa0 || c == '\t' || c == '\n' || c == '\r'
	}
	if len(s) < 2 || f.mixed && s[0] < 0x81 {
		return f.missing, 1, s[0] <= ' '
	}
	c := int(s[0])<<8 | int(s[1])
	width, ok := f.cids[c]
	if !ok {
		width = f.missing
	}
	switch c {
	case 0, 1, 3, 0x20, 0xa0, 0x3000, 0xa1a1: // spaces of the usual encodings, and where most fonts have theirs
		return width, 2, true
	}
	return width, 2, false
}

// textOperator follows text state, position and showing (ISO 32000-2, 9.3 and 9.4).
func (p *painter) textOperator(op string, args []operand) bool {
	n := func(i int) float64 { return args[i].num }
	switch op {
	case "BT":
		p.tm, p.line = identity, identity
	case "ET":
		p.st.vague = p.st.vague || p.st.mode >= 4
	case "Tf":
		p.st.size = n(1)
		p.setFont(name(args[:1]))
	case "Tc":
		p.st.spacing = n(0)
	case "Tw":
		p.st.word = n(0)
	case "Tz":
		p.st.stretch = n(0) / 100
	case "TL":
		p.st.leading = n(0)
	case "Ts":
		p.st.raise = n(0)
	case "Tr":
		p.st.mode = int(n(0))
	case "Td":
		p.newLine(n(0), n(1))
	case "TD":
		p.st.leading = -n(1)
		p.newLine(n(0), n(1))
	case "Tm":
		p.line = matrix{n(0), n(1), n(2), n(3), n(4), n(5)}
		p.tm = p.line
	case "T*":
		p.newLine(0, -p.st.leading)
	case "Tj":
		p.show(args[:1])
	case "TJ":
		p.show(args[0].array)
	case "'":
		p.newLine(0, -p.st.leading)
		p.show(args[:1])
	case "\"":
		p.st.word, p.st.spacing = n(0), n(1)
		p.newLine(0, -p.st.leading)
		p.show(args[2:3])
	default:
		return false
	}
	return true
}

func (p *painter) setFont(name string) {
	f, ok := p.fonts[name]
	if !ok {
		f = p.fontOf(p.resource("Font", name))
		p.fonts[name] = f
	}
	p.st.font = f
}

func (p *painter) newLine(x, y float64) {
	p.line = matrix{1, 0, 0, 1, x, y}.then(p.line)
	p.tm = p.line
}

// maxLetters bounds the letters of one text that are looked at.
const maxLetters = 128

// show paints strings and moves by the numbers between them. Each letter is known by two points: in its middle, a little above the line and
// where small letters end.
func (p *painter) show(parts []operand) {
	st := &p.st
	f := st.font
	if f == nil {
		return
	}
	page := p.tm.then(st.ctm)
	em := matrix{st.size * st.stretch, 0, 0, st.size, 0, st.raise}.then(page)
	along := point{page[0] * st.stretch, page[1] * st.stretch}
	if f.vertical {
		along = point{page[2], page[3]}
	}
	p.pairs, p.raw = p.pairs[:0], p.raw[:0]
	visible := st.mode != 3 && st.mode != 7 && st.alpha > 0.05
	at := 0.0 // along the line
	for _, part := range parts {
		if part.kind == operandNumber {
			at -= part.num / 1000 * st.size
			continue
		}
		p.raw = append(p.raw, part.text...)
		for s := part.text; len(s) > 0; {
			w, k, empty := f.next(s)
			w /= 1000
			if visible && !empty && len(p.pairs) < 2*maxLetters {
				low, high := em.apply(w/2, 0.1), em.apply(w/2, 0.42)
				if f.vertical {
					low, high = em.apply(0, -0.35), em.apply(0, -0.65)
				}
				dx, dy := at*along.x, at*along.y
				p.pairs = append(p.pairs, point{low.x + dx, low.y + dy}, point{high.x + dx, high.y + dy})
			}
			step := w*st.size + st.spacing
			if f.vertical {
				step = st.spacing - st.size
			}
			if k == 1 && s[0] == ' ' {
				step += st.word
			}
			at += step
			s = s[k:]
		}
	}
	if f.vertical {
		p.tm = matrix{1, 0, 0, 1, 0, at}.then(p.tm)
	} else {
		p.tm = matrix{1, 0, 0, 1, at * st.stretch, 0}.then(p.tm)
	}
	if len(p.pairs) > 0 {
		p.put(p.pairs, st, f, p.raw)
	}
}
