package view

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"sealdesk/ui/state"
	"sealdesk/ui/theme"
)

// Pages can be turned while a button has the keyboard, as after a click on it.
func TestKeys_turnPagesFromAButton(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	b.frame.Render(placed())
	b.settle()
	b.window.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { b.frame.TypedKey(e.Name) })
	button := b.frame.seal.inspector.rules[state.RuleDate]
	b.window.Canvas().Focus(button)
	for key, want := range map[fyne.KeyName]state.Event{fyne.KeyPageDown: state.PageShown{Page: 3}, fyne.KeyPageUp: state.PageShown{Page: 1}, fyne.KeyF3: state.ScreenChosen{Screen: state.ScreenVerify}} {
		b.take()
		if button.TypedKey(&fyne.KeyEvent{Name: key}); !slices.Contains(b.take(), want) {
			t.Errorf("%s does nothing", key)
		}
	}
}
