package view

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"sealdesk/pdfseal"
	"sealdesk/ui/theme"
)

// A file dialog begins in the folder of the document shown.
func TestFileDialog_beginsWhereTheDocumentIs(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	dir := filepath.Join(t.TempDir(), "来文")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "另一份.pdf"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := placed()
	d.Sealing.Documents[0].Path = filepath.Join(dir, "通知.pdf")
	b.frame.Render(d)
	b.settle()
	b.frame.OpenFile()
	var said strings.Builder
	for _, o := range b.window.Canvas().Overlays().List() {
		for _, l := range test.LaidOutObjects(o) {
			if text, ok := l.(*canvas.Text); ok {
				said.WriteString(text.Text + "\n")
			}
		}
	}
	if !strings.Contains(said.String(), "来文") {
		t.Errorf("the dialog shows\n%s", said.String())
	}
}

// A dialog that asks for a name takes what is typed, and Escape still closes it: the toolkit's field once kept Escape, Ctrl+W and all
// function keys for itself.
func TestFileDialog_escapeClosesTheOneWithAName(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	d := verified(pdfseal.VerdictValid)
	b.frame.Render(d)
	b.settle()
	b.frame.SaveAs()
	name := b.frame.env.name
	if !b.frame.Covered() || name == nil || b.window.Canvas().Focused() != nil {
		t.Fatalf("the dialog is open: %v, its name %v, the keyboard is with %T", b.frame.Covered(), name, b.window.Canvas().Focused())
	}
	before := name.Text
	b.frame.TypedRune('甲')
	if name.Text == before || !strings.Contains(name.Text, "甲") {
		t.Errorf("the name is %q", name.Text)
	}
	b.frame.TypedKey(fyne.KeyBackspace)
	if name.Text != before {
		t.Errorf("after Backspace the name is %q, not %q", name.Text, before)
	}
	b.take()
	if b.frame.TypedKey(fyne.KeyEscape); b.frame.Covered() || b.frame.env.name != nil || len(b.take()) != 0 {
		t.Error("Escape leaves the dialog open")
	}
}
