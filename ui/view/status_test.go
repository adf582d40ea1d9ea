package view

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"sealdesk/ui/theme"
)

// Work that is done at once shows no progress; what takes longer shows how far it is, and the next work begins anew.
func TestStatus_progressAfterAWhile(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	s, now := b.frame.status, today
	s.now = func() time.Time { return now }
	for _, step := range []struct {
		desk  string
		after time.Duration
		shown bool
	}{{"sealing", 0, false}, {"sealing", progressDelay - 1, false}, {"sealing", 1, true}, {"placed", 0, false}, {"sealing", time.Hour, false}} {
		now = now.Add(step.after)
		d, ok := desks()[step.desk]
		if !ok {
			t.Fatalf("there is no desk %q", step.desk)
		}
		b.frame.Render(d)
		if s.bar.Visible() != step.shown || step.shown != strings.Contains(all(s.root), "\n2/3\n") {
			t.Errorf("%s, %v later: bar %v\n%s", step.desk, step.after, s.bar.Visible(), all(s.root))
		}
	}
}
