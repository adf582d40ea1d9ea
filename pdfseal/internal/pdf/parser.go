package pdf

import (
	"math"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// parser turns tokens into objects and counts what it makes.
type parser struct {
	*lexer
	elements int   // array elements and dictionary entries so far
	weight   int64 // rough bytes of memory of what was made
	from     int64 // where the object began, for its size budget
	keys     map[string]Span
}

func newParser(l *lexer) *parser { return &parser{lexer: l, from: l.pos} }

// value reads one object that is not a stream.
func (p *parser) value() (types.Object, error) {
	t, err := p.next(2 * maxString)
	if err != nil {
		return nil, err
	}
	return p.object(t, 0)
}

func (p *parser) object(t token, depth int) (types.Object, error) {
	p.weight += int64(32 + len(t.text))
	switch t.kind {
	case tokInteger:
		return p.integer(t)
	case tokReal:
		return p.real(t)
	case tokName:
		return types.Name(t.text), nil
	case tokString:
		return types.StringLiteral(t.text), nil
	case tokHex:
		return types.HexLiteral(t.text), nil
	case tokOpenArray:
		return p.array(t, depth+1)
	case tokOpenDict:
		return p.dict(t, depth+1)
	case tokKeyword:
		switch t.text {
		case "true":
			return types.Boolean(true), nil
		case "false":
			return types.Boolean(false), nil
		case "null":
			return nil, nil
		}
		return nil, p.fail("S2", t.start, "unexpected keyword %q", t.text)
	case tokEnd:
		return nil, p.fail("S2", t.start, "unexpected end")
	}
	return nil, p.fail("S2", t.start, "unexpected delimiter")
}

// grow counts one more element and applies the budgets of an object.
func (p *parser) grow(depth int, at int64) error {
	p.elements++
	switch {
	case depth > maxNesting:
		return beyond(p.offset(at), "nesting deeper than %d", maxNesting)
	case p.elements > maxElements:
		return beyond(p.offset(at), "object of more than %d elements", maxElements)
	case p.pos-p.from > maxObjectSize:
		return beyond(p.offset(at), "object of more than %d bytes", maxObjectSize)
	}
	return nil
}

// integer reads a number, or a reference where the number is followed by "G R".
func (p *parser) integer(t token) (types.Object, error) {
	n, err := strconv.ParseInt(t.text, 10, 64)
	if err != nil || n > math.MaxInt || n < math.MinInt {
		return nil, p.fail("S2", t.start, "integer out of range")
	}
	if !isDigit(int(t.text[0])) {
		return types.Integer(n), nil
	}
	end := p.pos
	p.skipBlank()
	gen, k := p.digits(5)
	if k > 0 && !isRegular(p.peek()) {
		p.skipBlank()
		if p.keyword("R") {
			if n > maxObjectNum || gen > 65535 {
				return nil, beyond(p.offset(t.start), "reference to object %d generation %d", n, gen)
			}
			return *types.NewIndirectRef(int(n), int(gen)), nil
		}
	}
	p.pos = end
	return types.Integer(n), nil
}

func (p *parser) real(t token) (types.Object, error) {
	f, err := strconv.ParseFloat(t.text, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, p.fail("S2", t.start, "number out of range")
	}
	return types.Float(f), nil
}

func (p *parser) array(open token, depth int) (types.Object, error) {
	a := types.Array{}
	for {
		t, err := p.next(2 * maxString)
		if err != nil {
			return nil, err
		}
		if t.kind == tokCloseArray {
			return a, nil
		}
		if t.kind == tokEnd {
			return nil, p.fail("S2", open.start, "array without end")
		}
		if err := p.grow(depth, t.start); err != nil {
			return nil, err
		}
		o, err := p.object(t, depth)
		if err != nil {
			return nil, err
		}
		a = append(a, o)
	}
}

// dict reads a dictionary. A key that stands twice is fatal (rule S7): some readers take the first value, some the last.
func (p *parser) dict(open token, depth int) (types.Object, error) {
	d := types.Dict{}
	for {
		k, err := p.next(2 * maxString)
		if err != nil {
			return nil, err
		}
		switch k.kind {
		case tokCloseDict:
			return d, nil
		case tokName:
		case tokEnd:
			return nil, p.fail("S2", open.start, "dictionary without end")
		default:
			return nil, p.fail("S2", k.start, "key of a dictionary is not a name")
		}
		if err := p.grow(depth, k.start); err != nil {
			return nil, err
		}
		if _, twice := d[k.text]; twice {
			return nil, p.fail("S7", k.start, "key /%s stands twice in one dictionary", printable(k.text))
		}
		hexMax := 2 * maxString
		if k.text == "Contents" {
			hexMax = maxContents
		}
		t, err := p.next(hexMax)
		if err != nil {
			return nil, err
		}
		if d[k.text], err = p.object(t, depth); err != nil {
			return nil, err
		}
		p.weight += int64(64 + len(k.text))
		if depth == 1 && p.keys != nil {
			p.keys[k.text] = Span{t.start, p.pos}
		}
	}
}

// printable makes text of the file fit for an error message.
func printable(s string) string {
	q := strconv.QuoteToASCII(s[:min(len(s), 64)])
	return q[1 : len(q)-1]
}
