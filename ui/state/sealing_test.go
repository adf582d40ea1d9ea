package state

import (
	"context"
	"errors"
	"slices"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/token"
)

func twoPages(findings ...pdfseal.Finding) DocumentInfo {
	return DocumentInfo{Pages: 2, Width: 210, Height: 297, Findings: findings}
}

func work(paths ...string) *fakeWork {
	w := &fakeWork{info: map[string]DocumentInfo{}}
	for _, p := range paths {
		w.info[p] = twoPages()
	}
	return w
}

func sealedAll(o Order) []Outcome {
	var out []Outcome
	for _, d := range o.Documents {
		out = append(out, Outcome{In: d.In, Out: d.In + ".out", Sealed: true, Started: true, Report: &pdfseal.Report{Verdict: pdfseal.VerdictValid}})
	}
	return out
}

func TestBlocked(t *testing.T) {
	open := []Event{KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf"}}}
	lost := good
	lost.Status = "reported-lost"
	second := good
	second.ID = "s2"
	cases := map[string]struct {
		work   *fakeWork
		events []Event
		change func(*Desk)
		want   string
	}{
		"nothing open":           {work(), nil, nil, BlockEmpty},
		"ready":                  {work("a.pdf"), open, nil, ""},
		"no key":                 {work("a.pdf"), open[1:], nil, BlockKey},
		"locked":                 {work("a.pdf"), []Event{KeysRead{Keys: []Key{key(func(k *Key) { k.PIN.Locked = true })}}, open[1]}, nil, BlockKey},
		"lost":                   {work("a.pdf"), []Event{KeysRead{Keys: []Key{key(func(k *Key) { k.Seals = []Seal{lost} })}}, open[1]}, nil, BlockKey},
		"two seals, none chosen": {work("a.pdf"), []Event{KeysRead{Keys: []Key{key(func(k *Key) { k.Seals = []Seal{good, second} })}}, open[1]}, nil, BlockSeal},
		"lost seal chosen":       {work("a.pdf"), []Event{KeysRead{Keys: []Key{key(func(k *Key) { lost.ID = "s3"; k.Seals = []Seal{good, lost} })}}, open[1], SealChosen{"s3"}}, nil, BlockSealDate},
		"no trust bundle":        {work("a.pdf"), open, func(d *Desk) { d.Trust = TrustState{} }, BlockNoTrust},
		"allowed without":        {work("a.pdf"), open, func(d *Desk) { d.Trust = TrustState{}; d.Options.WithoutTrust = true }, ""},
		"unreadable":             {work(), open, nil, BlockRefused},
		"refused":                {&fakeWork{info: map[string]DocumentInfo{"a.pdf": twoPages(refuse())}}, open, nil, BlockRefused},
		"warned":                 {&fakeWork{info: map[string]DocumentInfo{"a.pdf": twoPages(warn())}}, open, nil, ""},
		"one of two refused": {&fakeWork{info: map[string]DocumentInfo{"a.pdf": twoPages(), "b.pdf": twoPages(refuse())}},
			[]Event{open[0], FilesDropped{Paths: []string{"a.pdf", "b.pdf"}}}, nil, ""},
		"no date":          {&fakeWork{info: work("a.pdf").info, resolve: func(string, Rule) ([]Mark, error) { return nil, errors.New("no date") }}, open, nil, BlockPlace},
		"mark taken away":  {work("a.pdf"), append(slices.Clone(open), MarkRemoved{Page: 2}), nil, BlockPlace},
		"still being read": {work("a.pdf"), open, func(d *Desk) { d.Sealing.Documents[0].Loaded = false }, BlockLoading},
		"no slices":        {&fakeWork{info: work("a.pdf").info, sliceErr: errUnreadable}, append(slices.Clone(open), StraddleChosen{right}), nil, BlockStraddle},
		"slices alone":     {work("a.pdf"), append(slices.Clone(open), StraddleChosen{right}, MarkRemoved{Page: 2}), nil, ""},
		"date and slices":  {work("a.pdf"), append(slices.Clone(open), StraddleChosen{right}), nil, ""},
		"result shown":     {work("a.pdf"), open, func(d *Desk) { d.Sealing.Phase = SealDone }, BlockDone},
		"running":          {work("a.pdf"), open, func(d *Desk) { d.Sealing.Phase = SealWorking }, BlockBusy},
	}
	seen := map[string]bool{"": true}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, c.work).do(c.events...)
			if c.change != nil {
				c.change(&b.d)
			}
			if got := b.d.Blocked().Key; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
		seen[c.want] = true
	}
	for _, k := range Blocks() {
		if !seen[k] {
			t.Errorf("no case leads to %s", k)
		}
	}
}

func TestSealing_places(t *testing.T) {
	b := newBench(t, work("a.pdf", "b.pdf")).do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf", "b.pdf", "a.pdf"}})
	s := &b.d.Sealing
	if len(s.Documents) != 2 || !s.Sheet || s.Page != 2 {
		t.Fatalf("%d documents, sheet %v, page %d", len(s.Documents), s.Sheet, s.Page)
	}
	b.do(DocumentChosen{0}, MarkPlaced{Mark{Page: 1, X: 50, Y: 60}}, MarkPlaced{Mark{Page: 2, X: 51, Y: 61}})
	if got := s.Documents[0].Marks; len(got) != 2 || got[0].X != 50 || got[1].X != 51 || s.Documents[0].Rule.Kind != RuleHand {
		t.Errorf("marks %v, rule %v", got, s.Documents[0].Rule)
	}
	b.do(RuleChosen{Rule{Kind: RuleKeyword, Keyword: "盖章"}})
	if s.Documents[1].Rule.Kind != RuleKeyword || len(s.Documents[0].Marks) != 1 || s.Documents[0].Rule.Kind != RuleKeyword {
		t.Error("a rule does not take the shown document and those not placed by hand")
	}
	b.do(MarkPlaced{Mark{Page: 1, X: 1, Y: 1}}, DocumentChosen{1}, RuleChosen{Rule{Kind: RuleDate}})
	if s.Documents[0].Rule.Kind != RuleHand || s.Documents[1].Rule.Kind != RuleDate {
		t.Error("a rule has overwritten what was placed by hand")
	}
	b.do(DocumentRemoved{0})
	if len(s.Documents) != 1 || s.Current != 0 || s.Documents[0].Path != "b.pdf" {
		t.Errorf("after removal: %+v", s)
	}
	b.do(DocumentRemoved{0}, DocumentRemoved{5})
	if s.Phase != SealEmpty || b.d.Blocked().Key != BlockEmpty {
		t.Errorf("phase %v", s.Phase)
	}
}

func TestSealing_lateAnswerOfFormerRule(t *testing.T) {
	b := newBench(t, work("a.pdf")).do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf"}})
	b.do(MarkPlaced{Mark{Page: 1, X: 9, Y: 9}}, PlaceFound{Path: "a.pdf", Rule: Rule{Kind: RuleDate}, Marks: []Mark{{Page: 2}}})
	if m := b.d.Sealing.Documents[0].Marks; len(m) != 2 || m[0].X != 9 {
		t.Errorf("an answer to a rule that is no longer set was taken: %v", m)
	}
}

func TestSealing_keyAfterDocument(t *testing.T) {
	b := newBench(t, work("a.pdf")).do(FilesDropped{Paths: []string{"a.pdf"}})
	if len(b.d.Sealing.Documents[0].Marks) != 0 {
		t.Fatal("a place without a seal")
	}
	b.do(KeysRead{Keys: []Key{key()}})
	if len(b.d.Sealing.Documents[0].Marks) != 1 || b.d.Blocked() != (Block{}) {
		t.Error("plugging the key in does not place the seal")
	}
}

// order is a bench with one document ready to be sealed, whose worker runs in a goroutine.
type order struct {
	*bench
	events chan Event
	done   chan struct{}
}

func startOrder(t *testing.T, seal func(ctx context.Context, o Order) ([]Outcome, error)) *order {
	w := work("a.pdf", "b.pdf")
	w.seal = seal
	o := &order{bench: newBench(t, w), events: make(chan Event), done: make(chan struct{})}
	o.do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf", "b.pdf"}})
	cmd := o.step(FinishTapped{})
	if cmd == nil || o.d.Sealing.Phase != SealPreparing {
		t.Fatalf("order not begun: phase %v, blocked %v", o.d.Sealing.Phase, o.d.Blocked())
	}
	go func() {
		defer close(o.done)
		cmd(t.Context(), func(e Event) { o.events <- e })
	}()
	return o
}

// next applies the worker's next event.
func (o *order) next() Event {
	o.t.Helper()
	e := <-o.events
	if cmd := o.step(e); cmd != nil {
		cmd(o.t.Context(), func(Event) {})
	}
	return e
}

// ask is a worker that asks for the PIN and then seals everything.
func ask(ctx context.Context, o Order) ([]Outcome, error) {
	pin, err := o.PIN(ctx, token.PINRequest{Documents: len(o.Documents)})
	if err != nil {
		return []Outcome{{In: o.Documents[0].In, Err: err}, {In: o.Documents[1].In}}, err
	}
	defer pin.Wipe()
	if string(pin.Bytes()) != "271828" {
		err := &token.PINError{Wrong: true}
		return []Outcome{{In: o.Documents[0].In, Err: err}, {In: o.Documents[1].In}}, err
	}
	o.Progress(Progress{Stage: StageSeal, Document: 1, Done: 1, Total: 2})
	return sealedAll(o), nil
}

func TestOrder_sealed(t *testing.T) {
	o := startOrder(t, ask)
	o.next() // OrderStarted
	o.next() // PINAsked
	if o.d.Sealing.Phase != SealPIN || o.d.Sealing.Ask.Request.Documents != 2 {
		t.Fatalf("phase %v", o.d.Sealing.Phase)
	}
	if cmd := o.step(FinishTapped{}); cmd != nil {
		t.Error("a second order was begun")
	}
	o.do(PINEntered{token.NewPIN([]byte("271828"))})
	if o.d.Sealing.Phase != SealWorking || o.d.Sealing.Ask != nil {
		t.Fatalf("phase %v", o.d.Sealing.Phase)
	}
	o.next() // ProgressMade
	o.next() // OrderEnded
	<-o.done
	s := o.d.Sealing
	if s.Phase != SealDone || !s.Documents[0].Done() || !s.Documents[1].Done() || s.Progress.Document != 1 {
		t.Fatalf("%+v", s)
	}
	o.do(SealAgain{})
	if o.d.Sealing.Phase != SealEmpty {
		t.Errorf("phase %v", o.d.Sealing.Phase)
	}
}

func TestOrder_wrongPINThenRetry(t *testing.T) {
	o := startOrder(t, ask)
	o.next()
	o.next()
	o.do(PINEntered{token.NewPIN([]byte("111111"))})
	o.next()
	<-o.done
	if o.d.Sealing.Phase != SealDone || o.d.Sealing.Err == nil || o.d.Sealing.Documents[0].Outcome.Err == nil {
		t.Fatalf("phase %v, %v", o.d.Sealing.Phase, o.d.Sealing.Err)
	}
	if cmd := o.step(RetryTapped{}); cmd == nil || o.d.Sealing.Phase != SealPreparing || len(o.d.Sealing.Ordered) != 2 {
		t.Errorf("retry: phase %v, ordered %v", o.d.Sealing.Phase, o.d.Sealing.Ordered)
	}
}

func TestOrder_cancelledInSilence(t *testing.T) {
	for name, cancel := range map[string]Event{"Esc in the sheet": PINCancelled{}, "stop": StopTapped{}} {
		t.Run(name, func(t *testing.T) {
			o := startOrder(t, ask)
			o.next()
			o.next()
			o.do(cancel)
			o.next()
			<-o.done
			if s := o.d.Sealing; s.Phase != SealPlacing || s.Err != nil || len(o.d.Notices) != 0 || s.Documents[0].Outcome != nil {
				t.Errorf("%+v, notices %v", s, o.d.Notices)
			}
		})
	}
}

// A pulled key is told by the watch and by the order, in either order.
func TestOrder_keyPulled(t *testing.T) {
	gone := KeysRead{}
	ended := OrderEnded{Outcomes: []Outcome{{In: "a.pdf", Err: token.ErrRemoved}, {In: "b.pdf"}}, Err: token.ErrRemoved}
	back := KeysRead{Keys: []Key{key(func(k *Key) { k.Insertion = 2 })}}
	cases := map[string]struct {
		events []Event
		want   KeyState
	}{
		"watch first":                  {[]Event{gone, ended}, KeyRemoved},
		"order first":                  {[]Event{ended, gone}, KeyRemoved},
		"order only":                   {[]Event{ended}, KeyRemoved},
		"back before the order's word": {[]Event{gone, back, ended}, KeyReady},
		"back afterwards":              {[]Event{ended, gone, back}, KeyReady},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, work("a.pdf", "b.pdf")).do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf", "b.pdf"}})
			b.step(FinishTapped{})
			b.d.Sealing.Phase = SealWorking
			b.do(c.events...)
			if got := b.d.KeyState(); got != c.want || b.d.Sealing.Phase != SealDone {
				t.Errorf("key %s, phase %v", got, b.d.Sealing.Phase)
			}
			if b.d.Sealing.Documents[0].Outcome.Err == nil {
				t.Error("the failure is not shown with its document")
			}
		})
	}
}

func TestOrder_keyPulledWhileAsking(t *testing.T) {
	o := startOrder(t, ask)
	o.next()
	o.next()
	o.do(KeysRead{})
	e := o.next()
	<-o.done
	if end, ok := e.(OrderEnded); !ok || !errors.Is(end.Err, token.ErrRemoved) || o.d.KeyState() != KeyRemoved {
		t.Errorf("%v, key %s", e, o.d.KeyState())
	}
}

func TestOrder_someFailed(t *testing.T) {
	o := startOrder(t, func(_ context.Context, o Order) ([]Outcome, error) {
		out := sealedAll(o)
		out[1] = Outcome{In: "b.pdf", Started: true, Err: pdfseal.ErrOutputExists}
		return out, pdfseal.ErrOutputExists
	})
	o.next()
	o.next()
	<-o.done
	o.do(SealAgain{})
	s := o.d.Sealing
	if s.Phase != SealPlacing || len(s.Documents) != 1 || s.Documents[0].Path != "b.pdf" || s.Documents[0].Outcome != nil {
		t.Errorf("what failed is not kept: %+v", s)
	}
}

func TestClose(t *testing.T) {
	b := newBench(t, work())
	b.do(CloseAsked{})
	if !b.d.Quit {
		t.Fatal("an idle window does not close")
	}
	o := startOrder(t, ask)
	o.next()
	o.next()
	o.do(CloseAsked{})
	if o.d.Quit || !o.d.Closing {
		t.Fatal("closing during an order does not ask")
	}
	o.do(CloseAnswered{})
	if o.d.Quit || o.d.Closing || o.d.Sealing.Phase != SealPIN {
		t.Fatal("staying does not stay")
	}
	o.do(CloseAsked{}, CloseAnswered{Close: true})
	if !o.d.Quit {
		t.Error("leaving does not leave")
	}
	o.next()
	<-o.done
}

// A seal that is placed by hand while a place is being looked for is not waited for any more: the document once was "being checked" for
// good, after a seal had been dragged from the inspector.
func TestPlacedByHandWhileFinding(t *testing.T) {
	b := newBench(t, work("a.pdf")).do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf"}})
	if cmd := b.step(SealChosen{ID: good.ID}); cmd != nil {
		t.Error("the seal that is chosen already is looked for once more")
	}
	for name, byHand := range map[string]Event{"placed": MarkPlaced{Mark: Mark{Page: 1, X: 100, Y: 100}}, "taken away": MarkRemoved{Page: 1}, "chosen": RuleChosen{Rule: Rule{Kind: RuleHand}}} {
		late := b.step(RuleChosen{Rule: Rule{Kind: RuleKeyword, Keyword: name}})
		if doc, _ := b.d.Sealing.Document(); !doc.Finding || late == nil {
			t.Fatalf("%s: nothing is being looked for", name)
		}
		b.do(byHand)
		late(t.Context(), func(e Event) { b.do(e) })
		if doc, _ := b.d.Sealing.Document(); doc.Finding || doc.Rule.Kind != RuleHand {
			t.Errorf("%s: finding %v, rule %s", name, doc.Finding, doc.Rule.Kind)
		}
	}
}
