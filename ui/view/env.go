// Package view draws the screens. A screen has a New function, and a Render method that makes it show a state; it sends events and
// decides nothing.
package view

import (
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	base "fyne.io/fyne/v2/widget"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
	"sealdesk/ui/i18n"
	"sealdesk/ui/pages"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// Pages gives the pages of documents.
type Pages interface {
	// Source answers the pages of a file at one of its revisions, counted from 1; 0 is the present one. The same arguments give
	// equal sources.
	Source(path string, revision int) pages.Source
}

// Env is what every screen works with.
type Env struct {
	Catalogue *i18n.Catalogue
	Dispatch  func(state.Event)
	Post      func(func()) // runs in the goroutine of the window
	Pages     Pages
	Window    fyne.Window
	// Command answers the command line that does what the screen is about to do.
	Command func(state.Desk) string
	// Shortcut runs one of the window's shortcuts and tells whether there is one.
	Shortcut func(fyne.Shortcut) bool
	// open is the file dialog in front of the screen, nil where there is none.
	open *dialog.FileDialog
	// name is where a dialog asks for the name of a file. The toolkit's field would keep Escape and shortcuts for itself; so the window
	// has the keyboard, and hands over what is typed.
	name *base.Entry
	// folder is where the next file dialog begins; "" at home. It follows the documents of the screens.
	folder string
}

// T returns a sentence of the catalogue; pairs are names and values of its placeholders.
func (e *Env) T(key string, pairs ...string) string {
	data := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i]] = clean(pairs[i+1])
	}
	return e.Catalogue.T(key, data)
}

// clean takes out what could hide text or turn its direction: names come from keys and documents.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsGraphic(r) {
			return r
		}
		return '?'
	}, s)
}

// field makes a line of text; hint is a key of the catalogue, or empty.
func (e *Env) field(hint string) *widget.Field {
	text := ""
	if hint != "" {
		text = e.T(hint)
	}
	f := widget.NewField(text)
	f.Shortcut = e.Shortcut
	return f
}

// focus gives the keyboard to an object that is visible.
func (e *Env) focus(o fyne.Focusable) {
	if e.Window != nil {
		e.Window.Canvas().Focus(o)
	}
}

// unfocus takes the keyboard away from an object, if it has it: a field that is out of sight must not take what is typed.
func (e *Env) unfocus(o fyne.Focusable) {
	if e.Window != nil && e.Window.Canvas().Focused() == o {
		e.Window.Canvas().Unfocus()
	}
}

// follow makes file dialogs begin in the folder of a document that is newly shown.
func (e *Env) follow(path string, followed *string) {
	if path != *followed {
		if *followed = path; path != "" {
			e.folder = filepath.Dir(path)
		}
	}
}

// texts are the sentences of an error. Where the catalogue has advice for the window, it stands in place of that which names options
// of the command line.
func (e *Env) texts(err error) explain.Texts {
	m := explain.Error(err)
	t := m.Texts(e.Catalogue)
	if key := "gui.advice." + m.Key; e.Catalogue.Has(key) {
		t.Do = e.T(key)
	}
	return t
}

// baseName is the name of a file without its folders.
func baseName(path string) string {
	if path == "" {
		return ""
	}
	return clean(filepath.Base(path))
}

// zone is the legal time of China, in which people read times.
var zone = time.FixedZone("CST", 8*3600)

func day(t time.Time) string { return t.In(zone).Format("2006-01-02") }

func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "—"
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

func number(n int) string { return strconv.Itoa(n) }

// verdictLook is the shape and colour of a verdict.
func verdictLook(v pdfseal.Verdict) (theme.Shape, widget.Ink) {
	switch v {
	case pdfseal.VerdictValid:
		return theme.Check, widget.Good
	case pdfseal.VerdictValidNotice:
		return theme.CheckNotice, widget.Good
	case pdfseal.VerdictInvalid:
		return theme.Cross, widget.Bad
	case pdfseal.VerdictUnsealed:
		return theme.Dash, widget.Faint
	}
	return theme.Question, widget.Warning
}

// rankLook is the shape and colour of an urgency.
func rankLook(r state.Rank) (theme.Shape, widget.Ink) {
	switch r {
	case state.RankReady:
		return theme.Check, widget.Good
	case state.RankWaiting:
		return theme.Waiting, widget.Faint
	case state.RankNotice:
		return theme.Bang, widget.Warning
	}
	return theme.Cross, widget.Bad
}
