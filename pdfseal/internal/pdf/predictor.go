package pdf

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// predictor undoes what ISO 32000-2, 7.4.4.4 calls a predictor function.
type predictor struct {
	kind  int // 1 none, 2 TIFF, 10 and above PNG
	bits  int // per component
	comps int // components of a sample
	row   int // bytes of a decoded row
	bpp   int // bytes of a sample, at least 1
}

func newPredictor(parms types.Dict, off int64) (predictor, error) {
	get := func(key string, def int) int {
		if v, ok := parms[key]; ok && v != nil {
			if n, ok := v.(types.Integer); ok {
				return int(n)
			}
			return -1
		}
		return def
	}
	p := predictor{kind: get("Predictor", 1), bits: get("BitsPerComponent", 8), comps: get("Colors", 1)}
	columns := get("Columns", 1)
	switch {
	case p.kind == 1:
		return p, nil
	case p.kind != 2 && (p.kind < 10 || p.kind > 15),
		p.bits != 1 && p.bits != 2 && p.bits != 4 && p.bits != 8 && p.bits != 16,
		p.comps < 1 || p.comps > 32, columns < 1 || columns > 1<<20:
		return p, syntax("S2", off, "unusable predictor parameters")
	}
	p.row = (columns*p.comps*p.bits + 7) / 8
	p.bpp = max(1, p.comps*p.bits/8)
	return p, nil
}

// encoded gives the most bytes before decoding that can become n bytes.
func (p predictor) encoded(n int64) int64 {
	if p.kind < 10 {
		return n
	}
	return n + n/int64(p.row) + 1
}

func (p predictor) decode(b []byte, off int64) ([]byte, error) {
	switch {
	case p.kind == 1:
		return b, nil
	case p.kind == 2:
		if len(b)%p.row != 0 {
			return nil, syntax("S2", off, "predicted data end inside a row")
		}
		for i := 0; i < len(b); i += p.row {
			p.tiff(b[i : i+p.row])
		}
		return b, nil
	}
	return p.png(b, off)
}

// png undoes the PNG filters row by row, in place.
func (p predictor) png(b []byte, off int64) ([]byte, error) {
	if len(b)%(p.row+1) != 0 {
		return nil, syntax("S2", off, "predicted data end inside a row")
	}
	out := b[:0]
	above := make([]byte, p.row)
	for i := 0; i < len(b); i += p.row + 1 {
		tag, row := b[i], b[i+1:i+1+p.row]
		if !p.pngRow(tag, row, above) {
			return nil, syntax("S2", off, "unknown PNG filter %d", tag)
		}
		copy(above, row)
		out = append(out, row...)
	}
	return out, nil
}

func (p predictor) pngRow(tag byte, row, above []byte) bool {
	left := func(i int) byte {
		if i < p.bpp {
			return 0
		}
		return row[i-p.bpp]
	}
	switch tag {
	case 0:
	case 1:
		for i := range row {
			row[i] += left(i)
		}
	case 2:
		for i := range row {
			row[i] += above[i]
		}
	case 3:
		for i := range row {
			row[i] += byte((int(left(i)) + int(above[i])) / 2)
		}
	case 4:
		for i := range row {
			corner := byte(0)
			if i >= p.bpp {
				corner = above[i-p.bpp]
			}
			row[i] += paeth(left(i), above[i], corner)
		}
	default:
		return false
	}
	return true
}

// paeth is the predictor of that name in the PNG specification, 9.4.
func paeth(a, b, c byte) byte {
	abs := func(n int) int { return max(n, -n) }
	e := int(a) + int(b) - int(c)
	pa, pb, pc := abs(e-int(a)), abs(e-int(b)), abs(e-int(c))
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

// tiff undoes horizontal differencing (TIFF 6.0, section 14) of one row.
func (p predictor) tiff(row []byte) {
	switch p.bits {
	case 8:
		for i := p.comps; i < len(row); i++ {
			row[i] += row[i-p.comps]
		}
	case 16:
		for i := 2 * p.comps; i+1 < len(row); i += 2 {
			v := uint16(row[i])<<8 | uint16(row[i+1])
			v += uint16(row[i-2*p.comps])<<8 | uint16(row[i-2*p.comps+1])
			row[i], row[i+1] = byte(v>>8), byte(v)
		}
	default:
		p.tiffBits(row)
	}
}

// tiffBits is tiff for components of 1, 2 or 4 bits.
func (p predictor) tiffBits(row []byte) {
	mask := byte(1<<p.bits - 1)
	shift := func(i int) int { return 8 - p.bits - i*p.bits%8 }
	for i := p.comps; i < len(row)*8/p.bits; i++ {
		at, prev := i*p.bits/8, (i-p.comps)*p.bits/8
		v := row[at]>>shift(i)&mask + row[prev]>>shift(i-p.comps)&mask
		row[at] = row[at]&^(mask<<shift(i)) | v&mask<<shift(i)
	}
}
