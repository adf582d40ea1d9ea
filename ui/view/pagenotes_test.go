package view

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"sealdesk/pdfseal"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// What the gate has found on a page stands beside that page, and its line in the inspector leads there.
func TestSeal_findingsStandBesideTheirPage(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	d := placed()
	doc := &d.Sealing.Documents[0]
	doc.Info.Findings = []pdfseal.Finding{{Level: pdfseal.LevelWarn, Key: pdfseal.FindingForm, Page: 2, Pages: "2", Area: pdfseal.Area{X: 40, Y: 60, W: 60, H: 8}}, {Level: pdfseal.LevelNote, Key: pdfseal.FindingAttachment},
		{Level: pdfseal.LevelRefuse, Key: pdfseal.FindingJavaScript, Pages: "1–2, 3"}}
	for page, want := range map[int]int{1: 1, 2: 2, 3: 1} {
		d.Sealing.Page = page
		b.frame.Render(d)
		b.settle()
		if got := strings.Count(all(b.frame.seal.notes.root), "\n") + 1; got != want || !b.frame.seal.notes.root.Visible() {
			t.Errorf("page %d has %d findings beside it, want %d:\n%s", page, got, want, all(b.frame.seal.notes.root))
		}
	}
	doc.Info.Findings = doc.Info.Findings[:2]
	d.Sealing.Page = 1
	b.frame.Render(d)
	b.settle()
	if b.frame.seal.notes.root.Visible() {
		t.Error("a page about which nothing is to be said has a note")
	}
	var leads []*widget.Sentence
	collect(b.frame.seal.inspector.checks, func(o fyne.CanvasObject) {
		if s, ok := o.(*widget.Sentence); ok {
			leads = append(leads, s)
		}
	})
	if len(leads) != 1 {
		t.Fatalf("%d lines lead to a page", len(leads))
	}
	if n := strings.Count(leads[0].String(), "第 2 页"); n != 1 {
		t.Errorf("the line says its page %d times: %s", n, leads[0].String())
	}
	if r := b.frame.env.findingRegions(*doc); len(r) != 1 || r[0].Page != 2 || r[0].X != 40 || r[0].H != 8 {
		t.Errorf("on the page stand the frames %+v", r)
	}
	b.take()
	if test.Tap(leads[0]); !slices.Contains(b.take(), state.Event(state.PageShown{Page: 2})) {
		t.Error("the line does not lead to its page")
	}
}

// The points that a seal jumps to are those of the document shown: the second document once had those of the first.
func TestSeal_snapsAreOfTheDocumentShown(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	d := placed()
	byHand := document("函.pdf")
	byHand.Rule, byHand.Marks = state.Rule{Kind: state.RuleHand}, []state.Mark{{Page: 2, X: 100, Y: 100}}
	d.Sealing.Documents = append(d.Sealing.Documents, byHand)
	b.frame.Render(d)
	b.settle()
	near := func() bool { _, _, jumps := b.frame.seal.page.Snapped(2, 141, 231); return jumps }
	if !near() {
		t.Error("the seal does not jump to the date")
	}
	d.Sealing.Documents = slices.Clone(d.Sealing.Documents)
	d.Sealing.Documents[0].Rule = state.Rule{Kind: state.RuleHand}
	b.frame.Render(d)
	if !near() {
		t.Error("once moved, the seal does not jump back to the date")
	}
	d.Sealing.Current = 1
	b.frame.Render(d)
	if near() {
		t.Error("the second document has the date of the first")
	}
}

// A folder that was chosen for the sealed files stands below the button that seals.
func TestSeal_saysWhereTheFilesGo(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	d := placed()
	d.Sealing.OutDir = "/home/u/已签章"
	b.frame.Render(d)
	b.settle()
	if got := b.frame.seal.inspector.blocked.String(); got != "存到：/home/u/已签章" {
		t.Errorf("%q", got)
	}
	b.frame.SaveAs()
	if !b.frame.Covered() {
		t.Error("'save as' asks for no folder")
	}
	b.frame.Uncover()
	d.Sealing.Phase = state.SealWorking
	b.frame.Render(d)
	if b.frame.SaveAs(); b.frame.Covered() {
		t.Error("'save as' asks for a folder while documents are sealed")
	}
}

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
