package job

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
)

// keysOf lists what was found, each key with its level and pages.
func keysOf(list []pdfseal.Finding) string {
	var out []string
	for _, f := range list {
		out = append(out, strings.TrimSpace(f.Key+" "+string(f.Level)+" "+f.Pages))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// The review comes before the PIN: what refuses ends the document, what warns is told, and a policy makes more refuse.
func TestSeal_review(t *testing.T) {
	marked := []rules.Run{{Text: "机密★1年", X: 28, Y: 40, W: 33, H: 5.6}}
	form := []rules.Run{{Text: "姓名：______", X: 28, Y: 100, W: 50, H: 5.6}}
	for name, c := range map[string]struct {
		text   *fakeText
		refuse []rules.Check
		place  Place
		want   string // of the outcome, or of the error
		sealed bool
	}{
		"no reader":     {nil, nil, nil, "SEAL_SIZE warn, UNREVIEWED note 1, 3", true},
		"reader fails":  {&fakeText{err: errFault}, nil, nil, "SEAL_SIZE warn, UNREVIEWED note 1, 3", true},
		"no engine":     {&fakeText{cold: errFault}, nil, nil, "SEAL_SIZE warn, UNREVIEWED note 1, 3", true},
		"form":          {&fakeText{runs: form}, nil, nil, "SEAL_SIZE warn, UNFILLED warn 3", true},
		"every page":    {&fakeText{runs: form}, nil, Fixed{Pages: pages(t, "all"), At: rules.Point{X: 100, Y: 200}}, "SEAL_SIZE warn, UNFILLED warn 1–3", true},
		"marked":        {&fakeText{runs: marked}, nil, nil, "SECRET_MARKING refuse 1, 3", false},
		"policy":        {&fakeText{runs: form}, []rules.Check{rules.CheckUnfilled}, nil, "UNFILLED refuse 3", false},
		"policy, size":  {&fakeText{}, []rules.Check{rules.CheckSize, rules.CheckUnfilled}, nil, "SEAL_SIZE refuse", false},
		"policy, skips": {nil, rules.Checks()[:1], nil, "SEAL_SIZE warn, UNREVIEWED note 1, 3", true},
	} {
		o, ask := newOffice(t), &asked{}
		docs := []Document{document(t, t.TempDir(), "a", 3)}
		s, r := o.sealer(), order(ask, docs...)
		if c.text != nil {
			s.Text = c.text
		}
		if s.Policy.Refuse = c.refuse; c.place != nil {
			r.Place = c.place
		}
		out, err := s.Seal(context.Background(), r)
		if (err == nil) != c.sealed || len(ask.requests) > 0 != c.sealed {
			t.Errorf("%s: %v, PIN asked %d times", name, err, len(ask.requests))
			continue
		}
		got := out[0].Findings
		if !c.sealed {
			var refused *pdfseal.RefusedError
			if !errors.As(err, &refused) {
				t.Errorf("%s: %v", name, err)
				continue
			}
			got = refused.Findings
			noOutput(t, docs...)
		}
		if keysOf(got) != c.want {
			t.Errorf("%s: %s, want %s", name, keysOf(got), c.want)
		}
		if c.text != nil && c.text.opened != c.text.closed {
			t.Errorf("%s: opened %d times, closed %d times", name, c.text.opened, c.text.closed)
		}
	}
}

// What is too large for the review is not opened, and told; what many pages have is reviewed up to a bound.
func TestReview_bounds(t *testing.T) {
	d := document(t, t.TempDir(), "a", 1)
	text := &fakeText{runs: []rules.Run{{Text: "____", X: 28, Y: 100, W: 50, H: 5.6}}}
	r, seal := Reviewer{Text: text}, rules.Seal{Name: "示范旗人民政府", Width: 45, Height: 45}
	var many []int
	for n := range maxReviewedPages + 7 {
		many = append(many, n+1)
	}
	list, err := r.Review(t.Context(), d.In, len(many), many, seal)
	if err != nil || keysOf(list) != "UNFILLED warn 1–50, UNREVIEWED note 51–57" {
		t.Errorf("%s, %v", keysOf(list), err)
	}
	if err := os.Truncate(d.In, maxReviewedFile+1); err != nil {
		t.Fatal(err)
	}
	text.opened = 0
	list, err = r.Review(t.Context(), d.In, 1, []int{1}, seal)
	if err != nil || keysOf(list) != "UNREVIEWED note 1" || text.opened > 0 {
		t.Errorf("%s, %v, opened %d times", keysOf(list), err, text.opened)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Review(ctx, d.In, 1, []int{1}, seal); !errors.Is(err, context.Canceled) {
		t.Errorf("after a cancel: %v", err)
	}
}
