package training

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"math"
	"sync"
)

// drawn keeps the pictures of seals that this process has drawn, since drawing takes a good part of a second.
var drawn struct {
	sync.Mutex
	pictures map[Design][]byte
}

// pictureOf answers the PNG of a seal. The caller must not change it.
func pictureOf(d Design) ([]byte, error) {
	drawn.Lock()
	defer drawn.Unlock()
	if p, ok := drawn.pictures[d]; ok {
		return p, nil
	}
	img, err := d.Draw()
	if err != nil {
		return nil, err
	}
	p, err := encodePNG(img, DPI)
	if err != nil {
		return nil, err
	}
	if drawn.pictures == nil {
		drawn.pictures = map[Design][]byte{}
	}
	drawn.pictures[d] = p
	return p, nil
}

// headerEnd is where the IHDR chunk of a PNG ends, and pHYs may follow.
const headerEnd = 8 + 12 + 13

// encodePNG writes a PNG that states its resolution, in dots to the inch, so that other programs print it at its true size.
func encodePNG(img image.Image, dpi float64) ([]byte, error) {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		return nil, fmt.Errorf("training: seal picture: %w", err)
	}
	perMetre := uint32(math.Round(dpi / 0.0254))
	body := []byte("pHYs")
	body = binary.BigEndian.AppendUint32(body, perMetre)
	body = binary.BigEndian.AppendUint32(body, perMetre)
	body = append(body, 1) // the unit is the metre
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	chunk = append(chunk, body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(body))
	out := append([]byte{}, b.Bytes()[:headerEnd]...)
	return append(append(out, chunk...), b.Bytes()[headerEnd:]...), nil
}
