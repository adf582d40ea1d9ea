package pagestest_test

import (
	"context"
	"image"
	"testing"
	"time"

	"sealdesk/ui/pages"
	"sealdesk/ui/pages/pagestest"
)

// slow takes its time for a page.
type slow struct{}

func (slow) Page(context.Context, int, float64) (*image.RGBA, pages.Size, error) {
	time.Sleep(100 * time.Millisecond)
	return image.NewRGBA(image.Rect(0, 0, 1, 1)), pages.Size{W: 1, H: 1}, nil
}

func TestSettle_waitsForSlowPages(t *testing.T) {
	posts := make(chan func(), 10)
	l := pages.NewLoader(func(f func()) { posts <- f }, 3)
	defer l.Close()
	drawn := 0
	l.Want(pages.Wanted{Src: slow{}, Page: 1, PPM: 1}, func(*pages.Picture) {
		drawn++
		l.Want(pages.Wanted{Src: slow{}, Page: 2, PPM: 1}, func(*pages.Picture) { drawn++ })
	})
	if pagestest.Settle(t, posts); drawn != 2 {
		t.Errorf("%d pages were drawn", drawn)
	}
	pagestest.Settle(t, posts) // with nothing to wait for
}
