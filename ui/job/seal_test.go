package job

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
	"sealdesk/token"
)

func order(ask *asked, docs ...Document) Order {
	return Order{Documents: docs, Place: Fixed{At: rules.Point{X: 100, Y: 200}}, PIN: ask.ask}
}

// noOutput fails if anything but the inputs is in the folder of the documents.
func noOutput(t *testing.T, docs ...Document) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(docs[0].In))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(docs) {
		t.Errorf("%d files in the folder, want the %d inputs: %v", len(entries), len(docs), entries)
	}
}

func TestSeal_batch(t *testing.T) {
	o, dir, ask := newOffice(t), t.TempDir(), &asked{}
	docs := []Document{document(t, dir, "a", 1), document(t, dir, "b", 3), document(t, dir, "c", 2)}
	out, err := o.sealer().Seal(context.Background(), order(ask, docs...))
	if err != nil {
		t.Fatal(err)
	}
	if len(ask.requests) != 1 || ask.requests[0].Documents != 3 || ask.requests[0].SealName != "示范旗人民政府" {
		t.Errorf("PIN asked %d times: %+v", len(ask.requests), ask.requests)
	}
	if o.key.logins != 1 || o.key.logouts != 1 || o.key.signatures != 3 || o.key.in {
		t.Errorf("logins %d, logouts %d, signatures %d", o.key.logins, o.key.logouts, o.key.signatures)
	}
	for i, r := range out {
		if r.Status != Sealed || r.Affixed == nil || r.Affixed.Report == nil || !r.Affixed.Report.Verdict.Accepted() {
			t.Errorf("document %d: %+v", i, r)
		}
		before, _ := os.ReadFile(r.In)
		after, err := os.ReadFile(r.Out)
		if err != nil || !bytes.HasPrefix(after, before) {
			t.Errorf("document %d: output does not begin with the input: %v", i, err)
		}
	}
	if p := out[1].Affixed.Pages; len(p) != 1 || p[0] != 3 {
		t.Errorf("sealed pages %v, want the last", p)
	}
}

// TestSeal_stops fails each step in turn: the error, the PIN questions, and nothing left on disk.
func TestSeal_stops(t *testing.T) {
	cases := map[string]struct {
		change func(*office, *Sealer, *Order)
		is     error
		key    string // of an *Error
		asked  int
		closed bool
	}{
		"no key":        {func(_ *office, s *Sealer, _ *Order) { s.Provider = &fakeProvider{} }, token.ErrNoToken, "", 0, false},
		"no trust file": {func(_ *office, s *Sealer, _ *Order) { s.Trust = nil }, nil, "job.no_trust", 0, false},
		"no seal":       {func(o *office, _ *Sealer, _ *Order) { o.key.objects = nil }, nil, "job.no_seal", 1, true},
		"other seal":    {func(_ *office, _ *Sealer, r *Order) { r.SealID = "2" }, nil, "job.seal_unknown", 1, true},
		"no mechanism":  {func(o *office, _ *Sealer, _ *Order) { o.key.noSM2 = token.ErrNoSM2 }, token.ErrNoSM2, "", 0, true},
		"locked":        {func(o *office, _ *Sealer, _ *Order) { o.key.info.PIN.Locked = true }, nil, "", 0, true},
		"cancelled": {func(_ *office, _ *Sealer, r *Order) {
			r.PIN = func(context.Context, token.PINRequest) (token.PIN, error) { return token.PIN{}, token.ErrPINCancelled }
		}, token.ErrPINCancelled, "", 0, true},
		"wrong PIN":    {func(o *office, _ *Sealer, _ *Order) { o.key.pin = "161803" }, nil, "", 1, true},
		"pulled":       {func(o *office, _ *Sealer, _ *Order) { o.key.signErr = func(int) error { return token.ErrRemoved } }, token.ErrRemoved, "", 1, true},
		"bad answer":   {func(o *office, _ *Sealer, _ *Order) { o.key.signErr = func(int) error { return token.ErrBadSignature } }, token.ErrBadSignature, "", 1, true},
		"page range":   {func(_ *office, _ *Sealer, r *Order) { r.Place = Fixed{Pages: pages(t, "7")} }, nil, "place.page_range", 0, true},
		"off the page": {func(_ *office, _ *Sealer, r *Order) { r.Place = Fixed{At: rules.Point{X: 5, Y: 5}} }, nil, "", 0, true},
		"no keyword": {func(_ *office, s *Sealer, r *Order) {
			s.Text, r.Place = &fakeText{}, Keyword{Text: "盖章"}
		}, nil, "place.keyword_absent", 0, true},
		"no page text": {func(_ *office, s *Sealer, r *Order) {
			s.Text, r.Place = &fakeText{err: errFault}, OverDate{}
		}, errFault, "place.page_unreadable", 0, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o, ask := newOffice(t), &asked{}
			docs := []Document{document(t, t.TempDir(), "a", 2)}
			s, r := o.sealer(), order(ask, docs...)
			c.change(o, s, &r)
			out, err := s.Seal(context.Background(), r)
			if err == nil {
				t.Fatal("sealed")
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("error %v, want %v", err, c.is)
			}
			var e *Error
			if errors.As(err, &e); c.key != "" && (e == nil || e.Key != c.key) {
				t.Errorf("error %v, want situation %s", err, c.key)
			}
			if len(ask.requests) != c.asked {
				t.Errorf("PIN asked %d times, want %d", len(ask.requests), c.asked)
			}
			if out[0].Status != Failed || out[0].Err == nil {
				t.Errorf("outcome %+v", out[0])
			}
			if o.key.in || c.closed && o.key.closed == 0 {
				t.Errorf("key left logged in (%v) or open", o.key.in)
			}
			noOutput(t, docs...)
		})
	}
}

func pages(t *testing.T, s string) PageRange {
	t.Helper()
	r, err := ParsePages(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSeal_lockedIsNotTried(t *testing.T) {
	o, ask := newOffice(t), &asked{}
	o.key.info.PIN = token.PINState{Locked: true}
	_, err := o.sealer().Seal(context.Background(), order(ask, document(t, t.TempDir(), "a", 1)))
	var pin *token.PINError
	if !errors.As(err, &pin) || !pin.Locked || pin.Wrong || o.key.logins != 0 {
		t.Errorf("error %v, logins %d", err, o.key.logins)
	}
}

// TestSeal_batchStopsAtTheKey pulls the key at the second signature: the first file stays, the third is not begun.
func TestSeal_batchStopsAtTheKey(t *testing.T) {
	o, dir := newOffice(t), t.TempDir()
	o.key.signErr = func(n int) error {
		if n == 2 {
			return token.ErrRemoved
		}
		return nil
	}
	docs := []Document{document(t, dir, "a", 1), document(t, dir, "b", 1), document(t, dir, "c", 1)}
	out, err := o.sealer().Seal(context.Background(), order(&asked{}, docs...))
	if !errors.Is(err, token.ErrRemoved) {
		t.Errorf("error %v", err)
	}
	if out[0].Status != Sealed || out[1].Status != Failed || out[2].Status != NotStarted {
		t.Errorf("statuses %v %v %v", out[0].Status, out[1].Status, out[2].Status)
	}
	if _, err := os.Stat(out[1].Out); err == nil {
		t.Error("the second output exists")
	}
}

// TestSeal_batchGoesOnPastARefusal puts an unreadable document first: the error is its own, the others are sealed.
func TestSeal_batchGoesOnPastARefusal(t *testing.T) {
	o, dir := newOffice(t), t.TempDir()
	bad := document(t, dir, "bad", 1)
	if err := os.WriteFile(bad.In, []byte("no PDF"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := o.sealer().Seal(context.Background(), order(&asked{}, bad, document(t, dir, "good", 1)))
	if !errors.Is(err, pdfseal.ErrNotPDF) || out[0].Status != Failed || out[1].Status != Sealed {
		t.Errorf("error %v, statuses %v %v", err, out[0].Status, out[1].Status)
	}
}

func TestSeal_outputNames(t *testing.T) {
	o, dir := newOffice(t), t.TempDir()
	d := document(t, dir, "a", 1)
	same := Document{In: d.In, Out: d.In}
	if _, err := o.sealer().Seal(context.Background(), order(&asked{}, same)); !isSituation(err, "file.output_is_input") {
		t.Errorf("output over the input: %v", err)
	}
	twice := []Document{d, {In: document(t, dir, "b", 1).In, Out: d.Out}}
	out, err := o.sealer().Seal(context.Background(), order(&asked{}, twice...))
	if !errors.Is(err, pdfseal.ErrOutputExists) || out[0].Status != Sealed || out[1].Status != Failed {
		t.Errorf("two outputs of one name: %v, %v %v", err, out[0].Status, out[1].Status)
	}
	ask := &asked{}
	long := Document{In: d.In, Out: filepath.Join(dir, strings.Repeat("x", 300)+".pdf")}
	_, err = o.sealer().Seal(context.Background(), order(ask, long))
	if save := (*pdfseal.SaveError)(nil); !errors.As(err, &save) || len(ask.requests) > 0 {
		t.Errorf("a name that is too long, told after %d questions for the PIN: %v", len(ask.requests), err)
	}
}

func isSituation(err error, key string) bool {
	var e *Error
	return errors.As(err, &e) && e.Key == key
}

func TestSeal_cancelledBefore(t *testing.T) {
	o := newOffice(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	docs := []Document{document(t, t.TempDir(), "a", 1)}
	if _, err := o.sealer().Seal(ctx, order(&asked{}, docs...)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	noOutput(t, docs...)
}

func TestSeal_privateSeal(t *testing.T) {
	o, ask := newOffice(t), &asked{}
	o.key.objects[1].Private = true
	out, err := o.sealer().Seal(context.Background(), order(ask, document(t, t.TempDir(), "a", 1)))
	if err != nil || out[0].Status != Sealed || len(ask.requests) != 1 {
		t.Errorf("seal visible after log-in only: %v, %+v", err, out)
	}
}

func TestSeal_severalSeals(t *testing.T) {
	o := newOffice(t)
	second := o.newSeal(t, "22222222222222222222222222222222", "示范旗财政局", o.key.holder)
	o.key.objects = append(o.key.objects, token.Object{Value: second}, token.Object{Value: o.seal})
	doc := document(t, t.TempDir(), "a", 1)
	if _, err := o.sealer().Seal(context.Background(), order(&asked{}, doc)); !isSituation(err, "job.seal_ambiguous") {
		t.Errorf("two seals without a choice: %v", err)
	}
	r := order(&asked{}, doc)
	r.SealID = "示范旗财政局"
	out, err := o.sealer().Seal(context.Background(), r)
	if err != nil || out[0].Affixed.SealID != "22222222222222222222222222222222" {
		t.Errorf("seal chosen by name: %v, %+v", err, out[0].Affixed)
	}
}

func TestSeal_overDate(t *testing.T) {
	o := newOffice(t)
	text := &fakeText{runs: []rules.Run{
		{Text: "特此批复。", X: 38, Y: 100, W: 28, H: 5.6},
		{Text: "示范旗人民政府", X: 122.4, Y: 130.7, W: 39.5, H: 5.6},
		{Text: "2026年9月1日", X: 122.7, Y: 140.9, W: 39, H: 5.6},
	}}
	s, r := o.sealer(), order(&asked{}, document(t, t.TempDir(), "a", 2))
	s.Text, r.Place = text, OverDate{}
	out, err := s.Seal(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	m := out[0].Affixed.Report.Seals[0].Marks[0]
	if m.Page != 2 || m.X < 142 || m.X > 142.4 || m.Y < 131 || m.Y > 139 {
		t.Errorf("mark at %+v", m)
	}
	if text.opened != 1 || text.closed != 1 {
		t.Errorf("text opened %d, closed %d times", text.opened, text.closed)
	}
}
