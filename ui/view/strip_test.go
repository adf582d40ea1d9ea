package view

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sealdesk/ui/state"
	"sealdesk/ui/theme"
)

// Where no key can be used, the strip offers what helps; two keys of one label are told apart by their serial numbers.
func TestStrip_offersWhatHelps(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	for name, want := range map[state.KeyState]state.Event{state.KeyNone: state.RecheckTapped{}, state.KeyRemoved: state.RecheckTapped{},
		state.KeyNoDriver: state.ScreenChosen{Screen: state.ScreenSettings}, state.KeyReady: nil, state.KeyPINLocked: nil} {
		b.frame.Render(keyDesks()[string(name)])
		b.settle()
		b.take()
		r := b.frame.strip.remedy.button
		if r.Visible() != (want != nil) {
			t.Errorf("%s: the button is visible: %v", name, r.Visible())
		}
		if want == nil {
			continue
		}
		if test.Tap(r); !slices.Contains(b.take(), want) {
			t.Errorf("%s: the button %q does something else", name, r.Text())
		}
	}
	b.frame.Render(keyDesks()[string(state.KeySeveral)])
	b.settle()
	if got := all(b.frame.strip.choices); !strings.Contains(got, "SK6EB27D74B6") || !strings.Contains(got, "SK6EB27D9A01") {
		t.Errorf("two keys of one label are offered as\n%s", got)
	}
}
