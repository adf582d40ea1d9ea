package view

import (
	"testing"

	"fyne.io/fyne/v2"

	"sealdesk/ui/state"
	"sealdesk/ui/theme"
)

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
