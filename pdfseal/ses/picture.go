package ses

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"
)

// MaxPictureSide is the most pixels that a picture may have on a side (R1).
const MaxPictureSide = 4096

// Picture is the seal image (SES_ESPictrueInfo) with the size, in
// millimetres, at which it is to be shown.
type Picture struct {
	Type              string // as in the seal, e.g. "PNG", "png", "GIF", "ofd"
	Data              []byte
	WidthMM, HeightMM int
}

// codec is one picture format that is decoded.
type codec struct {
	name   string
	magic  string // '?' stands for any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var codecs = []codec{
	{"png", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"jpeg", "\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode},
	{"gif", "GIF8?a", gif.DecodeConfig, gif.Decode},
	{"bmp", "BM", bmp.DecodeConfig, bmp.Decode},
}

// typeNames maps the type field, in lower case, to the name of a codec.
var typeNames = map[string]string{"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "gif": "gif", "bmp": "bmp"}

func (c codec) matches(data []byte) bool {
	if len(data) < len(c.magic) {
		return false
	}
	for i := range len(c.magic) {
		if c.magic[i] != '?' && c.magic[i] != data[i] {
			return false
		}
	}
	return true
}

// codec finds the decoder that the type field names and the magic bytes confirm.
func (p Picture) codec() (codec, error) {
	name, ok := typeNames[strings.ToLower(p.Type)]
	if !ok {
		return codec{}, fmt.Errorf("%w: %.32q", ErrPictureType, p.Type)
	}
	for _, c := range codecs {
		switch {
		case c.matches(p.Data) && c.name == name:
			return c, nil
		case c.matches(p.Data):
			return codec{}, fmt.Errorf("%w: type %s, content %s", ErrPicture, name, c.name)
		}
	}
	return codec{}, fmt.Errorf("%w: type %s, content unknown", ErrPicture, name)
}

// Sniff answers format ("png", "jpeg", "gif" or "bmp") and size in pixels
// from the header alone, after the checks of rule E6: the type field agrees
// with the magic bytes (ErrPicture) and is one of the four (ErrPictureType),
// and no side exceeds MaxPictureSide (ErrPictureSize).
func (p Picture) Sniff() (format string, w, h int, err error) {
	c, err := p.codec()
	if err != nil {
		return "", 0, 0, err
	}
	cfg, err := c.config(bytes.NewReader(p.Data))
	if err != nil {
		return "", 0, 0, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	if cfg.Width <= 0 || cfg.Height <= 0 {
		return "", 0, 0, fmt.Errorf("%w: %d×%d pixels", ErrPicture, cfg.Width, cfg.Height)
	}
	if cfg.Width > MaxPictureSide || cfg.Height > MaxPictureSide {
		return "", 0, 0, fmt.Errorf("%w: %d×%d pixels", ErrPictureSize, cfg.Width, cfg.Height)
	}
	return c.name, cfg.Width, cfg.Height, nil
}

// Decode answers the pixels, not premultiplied, of the size that Sniff
// answers and with the origin at (0,0); of a GIF, the first frame. Errors
// are those of Sniff.
func (p Picture) Decode() (*image.NRGBA, error) {
	_, w, h, err := p.Sniff()
	if err != nil {
		return nil, err
	}
	c, err := p.codec()
	if err != nil {
		return nil, err
	}
	src, err := c.decode(bytes.NewReader(p.Data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	canvas := image.Rect(0, 0, w, h)
	if !src.Bounds().In(canvas) || c.name != "gif" && src.Bounds() != canvas {
		return nil, fmt.Errorf("%w: pixels %v, header %d×%d", ErrPicture, src.Bounds(), w, h)
	}
	dst := image.NewNRGBA(canvas)
	copyPixels(dst, src)
	return dst, nil
}

// copyPixels copies src to its own place in dst. Colours with alpha stay
// exact, which package draw does not promise for NRGBA.
func copyPixels(dst *image.NRGBA, src image.Image) {
	b := src.Bounds()
	switch s := src.(type) {
	case *image.NRGBA:
		for y := b.Min.Y; y < b.Max.Y; y++ {
			copy(dst.Pix[dst.PixOffset(b.Min.X, y):], s.Pix[s.PixOffset(b.Min.X, y):s.PixOffset(b.Max.X, y)])
		}
	case *image.Paletted:
		palette := make([]color.NRGBA, 256) // an index beyond the palette is transparent
		for i, c := range s.Palette {
			palette[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
		}
		for y := b.Min.Y; y < b.Max.Y; y++ {
			to := dst.Pix[dst.PixOffset(b.Min.X, y):]
			for i, index := range s.Pix[s.PixOffset(b.Min.X, y):s.PixOffset(b.Max.X, y)] {
				c := palette[index]
				copy(to[4*i:4*i+4], []byte{c.R, c.G, c.B, c.A})
			}
		}
	case *image.YCbCr, *image.Gray:
		draw.Draw(dst, b, src, b.Min, draw.Src)
	default:
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				dst.SetNRGBA(x, y, color.NRGBAModel.Convert(src.At(x, y)).(color.NRGBA))
			}
		}
	}
}
