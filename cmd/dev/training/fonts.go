package training

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/go-text/typesetting/font"

	"sealdesk/assets"
)

// The fonts of seals, in assets.
const (
	songFile      = "fonts/gbsn00lp.ttf"
	mongolianFile = "fonts/NotoSansMongolian-Regular.ttf"
)

// typeface is a font with its outlines.
type typeface struct {
	face *font.Face
	upem float64
}

var (
	song      = sync.OnceValues(func() (*typeface, error) { return loadFont(songFile) })
	mongolian = sync.OnceValues(func() (*typeface, error) { return loadFont(mongolianFile) })
)

func loadFont(name string) (*typeface, error) {
	raw, err := assets.FS.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("training: font: %w", err)
	}
	face, err := font.ParseTTF(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("training: font %s: %w", name, err)
	}
	return &typeface{face: face, upem: float64(face.Upem())}, nil
}

// glyph answers the glyph of a character; a character that the font lacks is an error, never a box.
func (t *typeface) glyph(r rune) (font.GID, error) {
	g, ok := t.face.NominalGlyph(r)
	if !ok || g == 0 {
		return 0, fmt.Errorf("training: the font lacks %q (U+%04X)", r, r)
	}
	return g, nil
}
