package desk

import (
	"fmt"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/rules"
	"sealdesk/ui/explain"
	"sealdesk/ui/state"
)

// What the window says beside the page is what sealing finds, and what the settings have refused is refused in both.
func TestReview_previewIsWhatIsFound(t *testing.T) {
	o := newOffice(t)
	if err := o.Text.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	path := o.write("a.pdf", blank(a4, a4))
	order := state.Order{SealID: sealID, Matter: register.MatterOffice, PIN: typed(testPIN),
		Documents: []state.OrderDocument{{In: path, Marks: []state.Mark{{Page: 2, X: 140, Y: 220}}}}}
	shown, err := o.Review(t.Context(), path, 2, []int{2}, o.seal)
	if err != nil || len(shown) == 0 {
		t.Fatalf("%v, %v", shown, err)
	}
	out, err := o.Seal(t.Context(), order)
	if err != nil || fmt.Sprint(out[0].Findings) != fmt.Sprint(shown) {
		t.Errorf("%v\nfound %v\nshown %v", err, out[0].Findings, shown)
	}
	o.mustRemove(out[0].Out)

	o.cfg.Policy.Refuse = []rules.Check{rules.CheckBlankPage}
	shown, err = o.Review(t.Context(), path, 2, []int{2}, o.seal)
	refused := 0
	for _, f := range shown {
		if f.Level == pdfseal.LevelRefuse && f.Key == rules.FindingBlankPage && f.Page == 2 {
			refused++
		}
	}
	if err != nil || refused != 1 {
		t.Errorf("shown %v, %v", shown, err)
	}
	if _, err := o.Seal(t.Context(), order); explain.Error(err).Key != "regulation" {
		t.Errorf("sealed: %v", err)
	}
}
