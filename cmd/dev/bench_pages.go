package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sealdesk/pdfseal/page"
	"sealdesk/ui/desk"
	"sealdesk/ui/pages"
)

// windowScale is how fine the window draws an A4 page that it fits into 1280×720, in pixels to a millimetre.
const windowScale = 1.83

// pages opens a document of n pages as the window does and turns all of them. What is measured begins when the engine is compiled.
func (b *bench) pages(ctx context.Context, n int) error {
	path := filepath.Join(b.dir, "pages.pdf")
	if err := writePagesPDF(path, n); err != nil {
		return err
	}
	return measurePages(ctx, b.out, path, n)
}

func measurePages(ctx context.Context, out io.Writer, path string, n int) error {
	start := time.Now()
	if err := page.Warm(ctx); err != nil {
		return err
	}
	warm := time.Since(start)
	set := desk.NewPages()
	defer set.Close()
	start = time.Now()
	if got := set.Count(ctx, path); got != n {
		return fmt.Errorf("%d of %d pages can be drawn", got, n)
	}
	open := time.Since(start)
	load := pages.NewLoader(func(f func()) { f() }, 4)
	defer load.Close()
	var turns []time.Duration
	var third [3]int64 // resident memory after each third of the pages; the pictures that are kept are complete in the first
	for p := 1; p <= n; p++ {
		took, err := turn(ctx, load, pages.Wanted{Src: set.Source(path, 0), Page: p, PPM: windowScale})
		if err != nil {
			return err
		}
		turns = append(turns, took)
		for i := range third {
			if p == n*(i+1)/3 {
				third[i] = resident()
			}
		}
	}
	first := turns[0]
	slices.Sort(turns)
	fmt.Fprintf(out, "\none document of %d pages, drawn as in a window of 1280x720\n", n)
	fmt.Fprintf(out, "%-28s %10.3f s\n%-28s %10.3f s\n%-28s %10.3f s\n", "engine ready", warm.Seconds(), "document open", open.Seconds(), "first page", first.Seconds())
	fmt.Fprintf(out, "%-28s %10.3f s median %8.3f s of 99 %% %8.3f s longest\n", "another page", turns[n/2].Seconds(), turns[n*99/100].Seconds(), turns[n-1].Seconds())
	fmt.Fprintf(out, "%-28s %10.1f MB %.1f MB %.1f MB after each third of the pages\n", "resident memory", float64(third[0])/1e6, float64(third[1])/1e6, float64(third[2])/1e6)
	return nil
}

// turn asks for a page and waits for its picture.
func turn(ctx context.Context, load *pages.Loader, want pages.Wanted) (time.Duration, error) {
	done := make(chan *pages.Picture, 1)
	start := time.Now()
	load.Want(want, func(p *pages.Picture) { done <- p })
	select {
	case p := <-done:
		if p.Err == nil && p.Image == nil {
			return 0, errors.New("a page without a picture")
		}
		return time.Since(start), p.Err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// writePagesPDF writes a document of n A4 pages with thirty lines of text each.
func writePagesPDF(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := &offsetWriter{w: bufio.NewWriterSize(f, 1<<20)}
	w.printf("%%PDF-1.7\n%%\xe2\xe3\xcf\xd3\n")
	w.begin()
	w.printf("<</Type/Catalog/Pages 2 0 R>>\nendobj\n")
	w.begin()
	w.printf("<</Type/Pages/Count %d/Kids[", n)
	for i := range n {
		w.printf("%d 0 R ", 4+2*i)
	}
	w.printf("]>>\nendobj\n")
	w.begin()
	w.printf("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n")
	for i := range n {
		w.begin()
		w.printf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F1 3 0 R>>>>>>\nendobj\n", 5+2*i)
		text := fmt.Sprintf("BT /F1 12 Tf 14 TL 72 770 Td (Page %d) Tj\n", i+1)
		for line := range 30 {
			text += fmt.Sprintf("(%d. The quick brown fox jumps over the lazy dog, as it did on the page before.) '\n", line+1)
		}
		text += "ET\n"
		w.begin()
		w.printf("<</Length %d>>\nstream\n%sendstream\nendobj\n", len(text), text)
	}
	w.trailer()
	if err := w.w.Flush(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
