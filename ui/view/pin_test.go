package view

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sealdesk/token"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
)

// entered answers the PINs that the form has sent.
func entered(b *bench) []token.PIN {
	var out []token.PIN
	for _, e := range b.take() {
		if p, ok := e.(state.PINEntered); ok {
			out = append(out, p.PIN)
		}
	}
	return out
}

func pinBench(t *testing.T, w token.PINState) (*bench, *pinForm) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	b.frame.Render(asking(w))
	b.settle()
	b.take()
	return b, b.frame.seal.sheet.pin
}

func TestPIN_rules(t *testing.T) {
	b, f := pinBench(t, token.PINState{})
	for _, short := range []string{"", "123", "12345678901234567"} {
		f.entry.SetText("")
		test.Type(f.entry, short)
		f.send()
		if !f.ok.Disabled() || len(entered(b)) != 0 {
			t.Errorf("%d characters can be sent although the key wants 4 to 16", len(short))
		}
	}
	f.entry.SetText("")
	test.Type(f.entry, "271828")
	if f.ok.Disabled() {
		t.Fatal("a PIN of the right length cannot be sent")
	}
	test.Tap(f.ok)
	test.Tap(f.ok)
	f.entry.OnSubmitted("")
	got := entered(b)
	if len(got) != 1 || string(got[0].Bytes()) != "271828" || got[0].Final() {
		t.Fatalf("sent %d times", len(got))
	}
	if f.entry.Text != "" {
		t.Error("the PIN stays in the field")
	}
}

func TestPIN_finalTryNeedsItsTick(t *testing.T) {
	b, f := pinBench(t, token.PINState{FinalTry: true})
	test.Type(f.entry, "271828")
	f.send()
	if !f.ok.Disabled() || len(entered(b)) != 0 {
		t.Fatal("the last try was sent without its second step")
	}
	f.final.SetChecked(true)
	test.Tap(f.ok)
	if got := entered(b); len(got) != 1 || !got[0].Final() {
		t.Error("the confirmed last try was not sent as such")
	}
}

func TestPIN_newQuestionStartsEmpty(t *testing.T) {
	b, f := pinBench(t, token.PINState{FinalTry: true})
	test.Type(f.entry, "27")
	f.final.SetChecked(true)
	b.frame.Render(asking(token.PINState{FinalTry: true}))
	if f.entry.Text != "" || f.final.Checked {
		t.Error("a new question shows what was typed for the one before")
	}
}

func TestEscape(t *testing.T) {
	for name, c := range map[string]struct {
		d    state.Desk
		want state.Event
	}{
		"PIN":     {asking(token.PINState{}), state.PINCancelled{}},
		"result":  {done(nil), state.SealAgain{}},
		"notice":  {func() state.Desk { d := placed(); d.Notices = []state.Notice{{Key: "gui.notice.no_pdf"}}; return d }(), state.NoticeRead{}},
		"closing": {func() state.Desk { d := placed(); d.Closing = true; return d }(), state.CloseAnswered{}},
		"working": {func() state.Desk { d := placed(); d.Sealing.Phase = state.SealWorking; return d }(), state.StopTapped{}},
		"placing": {placed(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
			b.frame.Render(c.d)
			b.settle()
			b.take()
			b.frame.TypedKey(fyne.KeyEscape)
			got := b.take()
			if c.want == nil && len(got) != 0 || c.want != nil && (len(got) != 1 || got[0] != c.want) {
				t.Errorf("Escape sends %v, want %v", got, c.want)
			}
		})
	}
}

func TestFunctionKeys(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	b.frame.Render(placed())
	for key, want := range functionKeys {
		b.take()
		b.frame.TypedKey(key)
		if got := b.take(); len(got) != 1 || got[0] != want {
			t.Errorf("%s sends %v", key, got)
		}
	}
}
