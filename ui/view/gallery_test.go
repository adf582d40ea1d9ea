package view

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"sealdesk/pdfseal/page"
	"sealdesk/ui/desk"
	"sealdesk/ui/i18n"
	"sealdesk/ui/pages"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
)

// The gallery is a real window that shows every state of desks, one after the other, in every look. It writes a line for each to
// standard output, and goes on when it has read one. The pictures of cmd/sealdesk build this test with the screen driver and run it so.
const (
	galleryLooks    = "SEALDESK_GALLERY"      // such as "zh-light en-dark zh-light-large"
	galleryDocument = "SEALDESK_GALLERY_PDF"  // the document whose pages are shown
	gallerySeal     = "SEALDESK_GALLERY_SEAL" // the picture of the seal
	galleryMark     = "gallery:"              // before the name of what is shown
)

func TestMain(m *testing.M) {
	if os.Getenv(galleryLooks) == "" {
		os.Exit(m.Run())
	}
	g := &gallery{answers: bufio.NewReader(os.Stdin), corner: canvas.NewRectangle(color.Black), app: app.NewWithID("cn.sealdesk.gallery"), pages: desk.NewPages()}
	if err := g.run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type gallery struct {
	app     fyne.App
	window  fyne.Window
	pages   *desk.Pages
	answers *bufio.Reader
	corner  *canvas.Rectangle
	count   int
	busy    atomic.Int32 // pages that are being drawn, and functions that wait for the window
}

// run shows the window until all has been seen. Fyne wants it on the first goroutine.
func (g *gallery) run() error {
	raw, err := os.Open(os.Getenv(gallerySeal))
	if err != nil {
		return err
	}
	defer raw.Close()
	if good.Picture, err = png.Decode(raw); err != nil {
		return err
	}
	if err := page.Warm(context.Background()); err != nil {
		return err
	}
	g.window = g.app.NewWindow("gallery")
	g.corner.Resize(fyne.NewSize(2, 2))
	g.window.SetPadded(false)
	g.window.Resize(fyne.NewSize(1280, 720))
	var failed error
	g.app.Lifecycle().SetOnStarted(func() {
		go func() {
			failed = g.all()
			fyne.Do(g.app.Quit)
		}()
	})
	g.window.ShowAndRun()
	g.pages.Close()
	return failed
}

// all goes through every look.
func (g *gallery) all() error {
	for _, look := range strings.Fields(os.Getenv(galleryLooks)) {
		words := strings.Split(look, "-")
		if err := g.look(look, words[0], theme.Options{Dark: slices.Contains(words, "dark"), LargePrint: slices.Contains(words, "large")}); err != nil {
			return err
		}
	}
	return nil
}

// look shows every state in one look.
func (g *gallery) look(name, lang string, o theme.Options) error {
	cat, err := i18n.New(lang)
	if err != nil {
		return err
	}
	env := &Env{Catalogue: cat, Window: g.window, Pages: g, Dispatch: func(state.Event) {}, Command: func(state.Desk) string { return "sealctl seal 通知.pdf --over-date" },
		Post: func(f func()) {
			g.busy.Add(1)
			fyne.Do(func() { f(); g.busy.Add(-1) })
		}}
	var f *Frame
	fyne.DoAndWait(func() {
		g.app.Settings().SetTheme(theme.New(o))
		f = NewFrame(env)
		g.window.SetContent(container.NewStack(f.Object(), container.NewWithoutLayout(g.corner)))
	})
	defer fyne.DoAndWait(func() { f.Close() })
	for state, d := range desks() {
		fyne.DoAndWait(func() { f.Render(d) })
		if err := g.shown(f, name+"-"+strings.ReplaceAll(state, " ", "-")); err != nil {
			return err
		}
	}
	return nil
}

// shown waits until nothing moves any more, says what is shown, and waits for an answer. The corner of the window has the colour that it
// says, too, so that who reads the screen knows that this has been drawn.
func (g *gallery) shown(f *Frame, name string) error {
	quiet := func() (ok bool) {
		fyne.DoAndWait(func() { ok = g.busy.Load() == 0 && f.seal.right.open == (f.seal.right.at == 1) })
		return ok
	}
	for still, end := 0, time.Now().Add(2*time.Minute); still < 3; time.Sleep(30 * time.Millisecond) {
		if still++; !quiet() {
			still = 0
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s: pages are drawn without end", name)
		}
	}
	g.count++
	c := color.NRGBA{R: uint8(g.count), G: uint8(g.count >> 8), B: 0x80, A: 0xFF}
	fyne.DoAndWait(func() { g.corner.FillColor = c; g.corner.Refresh() })
	fmt.Printf("%s %s %d %d %d\n", galleryMark, name, c.R, c.G, c.B)
	_, err := g.answers.ReadString('\n')
	return err
}

// Source implements Pages: every document looks like the one that is given.
func (g *gallery) Source(string, int) pages.Source {
	return counted{g.pages.Source(os.Getenv(galleryDocument), 0), &g.busy}
}

// counted counts the pages that are being drawn.
type counted struct {
	pages.Source
	busy *atomic.Int32
}

func (c counted) Page(ctx context.Context, n int, ppm float64) (*image.RGBA, pages.Size, error) {
	c.busy.Add(1)
	defer c.busy.Add(-1)
	return c.Source.Page(ctx, n, ppm)
}
