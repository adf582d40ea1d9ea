package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
)

// noiseChunk is the size of one picture of noise.
const noiseChunk = 1 << 20

// writeNoisePDF writes a one-page PDF of about size bytes: a line of text, and
// pictures of noise that nothing can compress. The same size gives the same bytes.
func writeNoisePDF(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := &offsetWriter{w: bufio.NewWriterSize(f, 1<<20)}
	w.noise(size)
	if err := w.w.Flush(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// offsetWriter counts what is written and notes where objects begin. A write
// error stays in the buffered writer and comes out at its Flush.
type offsetWriter struct {
	w       *bufio.Writer
	at      int64
	objects []int64
}

func (w *offsetWriter) printf(format string, args ...any) {
	n, _ := fmt.Fprintf(w.w, format, args...)
	w.at += int64(n)
}

func (w *offsetWriter) begin() {
	w.objects = append(w.objects, w.at)
	w.printf("%d 0 obj\n", len(w.objects))
}

func (w *offsetWriter) noise(size int64) {
	const text = "BT /F1 24 Tf 72 720 Td (A large document) Tj ET\n"
	w.printf("%%PDF-1.7\n%%\xe2\xe3\xcf\xd3\n")
	for _, body := range []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F1 4 0 R>>>>>>",
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
		fmt.Sprintf("<</Length %d>>\nstream\n%sendstream", len(text), text),
	} {
		w.begin()
		w.printf("%s\nendobj\n", body)
	}
	random := rand.NewChaCha8([32]byte{})
	for w.at < size {
		n := min(noiseChunk, max(size-w.at, 64))
		w.begin()
		w.printf("<</Type/XObject/Subtype/Image/Width %d/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Length %d>>\nstream\n", n, n)
		copied, _ := io.CopyN(w.w, random, n)
		w.at += copied
		w.printf("\nendstream\nendobj\n")
	}
	w.trailer()
}

// trailer ends the document with its table of objects.
func (w *offsetWriter) trailer() {
	start := w.at
	w.printf("xref\n0 %d\n0000000000 65535 f \n", len(w.objects)+1)
	for _, at := range w.objects {
		w.printf("%010d 00000 n \n", at)
	}
	w.printf("trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(w.objects)+1, start)
}
