package view

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"sealdesk/ui/theme"
)

// A batch names its documents before the PIN.
func TestPIN_namesTheDocuments(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	d := askingBatch()
	b.frame.Render(d)
	b.settle()
	got := all(b.frame.seal.sheet.pin.what)
	for _, path := range d.Sealing.Ordered {
		if name := []rune(baseName(path)); !strings.Contains(got, string(name[:2])) {
			t.Errorf("%s is not named:\n%s", string(name), got)
		}
	}
}

// After the PIN sheet is closed its field has no keyboard: what is typed must not go into a field that is out of sight, and shortcuts
// must reach the window.
func TestPIN_letsTheKeyboardGo(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	b.frame.Render(askingBatch())
	b.settle()
	entry := b.frame.seal.sheet.pin.entry
	if b.window.Canvas().Focused() != fyne.Focusable(entry) {
		t.Fatal("the PIN field has not the keyboard")
	}
	b.frame.Render(placed())
	b.settle()
	if b.window.Canvas().Focused() != nil {
		t.Errorf("%T has the keyboard", b.window.Canvas().Focused())
	}
}
