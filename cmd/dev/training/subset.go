package training

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// subset is the part of a TrueType font that a document uses. Its glyphs get new numbers in the order of their first use, so that
// the same document has the same bytes in every run.
type subset struct {
	font   *typeface
	tables map[string][]byte
	runes  []rune       // by new number, less one; 0 is .notdef
	number map[rune]int // new numbers
	glyphs []int        // old numbers by new number; components of composite glyphs follow the characters
	of     map[int]int  // new number of an old one
}

var errFont = errors.New("training: broken font")

func newSubset(f *typeface) (*subset, error) {
	s := &subset{font: f, tables: map[string][]byte{}, number: map[rune]int{}, glyphs: []int{0}, of: map[int]int{0: 0}}
	if len(f.raw) < 12 {
		return nil, errFont
	}
	for i := range int(binary.BigEndian.Uint16(f.raw[4:])) {
		at := 12 + 16*i
		if at+16 > len(f.raw) {
			return nil, errFont
		}
		offset, length := int(binary.BigEndian.Uint32(f.raw[at+8:])), int(binary.BigEndian.Uint32(f.raw[at+12:]))
		if offset < 0 || length < 0 || offset+length > len(f.raw) {
			return nil, errFont
		}
		s.tables[string(f.raw[at:at+4])] = f.raw[offset : offset+length]
	}
	for name, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 32, "hmtx": 4, "loca": 4, "glyf": 0} {
		if t, ok := s.tables[name]; !ok || len(t) < least {
			return nil, fmt.Errorf("%w: table %s", errFont, name)
		}
	}
	return s, nil
}

// use answers the new number of a character's glyph.
func (s *subset) use(r rune) (int, error) {
	if n, ok := s.number[r]; ok {
		return n, nil
	}
	g, err := s.font.glyph(r)
	if err != nil {
		return 0, err
	}
	n, ok := s.of[int(g)]
	if !ok {
		n = len(s.glyphs)
		s.of[int(g)] = n
		s.glyphs = append(s.glyphs, int(g))
	}
	s.number[r] = n
	s.runes = append(s.runes, r)
	return n, nil
}

// data answers the glyf entry of an old glyph number.
func (s *subset) data(g int) ([]byte, error) {
	loca, glyf := s.tables["loca"], s.tables["glyf"]
	var from, to int
	if long := binary.BigEndian.Uint16(s.tables["head"][50:]) == 1; long {
		if 4*g+8 > len(loca) {
			return nil, errFont
		}
		from, to = int(binary.BigEndian.Uint32(loca[4*g:])), int(binary.BigEndian.Uint32(loca[4*g+4:]))
	} else {
		if 2*g+4 > len(loca) {
			return nil, errFont
		}
		from, to = 2*int(binary.BigEndian.Uint16(loca[2*g:])), 2*int(binary.BigEndian.Uint16(loca[2*g+2:]))
	}
	if from > to || to > len(glyf) {
		return nil, errFont
	}
	return slices.Clone(glyf[from:to]), nil
}

// Flags of a component of a composite glyph (OpenType, glyf).
const (
	wordArguments = 1 << 0
	oneScale      = 1 << 3
	moreFollow    = 1 << 5
	twoScales     = 1 << 6
	matrix        = 1 << 7
)

// renumber gives the components of a composite glyph their new numbers, adding those that are not in use yet.
func (s *subset) renumber(d []byte) error {
	if len(d) < 10 || int16(binary.BigEndian.Uint16(d)) >= 0 {
		return nil
	}
	for at := 10; ; {
		if at+4 > len(d) {
			return errFont
		}
		flags, g := binary.BigEndian.Uint16(d[at:]), int(binary.BigEndian.Uint16(d[at+2:]))
		n, ok := s.of[g]
		if !ok {
			n = len(s.glyphs)
			s.of[g] = n
			s.glyphs = append(s.glyphs, g)
		}
		binary.BigEndian.PutUint16(d[at+2:], uint16(n))
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

// metrics answers the hmtx entry of an old glyph number.
func (s *subset) metrics(g int) (entry [4]byte, err error) {
	hmtx, count := s.tables["hmtx"], int(binary.BigEndian.Uint16(s.tables["hhea"][34:]))
	if count == 0 || 4*count > len(hmtx) {
		return entry, errFont
	}
	if g < count {
		copy(entry[:], hmtx[4*g:])
		return entry, nil
	}
	copy(entry[:2], hmtx[4*(count-1):])
	if at := 4*count + 2*(g-count); at+2 <= len(hmtx) {
		copy(entry[2:], hmtx[at:])
	}
	return entry, nil
}

// build writes the subset as a TrueType file with the tables that a CIDFontType2 needs (ISO 32000-2, 9.9).
func (s *subset) build() ([]byte, error) {
	var glyf, loca, hmtx bytes.Buffer
	for i := 0; i < len(s.glyphs); i++ { // grows while components are added
		d, err := s.data(s.glyphs[i])
		if err != nil {
			return nil, err
		}
		if err := s.renumber(d); err != nil {
			return nil, err
		}
		m, err := s.metrics(s.glyphs[i])
		if err != nil {
			return nil, err
		}
		loca.Write(binary.BigEndian.AppendUint32(nil, uint32(glyf.Len())))
		glyf.Write(d)
		glyf.Write(make([]byte, -len(d)&3))
		hmtx.Write(m[:])
	}
	loca.Write(binary.BigEndian.AppendUint32(nil, uint32(glyf.Len())))
	head, hhea, maxp := slices.Clone(s.tables["head"]), slices.Clone(s.tables["hhea"]), slices.Clone(s.tables["maxp"])
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(s.glyphs)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(s.glyphs)))
	tables := map[string][]byte{"head": head, "hhea": hhea, "maxp": maxp, "loca": loca.Bytes(), "glyf": glyf.Bytes(), "hmtx": hmtx.Bytes()}
	for _, name := range []string{"cvt ", "fpgm", "prep"} {
		if t, ok := s.tables[name]; ok {
			tables[name] = t
		}
	}
	return sfnt(tables), nil
}

// sfnt writes the tables in the order of their names.
func sfnt(tables map[string][]byte) []byte {
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
