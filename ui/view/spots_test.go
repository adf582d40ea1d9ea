package view

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sealdesk/pdfseal"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// The sentences of changed places lead to them, and the chosen one stays marked without the list being made anew.
func TestVerify_sentencesLeadToTheirPlaces(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	d := verified(pdfseal.VerdictInvalid)
	find := func() (out []*widget.Sentence) {
		collect(b.frame.Object(), func(o fyne.CanvasObject) {
			if s, ok := o.(*widget.Sentence); ok {
				out = append(out, s)
			}
		})
		return out
	}
	b.frame.Render(d)
	b.settle()
	rows := find()
	if len(rows) != 2 || !strings.Contains(rows[0].String(), "遮盖") || rows[0].Chosen() {
		t.Fatalf("%d sentences", len(rows))
	}
	b.take()
	test.Tap(rows[0])
	if e := b.take(); len(e) != 1 || e[0] != state.Event(state.SpotChosen{Number: 1}) {
		t.Errorf("a tap sends %v", e)
	}
	d.Verification.Spot = 1
	b.frame.Render(d)
	b.settle()
	if again := find(); again[0] != rows[0] || !rows[0].Chosen() || rows[1].Chosen() {
		t.Error("the chosen sentence is not marked, or the list was made anew")
	}
	if text := all(b.frame.Object()); strings.Count(text, "遮盖") < 2 {
		t.Errorf("the chosen place does not say its sentence on the page:\n%s", text)
	}
	d.Verification.Items[0].Changes = state.Comparison{Begun: true}
	b.frame.Render(d)
	b.settle()
	if text := all(b.frame.Object()); !strings.Contains(text, "逐页对比") {
		t.Errorf("it is not said that pages are being compared:\n%s", text)
	}
}

// What is typed into the centre's address is a draft; a fixed one cannot be typed into and says who has fixed it.
func TestSettings_centre(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	d := settings()
	delete(d.Settings.Draft.Locked, "center_url")
	b.frame.Render(d)
	b.settle()
	url := func() *widget.Field {
		var found *widget.Field
		collect(b.frame.Object(), func(o fyne.CanvasObject) {
			if f, ok := o.(*widget.Field); ok && strings.HasPrefix(f.Text, "https://") {
				found = f
			}
		})
		return found
	}
	field := url()
	if field == nil || field.Disabled() {
		t.Fatal("there is no field for the address, or it is locked")
	}
	b.take()
	test.Type(field, "x")
	e := b.take()
	if len(e) != 1 {
		t.Fatalf("typing sends %v", e)
	}
	edited, ok := e[0].(state.CenterEdited)
	if !ok || edited.Options.URL != "xhttps://center.example:8443/base" || edited.Options.CA != d.Options.Center.CA {
		t.Errorf("%+v", e[0])
	}
	d.Settings.Draft.Locked = map[string]string{"center_url": "信任包第 218 期（示范中心）"}
	b.frame.Render(d)
	b.settle()
	if field := url(); field == nil || !field.Disabled() || !strings.Contains(all(b.frame.Object()), "第 218 期") {
		t.Error("the fixed address can be typed into, or nobody says who has fixed it")
	}
}
