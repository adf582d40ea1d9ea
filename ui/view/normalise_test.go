package view

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sealdesk/pdfseal"
	"sealdesk/ui/job"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// odd is a document whose structure is refused.
func odd(c state.Copying) state.Desk {
	d := placed()
	d.Sealing.Documents = []state.Document{{Path: "/a/旧系统导出的批复.pdf", Err: &pdfseal.SyntaxError{Rule: "S5", Offset: 1234}, Info: state.DocumentInfo{Normalisable: true}, Copying: c}}
	return d
}

func normaliseDesks() map[string]state.Desk {
	out := map[string]state.Desk{"copy offered": odd(state.Copying{}), "copy running": odd(state.Copying{Running: true}),
		"copy refused": odd(state.Copying{Err: &job.Error{Key: "normalise.readers", Data: map[string]string{"Page": "3"}}})}
	d := placed()
	d.Sealing.Documents[0].Copying.Of = "/a/旧系统导出的批复.pdf"
	d.Notices = []state.Notice{{Key: "gui.notice.normalised", Arg: "/a/旧系统导出的批复_规范化副本.pdf"}}
	out["copy written"] = d
	return out
}

func TestNormalise_isOfferedAndExplained(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	button := func() *widget.Button {
		var found *widget.Button
		collect(b.frame.Object(), func(o fyne.CanvasObject) {
			if btn, ok := o.(*widget.Button); ok && btn.Text() == "写出规范化副本" {
				found = btn
			}
		})
		return found
	}
	b.frame.Render(odd(state.Copying{}))
	b.settle()
	if text := all(b.frame.Object()); button() == nil || !strings.Contains(text, "可以另写一份规范化副本") {
		t.Fatalf("no copy is offered:\n%s", text)
	}
	b.take()
	test.Tap(button())
	if e := b.take(); len(e) != 1 || e[0] != state.Event(state.NormaliseTapped{}) {
		t.Errorf("sent %v", e)
	}
	without := odd(state.Copying{})
	without.Sealing.Documents[0].Info.Normalisable = false
	for name, d := range map[string]state.Desk{"running": odd(state.Copying{Running: true}), "no help": without} {
		if b.frame.Render(d); button() != nil {
			t.Errorf("%s: a copy is offered", name)
		}
	}
}
