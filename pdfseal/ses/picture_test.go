package ses

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/bmp"
)

// gradient covers every alpha value with colours that premultiplying loses.
func gradient(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 37)
	}
	return img
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, img) })
}

func asGIF(t testing.TB, img *image.Paletted, w, h int) []byte {
	return encoded(t, func(b *bytes.Buffer) error {
		return gif.EncodeAll(b, &gif.GIF{Image: []*image.Paletted{img}, Delay: []int{0}, Config: image.Config{Width: w, Height: h}})
	})
}

func paletted(r image.Rectangle) *image.Paletted {
	img := image.NewPaletted(r, color.Palette{color.NRGBA{}, color.NRGBA{R: 230, G: 3, B: 7, A: 255}, color.NRGBA{R: 99, G: 1, B: 2, A: 5}})
	for i := range img.Pix {
		img.Pix[i] = byte(i % 2)
	}
	return img
}

func samplePictures(t testing.TB) []Picture {
	flat := gradient(9, 7)
	for i := 3; i < len(flat.Pix); i += 4 {
		flat.Pix[i] = 255
	}
	return []Picture{
		{Type: "PNG", Data: asPNG(t, gradient(9, 7))},
		{Type: "jpg", Data: encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, flat, nil) })},
		{Type: "Gif", Data: asGIF(t, paletted(image.Rect(2, 3, 6, 7)), 9, 7)},
		{Type: "bmp", Data: encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, flat) })},
	}
}

func TestPicture_formats(t *testing.T) {
	for _, p := range samplePictures(t) {
		t.Run(p.Type, func(t *testing.T) {
			format, w, h, err := p.Sniff()
			if err != nil || w != 9 || h != 7 || typeNames[format] != format {
				t.Fatalf("Sniff: %s %d×%d, %v", format, w, h, err)
			}
			img, err := p.Decode()
			if err != nil || img.Bounds() != image.Rect(0, 0, 9, 7) {
				t.Fatalf("Decode: %v", err)
			}
			for _, name := range []string{"png", "PNG", "jpeg", "JPG", "GIF", "BMP"} {
				other := Picture{Type: name, Data: p.Data}
				_, _, _, err := other.Sniff()
				same := typeNames[bytesLower(name)] == format
				if same && err != nil || !same && !errors.Is(err, ErrPicture) {
					t.Errorf("named %s: %v", name, err)
				}
			}
			for _, name := range []string{"ofd", "svg", "", "PNG "} {
				if _, err := (Picture{Type: name, Data: p.Data}).Decode(); !errors.Is(err, ErrPictureType) {
					t.Errorf("named %q: %v", name, err)
				}
			}
			for n := range p.Data {
				if _, err := (Picture{Type: p.Type, Data: p.Data[:n]}).Decode(); err != nil && !errors.Is(err, ErrPicture) {
					t.Errorf("%d bytes: %v", n, err)
				}
			}
		})
	}
}

func bytesLower(s string) string { return string(bytes.ToLower([]byte(s))) }

// TestPicture_exactPixels: colours survive with their alpha, whatever the
// colour model of the file.
func TestPicture_exactPixels(t *testing.T) {
	deep := image.NewNRGBA64(image.Rect(0, 0, 3, 3))
	deep.SetNRGBA64(1, 1, color.NRGBA64{R: 0xabab, G: 0x1212, B: 0x0303, A: 0xffff})
	gray := image.NewGray(image.Rect(0, 0, 4, 4))
	gray.SetGray(2, 1, color.Gray{Y: 77})
	for name, src := range map[string]image.Image{
		"alpha": gradient(16, 16), "palette with alpha": paletted(image.Rect(0, 0, 5, 5)), "16 bits": deep, "gray": gray,
	} {
		t.Run(name, func(t *testing.T) {
			img, err := Picture{Type: "png", Data: asPNG(t, src)}.Decode()
			if err != nil {
				t.Fatal(err)
			}
			for y := range img.Bounds().Dy() {
				for x := range img.Bounds().Dx() {
					if want := color.NRGBAModel.Convert(src.At(x, y)); img.NRGBAAt(x, y) != want {
						t.Fatalf("(%d,%d) is %v, want %v", x, y, img.NRGBAAt(x, y), want)
					}
				}
			}
		})
	}
}

// TestPicture_gifFrame: a frame smaller than the screen stands at its place,
// the rest is transparent.
func TestPicture_gifFrame(t *testing.T) {
	img, err := samplePictures(t)[2].Decode()
	if err != nil {
		t.Fatal(err)
	}
	if got := img.NRGBAAt(3, 3); got != (color.NRGBA{R: 230, G: 3, B: 7, A: 255}) {
		t.Errorf("inside the frame: %v", got)
	}
	if got := img.NRGBAAt(0, 0); got != (color.NRGBA{}) {
		t.Errorf("outside the frame: %v", got)
	}
}

func TestPicture_size(t *testing.T) {
	for _, c := range []struct {
		w, h int
		want error
	}{{MaxPictureSide, 1, nil}, {1, MaxPictureSide, nil}, {MaxPictureSide + 1, 1, ErrPictureSize}, {1, MaxPictureSide + 1, ErrPictureSize}} {
		p := Picture{Type: "PNG", Data: asPNG(t, image.NewGray(image.Rect(0, 0, c.w, c.h)))}
		if _, _, _, err := p.Sniff(); !errors.Is(err, c.want) {
			t.Errorf("Sniff %d×%d: %v, want %v", c.w, c.h, err, c.want)
		}
		if _, err := p.Decode(); !errors.Is(err, c.want) {
			t.Errorf("Decode %d×%d: %v, want %v", c.w, c.h, err, c.want)
		}
	}
}

func TestPicture_noPixels(t *testing.T) {
	data := samplePictures(t)[2].Data
	data = bytes.Clone(data)
	data[6], data[7] = 0, 0 // logical screen width
	if _, err := (Picture{Type: "GIF", Data: data}).Decode(); !errors.Is(err, ErrPicture) {
		t.Errorf("width 0: %v", err)
	}
	if _, err := (Picture{Type: "PNG"}).Decode(); !errors.Is(err, ErrPicture) {
		t.Errorf("no data: %v", err)
	}
}

// FuzzImage: no panic, and what decodes has the size that its header says.
func FuzzImage(f *testing.F) {
	for _, p := range samplePictures(f) {
		f.Add(p.Type, p.Data)
	}
	f.Add("ofd", []byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		p := Picture{Type: name, Data: data}
		_, w, h, err := p.Sniff()
		if err != nil {
			if _, err := p.Decode(); err == nil {
				t.Fatal("decoded what Sniff refuses")
			}
			return
		}
		if w > MaxPictureSide || h > MaxPictureSide {
			t.Fatalf("%d×%d passed", w, h)
		}
		if w*h > 1<<18 {
			return // within the budget, but too slow for a fuzz target
		}
		if img, err := p.Decode(); err == nil && img.Bounds() != image.Rect(0, 0, w, h) {
			t.Fatalf("header %d×%d, pixels %v", w, h, img.Bounds())
		}
	})
}
