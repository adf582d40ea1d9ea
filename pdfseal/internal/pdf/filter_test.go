package pdf

import (
	"bytes"
	"errors"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// TestPredictor_undoes encodes rows with each PNG filter and with TIFF differencing and decodes them.
func TestPredictor_undoes(t *testing.T) {
	for _, bits := range []int{1, 2, 4, 8, 16} {
		for _, comps := range []int{1, 3} {
			parms := types.Dict{"Columns": types.Integer(16), "Colors": types.Integer(comps), "BitsPerComponent": types.Integer(bits)}
			for _, kind := range []int{2, 10, 15} {
				parms["Predictor"] = types.Integer(kind)
				p, err := newPredictor(parms, 0)
				if err != nil {
					t.Fatal(err)
				}
				want := make([]byte, 5*p.row)
				for i := range want {
					want[i] = byte(i*i*7 + i)
				}
				got, err := p.decode(encode(p, want), 0)
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("kind %d bits %d comps %d: %v", kind, bits, comps, err)
				}
			}
		}
	}
	for _, parms := range []types.Dict{
		{"Predictor": types.Integer(3)}, {"Predictor": types.Name("A")}, {"Predictor": types.Integer(12), "Columns": types.Integer(0)},
		{"Predictor": types.Integer(12), "Columns": types.Integer(1 << 40)}, {"Predictor": types.Integer(2), "BitsPerComponent": types.Integer(3)},
		{"Predictor": types.Integer(12), "Colors": types.Integer(-1)},
	} {
		_, err := newPredictor(parms, 0)
		wantRule(t, err, "S2")
	}
}

// encode is the inverse of predictor.decode, written from the definitions sample by sample.
func encode(p predictor, b []byte) []byte {
	var out []byte
	above := make([]byte, p.row)
	for r := 0; r < len(b); r += p.row {
		row := b[r : r+p.row]
		if p.kind == 2 {
			out = append(out, encodeTIFF(p, row)...)
			continue
		}
		tag := byte(r / p.row % 5)
		out = append(out, tag)
		for i, c := range row {
			var left, corner byte
			if i >= p.bpp {
				left, corner = row[i-p.bpp], above[i-p.bpp]
			}
			out = append(out, c-[]byte{0, left, above[i], byte((int(left) + int(above[i])) / 2), paeth(left, above[i], corner)}[tag])
		}
		above = row
	}
	return out
}

func encodeTIFF(p predictor, row []byte) []byte {
	sample := func(i int) (v int) {
		for k := range p.bits {
			bit := i*p.bits + k
			v = v<<1 | int(row[bit/8]>>(7-bit%8)&1)
		}
		return v
	}
	out := make([]byte, len(row))
	for i := range len(row) * 8 / p.bits {
		v := sample(i)
		if i >= p.comps {
			v -= sample(i - p.comps)
		}
		for k := range p.bits {
			bit := i*p.bits + k
			out[bit/8] |= byte(v>>(p.bits-1-k)&1) << (7 - bit%8)
		}
	}
	return out
}

func TestReadStream_filters(t *testing.T) {
	m := newMaker().document().stream(4, "/Filter/ASCIIHexDecode", []byte("00>")).stream(5, "/Filter[/FlateDecode/FlateDecode]", nil)
	m.stream(6, "/F(x)", nil).stream(7, "/Filter 8 0 R", Flate([]byte("ok"))).obj(8, "[/FlateDecode]").stream(9, "/Filter/FlateDecode", []byte("junk"))
	f := mustOpen(t, m.table(root).Bytes())
	for num := 4; num <= 9; num++ {
		sd, err := f.Latest().Stream(*types.NewIndirectRef(num, 0))
		if num == 8 {
			wantRule(t, err, "S2")
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := f.ReadStream(sd, 10)
		switch num {
		case 7:
			if string(b) != "ok" || err != nil {
				t.Errorf("%q, %v", b, err)
			}
		case 9:
			wantRule(t, err, "S2")
		default:
			if !errors.Is(err, ErrFilter) {
				t.Errorf("object %d: %v", num, err)
			}
		}
	}
	for _, sd := range []*types.StreamDict{nil, {}} {
		if _, err := f.ReadStream(sd, 1); err == nil {
			t.Error("a stream without place is read")
		}
	}
}
