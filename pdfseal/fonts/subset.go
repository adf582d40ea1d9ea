package fonts

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

// Subset is the part of a font that a document uses. Its glyphs get new numbers in the order of their first use, so that the same
// text gives the same bytes in every run. It is not safe for concurrent use.
type Subset struct {
	font   *Font
	runes  []rune       // in the order of their first use
	number map[rune]int // new numbers
	glyphs []int        // old numbers by new number; 0 is .notdef, components of composite glyphs follow the characters
	of     map[int]int  // new number of an old one
}

// NewSubset begins a subset of f.
func NewSubset(f *Font) *Subset {
	return &Subset{font: f, number: map[rune]int{}, glyphs: []int{0}, of: map[int]int{0: 0}}
}

// Font gives the font of the subset.
func (s *Subset) Font() *Font { return s.font }

// Empty reports that no character has been taken.
func (s *Subset) Empty() bool { return len(s.runes) == 0 }

// Use takes a character into the subset and gives the new number of its glyph. A character that the font lacks is an error, never a box.
func (s *Subset) Use(r rune) (int, error) {
	if n, ok := s.number[r]; ok {
		return n, nil
	}
	g, ok := s.font.glyph(r)
	if !ok {
		return 0, fmt.Errorf("fonts: %s lacks %q (U+%04X)", s.font.name, r, r)
	}
	n := s.renumbered(g)
	s.number[r] = n
	s.runes = append(s.runes, r)
	return n, nil
}

// renumbered gives the new number of an old one, taking the glyph into the subset where it is not in it yet.
func (s *Subset) renumbered(g int) int {
	n, ok := s.of[g]
	if !ok {
		n = len(s.glyphs)
		s.of[g] = n
		s.glyphs = append(s.glyphs, g)
	}
	return n
}

// Width gives the advance width of glyph n of the subset, in thousandths of the size.
func (s *Subset) Width(n int) (int, error) {
	m, err := s.font.metrics(s.glyphs[n])
	return s.font.scale(int(binary.BigEndian.Uint16(m[:]))), err
}

// Widths gives the advance widths of all glyphs by their numbers, in thousandths of the size.
func (s *Subset) Widths() ([]int, error) {
	out := make([]int, len(s.glyphs))
	for n := range out {
		var err error
		if out[n], err = s.Width(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Flags of a component of a composite glyph (OpenType, glyf).
const (
	wordArguments = 1 << 0
	oneScale      = 1 << 3
	moreFollow    = 1 << 5
	twoScales     = 1 << 6
	matrix        = 1 << 7
)

// renumber gives the components of a composite glyph their new numbers.
func (s *Subset) renumber(d []byte) error {
	if len(d) < 10 || int16(binary.BigEndian.Uint16(d)) >= 0 {
		return nil
	}
	for at := 10; ; {
		if at+4 > len(d) {
			return ErrFont
		}
		flags, g := binary.BigEndian.Uint16(d[at:]), int(binary.BigEndian.Uint16(d[at+2:]))
		binary.BigEndian.PutUint16(d[at+2:], uint16(s.renumbered(g)))
		at += 6
		for flag, size := range map[uint16]int{wordArguments: 2, oneScale: 2, twoScales: 4, matrix: 8} {
			if flags&flag != 0 {
				at += size
			}
		}
		if flags&moreFollow == 0 {
			return nil
		}
	}
}

// Build writes the subset as a TrueType file with the tables that a CIDFontType2 needs (ISO 32000-2, 9.9).
func (s *Subset) Build() ([]byte, error) {
	var glyf, loca, hmtx bytes.Buffer
	for i := 0; i < len(s.glyphs); i++ { // grows while components are added
		d, err := s.font.outline(s.glyphs[i])
		if err != nil {
			return nil, err
		}
		if err := s.renumber(d); err != nil {
			return nil, err
		}
		m, err := s.font.metrics(s.glyphs[i])
		if err != nil {
			return nil, err
		}
		loca.Write(binary.BigEndian.AppendUint32(nil, uint32(glyf.Len())))
		glyf.Write(d)
		glyf.Write(make([]byte, -len(d)&3))
		hmtx.Write(m[:])
	}
	loca.Write(binary.BigEndian.AppendUint32(nil, uint32(glyf.Len())))
	old := s.font.tables
	head, hhea, maxp := slices.Clone(old["head"]), slices.Clone(old["hhea"]), slices.Clone(old["maxp"])
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(s.glyphs)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(s.glyphs)))
	tables := map[string][]byte{"head": head, "hhea": hhea, "maxp": maxp, "loca": loca.Bytes(), "glyf": glyf.Bytes(), "hmtx": hmtx.Bytes()}
	for _, name := range []string{"cvt ", "fpgm", "prep"} {
		if t, ok := old[name]; ok {
			tables[name] = t
		}
	}
	return assemble(tables), nil
}

// Tag gives the name of a subset whose file is data: six capitals that depend on it, a plus sign, the font's name (ISO 32000-2, 9.9.2).
func (s *Subset) Tag(data []byte) string {
	sum := sha256.Sum256(data)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return string(tag) + "+" + s.font.name
}

// assemble writes the tables in the order of their names.
func assemble(tables map[string][]byte) []byte {
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	n, log := len(names), 0
	for 2<<log <= n {
		log++
	}
	out := []byte{0, 1, 0, 0}
	for _, v := range []int{n, 16 << log, log, 16*n - 16<<log} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	offset, headAt := 12+16*n, 0
	for _, name := range names {
		t := tables[name]
		if name == "head" {
			headAt = offset
		}
		out = append(out, name...)
		for _, v := range []uint32{checksum(t), uint32(offset), uint32(len(t))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		offset += (len(t) + 3) &^ 3
	}
	for _, name := range names {
		out = append(out, tables[name]...)
		out = append(out, make([]byte, -len(tables[name])&3)...)
	}
	binary.BigEndian.PutUint32(out[headAt+8:], 0xB1B0AFBA-checksum(out))
	return out
}

func checksum(b []byte) uint32 {
	var sum uint32
	for len(b) >= 4 {
		sum += binary.BigEndian.Uint32(b)
		b = b[4:]
	}
	if len(b) > 0 {
		var last [4]byte
		copy(last[:], b)
		sum += binary.BigEndian.Uint32(last[:])
	}
	return sum
}
