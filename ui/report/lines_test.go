package report

import (
	"slices"
	"testing"

	"sealdesk/pdfseal"
)

func TestLines(t *testing.T) {
	checks := []pdfseal.Check{{ID: "B1", Status: pdfseal.CheckPassed}, {ID: "T3", Status: pdfseal.CheckPassed}, {ID: "T3", Status: pdfseal.CheckSkipped},
		{ID: "T1", Status: pdfseal.CheckFailed}, {ID: "E7", Status: pdfseal.CheckPassed}, {ID: "new", Status: pdfseal.CheckFailed}}
	want := []Line{{"integrity", "failed", []string{"new"}}, {"identity", "none", nil}, {"trust", "failed", []string{"T1"}}, {"time", "skipped", []string{"T3"}}}
	for i, l := range Lines(checks) {
		if l.Name != want[i].Name || l.Status != want[i].Status || !slices.Equal(l.Rules, want[i].Rules) {
			t.Errorf("%+v, want %+v", l, want[i])
		}
	}
	if got := Skipped(checks); !slices.Equal(got, []string{"T3"}) {
		t.Errorf("skipped: %v", got)
	}
}
