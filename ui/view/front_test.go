package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
)

func TestFileDialog_holdsTheKeyboard(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	b.frame.Render(placed())
	b.settle()
	b.take()
	overlays := b.window.Canvas().Overlays()
	b.frame.OpenFile()
	b.frame.OpenFile()
	if n := len(overlays.List()); n != 1 {
		t.Fatalf("%d file dialogs lie over one another", n)
	}
	for _, key := range []fyne.KeyName{fyne.KeyF3, fyne.KeyF9, fyne.KeyPageDown} {
		b.frame.TypedKey(key)
	}
	if got := b.take(); len(got) != 0 {
		t.Errorf("keys reach what lies under the dialog: %v", got)
	}
	b.frame.TypedKey(fyne.KeyEscape)
	if b.frame.Covered() || len(overlays.List()) != 0 {
		t.Error("Escape leaves the dialog open")
	}
	if b.frame.TypedKey(fyne.KeyF9); !slices.Contains(b.take(), state.Event(state.FinishTapped{})) {
		t.Error("F9 is dead after the dialog")
	}
	b.frame.OpenFile()
	if b.frame.Uncover(); b.frame.Covered() {
		t.Error("the dialog does not close a second time")
	}
}

// The PIN sheet tells that fewer documents are sealed than were ordered.
func TestPIN_tellsWhatIsLeftOut(t *testing.T) {
	for documents, want := range map[int]string{3: "", 2: "另有 1 份不能盖章，原因见结果"} {
		d := askingBatch()
		d.Sealing.Ask.Request.Documents = documents
		b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
		b.frame.Render(d)
		b.settle()
		if got := all(b.frame.seal.sheet.pin.what); !strings.Contains(got, want) || want == "" && strings.Contains(got, "另有") {
			t.Errorf("%d of 3 documents: %q", documents, got)
		}
	}
}

// What the window does not meet, or what an administrator has to do at the command line.
var forTheCommandLine = []string{"center.file_moved", "center.file_other", "center.queue_item", "config.missing", "job.key_unknown", "job.seal_ambiguous",
	"job.seal_unknown", "register.unset", "request.NO_REVISION", "request.STRADDLE_EDGE", "token.no_sm2", "token.no_terminal", "trust.state",
	"trust.unpinned", "usage"}

// Advice in the window never sends to options of the command line.
func TestAdvice_isForTheWindow(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		b := newBench(t, lang, theme.Options{}, fyne.NewSize(1280, 720))
		e := b.frame.env
		for _, key := range e.Catalogue.Keys() {
			if name, ok := strings.CutSuffix(strings.TrimPrefix(key, "error."), ".do"); ok && strings.HasPrefix(key, "error.") {
				cli := strings.Contains(e.T(key), "--") || strings.Contains(e.T(key), "sealctl")
				if cli && !e.Catalogue.Has("gui.advice."+name) && !slices.Contains(forTheCommandLine, name) {
					t.Errorf("%s sends to the command line: %s", key, e.T(key))
				}
			}
			rest, ok := strings.CutPrefix(key, "gui.advice.")
			if !ok {
				continue
			}
			if !e.Catalogue.Has("error." + rest + ".do") {
				t.Errorf("%s: advice for no error", key)
			}
			if text := e.T(key); strings.Contains(text, "--") || strings.Contains(text, "sealctl") {
				t.Errorf("%s: %s", key, text)
			}
		}
		err := fmt.Errorf("%w: /a/b.pdf", pdfseal.ErrOutputExists)
		plain := explain.Error(err).Texts(e.Catalogue)
		if got := e.texts(err); got.Do == plain.Do || strings.Contains(got.Do, "--") || got.What != plain.What || got.Why != plain.Why {
			t.Errorf("%+v", got)
		}
	}
}
