package view

import (
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// TestReasonMark: beside a reason stands what it does to the verdict, whatever the verdict of the document is.
func TestReasonMark(t *testing.T) {
	for v, want := range map[pdfseal.Verdict]theme.Shape{pdfseal.VerdictInvalid: theme.Cross, pdfseal.VerdictIndeterminate: theme.Question,
		pdfseal.VerdictValidNotice: theme.Bang, "": theme.Question} {
		if got := reasonMark(v).(*widget.Mark).Shape(); got != want {
			t.Errorf("%q: %v, want %v", v, got, want)
		}
	}
}
