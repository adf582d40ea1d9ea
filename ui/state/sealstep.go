package state

import (
	"context"
	"errors"
	"slices"
	"strings"

	"sealdesk/token"
)

// sealing applies the events of sealing, and has reviewed what they have changed.
func (m Machine) sealing(d Desk, e Event) (Desk, Cmd) {
	d, cmd := m.sealingStep(d, e)
	d, review := m.findReviews(d)
	return d, Batch(cmd, review)
}

func (m Machine) sealingStep(d Desk, e Event) (Desk, Cmd) {
	s := &d.Sealing
	switch e := e.(type) {
	case DocumentsAdded:
		return m.addDocuments(d, e.Paths)
	case DocumentOpened:
		*s = s.change(e.Path, func(doc Document) Document {
			doc.Info, doc.Err, doc.Loaded = e.Info, e.Err, e.Err == nil
			if !doc.CanStraddle() {
				doc.Straddle = Straddle{}
			}
			return doc
		})
		return m.findPlaces(d, func(doc Document) bool { return doc.Path == e.Path })
	case DocumentChosen:
		if e.Index >= 0 && e.Index < len(s.Documents) && !s.Phase.Busy() {
			s.Current, s.Page, s.Sheet = e.Index, 1, false
			if doc := s.Documents[e.Index]; len(doc.Marks) > 0 {
				s.Page = doc.Marks[0].Page
			}
		}
	case DocumentRemoved:
		return removeDocument(d, e.Index), nil
	case PageShown:
		s.Page = e.Page
	case SealChosen:
		if now, ok := s.Seal(d.Keys); ok && now.ID == e.ID {
			return d, nil
		}
		s.SealID = e.ID
		return m.findPlaces(d, func(doc Document) bool { return doc.Rule.Kind != RuleHand })
	case RuleChosen:
		return m.chooseRule(d, e.Rule)
	case PlaceFound:
		placeFound(s, e)
	case StraddleChosen:
		return m.chooseStraddle(d, e.Straddle)
	case SlicesFound:
		slicesFound(s, e)
	case Reviewed:
		reviewed(s, e)
	case NormaliseTapped, Normalised:
		return m.normalising(d, e)
	case MarkPlaced, MarkRemoved, ReasonTyped, MatterChosen, ApproverTyped, OutputChosen, SheetToggled:
		edit(s, e)
	default:
		return m.ordering(d, e)
	}
	return d, nil
}

func (m Machine) addDocuments(d Desk, paths []string) (Desk, Cmd) {
	s := &d.Sealing
	if s.Phase.Busy() || len(paths) == 0 {
		return d, nil
	}
	if s.Phase == SealDone {
		*s = s.leaveResult()
	}
	var cmds []Cmd
	first := -1
	for _, p := range paths {
		if at := slices.IndexFunc(s.Documents, func(doc Document) bool { return doc.Path == p }); at >= 0 {
			if first < 0 {
				first = at
			}
			continue
		}
		if first < 0 {
			first = len(s.Documents)
		}
		s.Documents = append(slices.Clone(s.Documents), Document{Path: p, Rule: s.Rule, Straddle: s.Straddle})
		cmds = append(cmds, m.openDocument(p))
	}
	s.Phase, s.Current, s.Page = SealPlacing, first, 1
	s.Sheet = len(s.Documents) > 1 && len(paths) > 1
	return d, inTurn(cmds)
}

// inTurn runs commands one after another: documents are opened in the order of the list.
func inTurn(cmds []Cmd) Cmd {
	if len(cmds) == 0 {
		return nil
	}
	return func(ctx context.Context, send func(Event)) {
		for _, c := range cmds {
			if ctx.Err() != nil {
				return
			}
			c(ctx, send)
		}
	}
}

func removeDocument(d Desk, at int) Desk {
	s := &d.Sealing
	if at < 0 || at >= len(s.Documents) || s.Phase.Busy() {
		return d
	}
	s.Documents = slices.Delete(slices.Clone(s.Documents), at, at+1)
	s.Current = min(s.Current, len(s.Documents)-1)
	if at < s.Current {
		s.Current--
	}
	s.Page = 1
	if len(s.Documents) == 0 {
		s.Phase, s.Current, s.Sheet = SealEmpty, 0, false
	}
	return d
}

// findPlaces asks for the places of the documents that want is true for, and for slices that are not known.
func (m Machine) findPlaces(d Desk, want func(Document) bool) (Desk, Cmd) {
	seal, ok := d.Sealing.Seal(d.Keys)
	if !ok {
		return d, nil
	}
	var cmds []Cmd
	for _, doc := range d.Sealing.Documents {
		if !want(doc) || !doc.Loaded || doc.Rule.Kind == RuleHand || doc.Done() {
			continue
		}
		rule, path := doc.Rule, doc.Path
		d.Sealing = d.Sealing.change(path, func(o Document) Document {
			o.Finding, o.PlaceErr = true, nil
			return o
		})
		cmds = append(cmds, func(ctx context.Context, send func(Event)) {
			marks, err := m.Work.Resolve(ctx, path, rule, seal)
			send(PlaceFound{Path: path, Rule: rule, Marks: marks, Err: err})
		})
	}
	d, slices := m.findSlices(d)
	return d, Batch(inTurn(cmds), slices)
}

func (m Machine) chooseRule(d Desk, r Rule) (Desk, Cmd) {
	s := &d.Sealing
	if s.Phase.Busy() {
		return d, nil
	}
	doc, ok := s.Document()
	if r.Kind == RuleHand {
		if ok {
			*s = s.change(doc.Path, func(o Document) Document { return o.byHand() })
		}
		return d, nil
	}
	s.Rule = r
	var changed []string
	for _, o := range s.Documents {
		if o.Path == doc.Path || o.Rule.Kind != RuleHand {
			changed = append(changed, o.Path)
			*s = s.change(o.Path, func(o Document) Document { o.Rule, o.Marks, o.PlaceErr = r, nil, nil; return o })
		}
	}
	return m.findPlaces(d, func(o Document) bool { return slices.Contains(changed, o.Path) })
}

// placeFound takes the answer of a rule, unless the user has gone on in the meantime.
func placeFound(s *Sealing, e PlaceFound) {
	shown, _ := s.Document()
	*s = s.change(e.Path, func(doc Document) Document {
		if doc.Rule != e.Rule {
			return doc
		}
		doc.Finding, doc.Marks, doc.PlaceErr = false, e.Marks, e.Err
		return doc
	})
	if shown.Path == e.Path && len(e.Marks) > 0 && !s.Phase.Busy() {
		s.Page = e.Marks[0].Page
	}
}

// edit applies what the user does by hand.
func edit(s *Sealing, e Event) {
	if s.Phase.Busy() || s.Phase == SealDone {
		return
	}
	doc, ok := s.Document()
	switch e := e.(type) {
	case MarkPlaced:
		if ok {
			*s = s.change(doc.Path, func(o Document) Document { return o.place(e.Mark) })
		}
	case MarkRemoved:
		if ok {
			*s = s.change(doc.Path, func(o Document) Document { return o.remove(e.Page) })
		}
	case ReasonTyped:
		s.Reason = clip(e.Text, maxReason)
	case MatterChosen:
		if e.Matter == "" || e.Matter.Known() {
			s.Matter = e.Matter
		}
	case ApproverTyped:
		s.Approver = clip(e.Text, maxApprover)
	case OutputChosen:
		s.OutDir = e.Dir
	case SheetToggled:
		s.Sheet = !s.Sheet
	}
}

// maxReason bounds the reason, which stands in the signature dictionary, maxApprover a name in the register, in bytes.
const (
	maxReason   = 500
	maxApprover = 200
)

// clip cuts a text after its last whole character within n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// ordering applies the events of a running order.
func (m Machine) ordering(d Desk, e Event) (Desk, Cmd) {
	s := &d.Sealing
	switch e := e.(type) {
	case FinishTapped:
		if d.Blocked() != (Block{}) {
			return d, nil
		}
		return m.begin(d)
	case OrderStarted:
		s.stop = e.Stop
	case PINAsked:
		if !s.Phase.Busy() {
			return d, answer(&e, token.PIN{}, token.ErrPINCancelled)
		}
		s.Phase, s.Ask = SealPIN, &e
	case PINEntered:
		if s.Ask == nil {
			e.PIN.Wipe()
			return d, nil
		}
		ask := s.Ask
		s.Phase, s.Ask = SealWorking, nil
		return d, answer(ask, e.PIN, nil)
	case PINCancelled:
		if s.Ask != nil {
			ask := s.Ask
			s.Phase, s.Ask = SealPreparing, nil
			return d, answer(ask, token.PIN{}, token.ErrPINCancelled)
		}
	case ProgressMade:
		s.Progress = e.Progress
		if s.Phase == SealPreparing && e.Progress.Stage == StageSeal {
			s.Phase = SealWorking
		}
	case StopTapped:
		return d.stopOrder()
	case OrderEnded:
		d = orderEnded(d, e)
		d.Center = d.Center.seen(e.Outcomes)
		if d.Screen == ScreenRegister {
			return m.readRegister(d)
		}
	case SealAgain:
		if s.Phase == SealDone {
			*s = s.leaveResult()
		}
	case RetryTapped:
		if s.Phase != SealDone {
			return d, nil
		}
		*s = s.leaveResult()
		if d.Blocked() == (Block{}) {
			return m.begin(d)
		}
	}
	return d, nil
}

func answer(ask *PINAsked, pin token.PIN, err error) Cmd {
	return func(context.Context, func(Event)) { ask.Reply(pin, err) }
}

// begin starts an order for all documents that are still open.
func (m Machine) begin(d Desk) (Desk, Cmd) {
	s := &d.Sealing
	seal, _ := s.Seal(d.Keys)
	key, _ := d.Keys.Key()
	s.Phase, s.Progress, s.Err, s.insertion, s.Ordered = SealPreparing, Progress{}, nil, key.Insertion, nil
	order := Order{SealID: seal.ID, Reason: strings.TrimSpace(s.Reason), Matter: s.Matter, Approver: strings.TrimSpace(s.Approver), OutDir: s.OutDir}
	for _, doc := range s.Open() {
		s.Ordered = append(s.Ordered, doc.Path)
		order.Documents = append(order.Documents, OrderDocument{In: doc.Path, Marks: slices.Clone(doc.Marks), Straddle: doc.Straddle})
	}
	return d, func(ctx context.Context, send func(Event)) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		send(OrderStarted{Stop: stop})
		order.PIN = func(ctx context.Context, r token.PINRequest) (token.PIN, error) { return askPIN(ctx, r, send) }
		order.Progress = func(p Progress) { send(ProgressMade{p}) }
		outcomes, err := m.Work.Seal(ctx, order)
		send(OrderEnded{Outcomes: outcomes, Err: err})
	}
}

// askPIN sends the question and waits for its answer or the end of ctx.
func askPIN(ctx context.Context, r token.PINRequest, send func(Event)) (token.PIN, error) {
	type reply struct {
		pin token.PIN
		err error
	}
	answered := make(chan reply, 1)
	send(PINAsked{Request: r, Reply: func(p token.PIN, err error) { answered <- reply{p, err} }})
	select {
	case a := <-answered:
		return a.pin, a.err
	case <-ctx.Done():
		return token.PIN{}, context.Cause(ctx)
	}
}

// stopOrder cancels the running order; an open PIN question ends with it.
func (d Desk) stopOrder() (Desk, Cmd) {
	s := &d.Sealing
	if !s.Phase.Busy() || s.stop == nil {
		return d, nil
	}
	stop := s.stop
	s.stop, s.Ask = nil, nil
	if s.Phase == SealPIN {
		s.Phase = SealPreparing
	}
	return d, func(context.Context, func(Event)) { stop() }
}

// orderEnded files the outcomes. A cancel before anything was sealed leads back in silence.
func orderEnded(d Desk, e OrderEnded) Desk {
	s := &d.Sealing
	s.stop, s.Ask, s.Ordered = nil, nil, nil
	done := slices.ContainsFunc(e.Outcomes, func(o Outcome) bool { return o.Sealed })
	if !done && (errors.Is(e.Err, token.ErrPINCancelled) || errors.Is(e.Err, context.Canceled)) {
		s.Phase = SealPlacing
		return d
	}
	s.Phase, s.Err = SealDone, e.Err
	for _, o := range e.Outcomes {
		*s = s.change(o.In, func(doc Document) Document { doc.Outcome = &o; return doc })
	}
	if errors.Is(e.Err, token.ErrRemoved) {
		if key, ok := d.Keys.Key(); !ok || key.Insertion == s.insertion {
			d.Keys.Removed = true
		}
	}
	return d
}

// leaveResult keeps the documents that were not sealed.
func (s Sealing) leaveResult() Sealing {
	var rest []Document
	for _, doc := range s.Documents {
		if !doc.Done() {
			doc.Outcome = nil
			rest = append(rest, doc)
		}
	}
	s.Documents, s.Current, s.Page, s.Err, s.Phase = rest, 0, 1, nil, SealPlacing
	s.Sheet = len(rest) > 1
	switch {
	case len(rest) == 0: // what was said of these documents is not said of the next
		s.Phase, s.Sheet, s.Reason, s.Matter, s.Approver, s.OutDir = SealEmpty, false, "", "", "", ""
	case len(rest[0].Marks) > 0:
		s.Page = rest[0].Marks[0].Page
	}
	return s
}
