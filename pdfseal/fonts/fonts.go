// Package fonts holds the fonts that are compiled into the programs, writes the parts of them that a document uses, and tells where
// a line of text may end. It is the only package below pdfseal that knows the assets.
package fonts

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/image/font/sfnt"

	"sealdesk/assets"
)

// ErrFont says that bytes are no TrueType font with the tables that a PDF needs.
var ErrFont = errors.New("fonts: broken font")

// Font is a TrueType font. It is safe for concurrent use.
type Font struct {
	name   string
	tables map[string][]byte
	cmap   *sfnt.Font
	upem   int
}

// Song gives the Song type for Chinese text (GB 2312 characters).
var Song = sync.OnceValues(func() (*Font, error) { return load("ARPLSungtiLGB", "fonts/gbsn00lp.ttf") })

// Sans gives the upright sans serif for Latin, Greek and Cyrillic text.
var Sans = sync.OnceValues(func() (*Font, error) { return load("NotoSans-Regular", "fonts/NotoSans-Regular.ttf") })

func load(name, file string) (*Font, error) {
	raw, err := assets.FS.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("fonts: %w", err)
	}
	return Parse(name, raw)
}

// Parse reads a TrueType font with glyf outlines; name is its PostScript name, and raw must not change. Errors: ErrFont.
func Parse(name string, raw []byte) (*Font, error) {
	if len(raw) < 12 {
		return nil, ErrFont
	}
	f := &Font{name: name, tables: map[string][]byte{}}
	for i := range int(binary.BigEndian.Uint16(raw[4:])) {
		at := 12 + 16*i
		if at+16 > len(raw) {
			return nil, ErrFont
		}
		offset, length := int64(binary.BigEndian.Uint32(raw[at+8:])), int64(binary.BigEndian.Uint32(raw[at+12:]))
		if offset+length > int64(len(raw)) {
			return nil, ErrFont
		}
		f.tables[string(raw[at:at+4])] = raw[offset : offset+length]
	}
	for name, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 32, "hmtx": 4, "loca": 4, "glyf": 0} {
		if t, ok := f.tables[name]; !ok || len(t) < least {
			return nil, fmt.Errorf("%w: table %s", ErrFont, name)
		}
	}
	if f.upem = int(binary.BigEndian.Uint16(f.tables["head"][18:])); f.upem == 0 {
		return nil, fmt.Errorf("%w: table head", ErrFont)
	}
	if _, ok := f.tables["cmap"]; ok { // what a subset of ours lacks
		var err error
		if f.cmap, err = sfnt.Parse(raw); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFont, err)
		}
	}
	return f, nil
}

// Name gives the PostScript name.
func (f *Font) Name() string { return f.name }

// Extents gives the height of the highest and, negative, the depth of the lowest glyphs, in thousandths of the size.
func (f *Font) Extents() (ascent, descent int) {
	hhea := f.tables["hhea"]
	return f.scale(int(int16(binary.BigEndian.Uint16(hhea[4:])))), f.scale(int(int16(binary.BigEndian.Uint16(hhea[6:]))))
}

// Box gives the box of all glyphs, in thousandths of the size.
func (f *Font) Box() (box [4]int) {
	for i := range box {
		box[i] = f.scale(int(int16(binary.BigEndian.Uint16(f.tables["head"][36+2*i:]))))
	}
	return box
}

// Has tells whether the font has a glyph for r.
func (f *Font) Has(r rune) bool {
	_, ok := f.glyph(r)
	return ok
}

func (f *Font) glyph(r rune) (int, bool) {
	if f.cmap == nil {
		return 0, false
	}
	g, err := f.cmap.GlyphIndex(nil, r)
	return int(g), err == nil && g != 0
}

func (f *Font) scale(n int) int { return n * 1000 / f.upem }

// outline gives the glyf entry of a glyph, which belongs to the caller.
func (f *Font) outline(g int) ([]byte, error) {
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	var from, to int64
	if long := binary.BigEndian.Uint16(f.tables["head"][50:]) == 1; long {
		if 4*g+8 > len(loca) {
			return nil, ErrFont
		}
		from, to = int64(binary.BigEndian.Uint32(loca[4*g:])), int64(binary.BigEndian.Uint32(loca[4*g+4:]))
	} else {
		if 2*g+4 > len(loca) {
			return nil, ErrFont
		}
		from, to = 2*int64(binary.BigEndian.Uint16(loca[2*g:])), 2*int64(binary.BigEndian.Uint16(loca[2*g+2:]))
	}
	if from > to || to > int64(len(glyf)) {
		return nil, ErrFont
	}
	return append([]byte(nil), glyf[from:to]...), nil
}

// metrics gives the hmtx entry of a glyph: advance width and left side bearing in units of the font.
func (f *Font) metrics(g int) (entry [4]byte, err error) {
	hmtx, count := f.tables["hmtx"], int(binary.BigEndian.Uint16(f.tables["hhea"][34:]))
	if count == 0 || 4*count > len(hmtx) {
		return entry, ErrFont
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
