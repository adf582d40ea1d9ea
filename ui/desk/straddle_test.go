package desk

import (
	"math"
	"strings"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/register"
	"sealdesk/ui/explain"
	"sealdesk/ui/state"
)

// The slices that the window shows are those that the sealed file has, also on pages of different sizes and turned ones.
func TestStraddle_previewIsWhatIsSealed(t *testing.T) {
	o := newOffice(t)
	path := o.write("a.pdf", blank(a4, "/MediaBox [0 0 841.89 595.28]", a4+" /Rotate 90", a4))
	for name, c := range map[string]struct {
		want  state.Straddle
		marks []state.Mark
		pages int
	}{
		"right, all pages":       {state.Straddle{Edge: pdfseal.EdgeRight}, nil, 4},
		"left, some, with place": {state.Straddle{Edge: pdfseal.EdgeLeft, Pages: "1,2,last", Centre: 90}, nil, 3},
		"top, beside a mark":     {state.Straddle{Edge: pdfseal.EdgeTop}, []state.Mark{{Page: 4, X: 140, Y: 220}}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			plan, err := o.Slices(t.Context(), path, 4, c.want, o.seal)
			if err != nil || len(plan) != c.pages {
				t.Fatalf("%d slices, %v", len(plan), err)
			}
			out, err := o.Seal(t.Context(), state.Order{SealID: sealID, Matter: register.MatterOffice, PIN: typed(testPIN),
				Documents: []state.OrderDocument{{In: path, Marks: c.marks, Straddle: c.want}}})
			if err != nil || len(out) != 1 || !out[0].Sealed {
				t.Fatalf("%+v, %v", out, err)
			}
			v, err := o.Verify(t.Context(), out[0].Out)
			if err != nil || !v.Report.Verdict.Accepted() {
				t.Fatalf("%+v, %v", v.Report, err)
			}
			var slices []pdfseal.PlacedMark
			for _, m := range v.Report.Seals[0].Marks {
				if m.Slice.Known() {
					slices = append(slices, m)
				}
			}
			if len(slices) != len(plan) || len(v.Report.Seals[0].Marks) != len(plan)+len(c.marks) {
				t.Fatalf("the file has %+v", v.Report.Seals[0].Marks)
			}
			for i, m := range slices {
				p := plan[i]
				if m.Page != p.Page || m.Slice != p.Slice || math.Abs(m.X-p.X)+math.Abs(m.Y-p.Y)+math.Abs(m.W-p.W)+math.Abs(m.H-p.H) > 0.1 {
					t.Errorf("page %d: sealed %+v, shown %+v", p.Page, m, p)
				}
			}
			o.mustRemove(out[0].Out)
		})
	}
	if _, err := o.Slices(t.Context(), path, 4, state.Straddle{Edge: pdfseal.EdgeRight, Pages: "3"}, o.seal); explain.Error(err).Key != "request.STRADDLE_ONE_PAGE" {
		t.Errorf("one page: %v", err)
	}
	if _, err := o.Slices(t.Context(), path, 4, state.Straddle{Edge: pdfseal.EdgeRight, Pages: "x"}, o.seal); explain.Error(err).Key != "place.page_range" {
		t.Errorf("no pages: %v", err)
	}
}

func TestCommand_straddle(t *testing.T) {
	o := newOffice(t)
	doc := state.Document{Path: "/a.pdf", Rule: state.Rule{Kind: state.RuleHand}, Straddle: state.Straddle{Edge: pdfseal.EdgeTop, Pages: "1-6,8", Centre: 90}}
	d := state.Desk{Screen: state.ScreenSeal, Sealing: state.Sealing{Documents: []state.Document{doc}}, Keys: state.Keys{All: o.keysRead().Keys, Chosen: o.keysRead().Keys[0].ID}}
	if got := o.Command(d); !strings.HasSuffix(got, "--straddle top --straddle-pages 1-6,8 --straddle-at 90.0") || strings.Contains(got, "--at") || strings.Contains(got, "--over-date") {
		t.Errorf("slices alone: %s", got)
	}
	d.Sealing.Documents[0].Rule, d.Sealing.Documents[0].Straddle = state.Rule{Kind: state.RuleDate}, state.Straddle{Edge: pdfseal.EdgeRight}
	if got := o.Command(d); !strings.HasSuffix(got, "--over-date --straddle right") {
		t.Errorf("beside the date: %s", got)
	}
}
