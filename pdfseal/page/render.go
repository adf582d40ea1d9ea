package page

import (
	"context"
	"fmt"
	"image"
	"math"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// MaxPixels bounds the area of a picture: A4 at 600 dpi is within it.
const MaxPixels = 40 << 20

const maxEdge = 1 << 15 // pixels; the edge of a picture that pdfium draws reliably

// drawFlags ask for annotations and for red, green, blue in this order.
const drawFlags = enums.FPDF_RENDER_FLAG_ANNOT | enums.FPDF_RENDER_FLAG_REVERSE_BYTE_ORDER

// Render draws page (counted from 1) on white at dpi pixels to the inch of the upright visible page, with annotations and form
// fields. The picture is opaque and belongs to the caller. Errors: ErrNoPage, ErrTooLarge (more than MaxPixels) and those of Open.
func (d *Document) Render(ctx context.Context, page int, dpi float64) (*image.RGBA, error) {
	if !(dpi > 0) || math.IsInf(dpi, 0) {
		return nil, fmt.Errorf("page: resolution of %v dpi", dpi)
	}
	var img *image.RGBA
	err := d.do(ctx, func(l *live, limited context.Context) error {
		s, err := d.shape(limited, l, page)
		if err != nil {
			return err
		}
		w, h, err := s.pixels(dpi)
		if err != nil {
			return err
		}
		img, err = l.draw(limited, page, w, h)
		return err
	})
	if err != nil {
		return nil, err
	}
	return img, nil
}

// pixels answers the size of the picture, each edge to the nearest pixel and at least one.
func (s shape) pixels(dpi float64) (w, h int, err error) {
	size := s.size()
	fw, fh := math.Round(size.W*dpi/mmPerInch), math.Round(size.H*dpi/mmPerInch)
	if fw > maxEdge || fh > maxEdge || fw*fh > MaxPixels {
		return 0, 0, fmt.Errorf("%w: picture of %.0f × %.0f pixels", ErrTooLarge, fw, fh)
	}
	return max(1, int(fw)), max(1, int(fh)), nil
}

func (l *live) draw(ctx context.Context, page, w, h int) (_ *image.RGBA, err error) {
	made, err := l.in.FPDFBitmap_Create(&requests.FPDFBitmap_Create{Width: w, Height: h})
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	defer func() {
		if _, e := l.in.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: made.Bitmap}); e != nil && err == nil {
			err = fmt.Errorf("picture: %w", e)
		}
	}()
	white := requests.FPDFBitmap_FillRect{Bitmap: made.Bitmap, Width: w, Height: h, Color: 0xFFFFFFFF}
	if _, err := l.in.FPDFBitmap_FillRect(&white); err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	_, err = l.in.FPDF_RenderPageBitmap(&requests.FPDF_RenderPageBitmap{
		Bitmap: made.Bitmap, Page: l.of(page), SizeX: w, SizeY: h,
		Flags: drawFlags,
	})
	if err != nil {
		return nil, fmt.Errorf("page %d: %w", page, err)
	}
	if err := l.drawForm(ctx, made.Bitmap, page, w, h); err != nil {
		return nil, err
	}
	return l.copyOut(made.Bitmap, w, h)
}

// copyOut copies the picture from the instance's memory, whose fourth byte carries nothing.
func (l *live) copyOut(b references.FPDF_BITMAP, w, h int) (*image.RGBA, error) {
	stride, err := l.in.FPDFBitmap_GetStride(&requests.FPDFBitmap_GetStride{Bitmap: b})
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	buffer, err := l.in.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: b})
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	if stride.Stride < 4*w || len(buffer.Buffer) < stride.Stride*h {
		return nil, fmt.Errorf("picture: buffer of %d bytes for %d × %d pixels", len(buffer.Buffer), w, h)
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		row := img.Pix[y*img.Stride:][:4*w]
		copy(row, buffer.Buffer[y*stride.Stride:])
		for x := 3; x < len(row); x += 4 {
			row[x] = 0xFF
		}
	}
	return img, nil
}
