package tokentest

import (
	"time"

	"sealdesk/token"
)

func pulls(b Bench) bool { return b.Remove != nil && b.Insert != nil }

func pullsSM2(b Bench) bool { return pulls(b) && b.SM2 }

func swaps(b Bench) bool { return b.Swap != nil }

func watches(b Bench) bool {
	_, ok := b.Provider.(token.Watcher)
	return ok && pulls(b)
}

var removal = []testCase{
	{"a pulled key is gone for every call", pulls, func(r *rig) {
		id := r.info().ID
		tok := r.open()
		r.Remove()
		_, err := tok.Info(r.ctx)
		r.want(err, token.ErrRemoved)
		_, err = tok.Certificates(r.ctx)
		r.want(err, token.ErrRemoved)
		_, err = tok.Objects(r.ctx)
		r.want(err, token.ErrRemoved)
		r.want(tok.Login(r.ctx, r.never), token.ErrRemoved)
		_, err = r.Provider.Open(r.ctx, id)
		r.want(err, token.ErrNoToken)
		r.must(tok.Logout(r.ctx))
		r.must(tok.Close())
	}},
	{"a key pulled during the PIN dialogue", pulls, func(r *rig) {
		tok := r.open()
		r.on = func(token.Info) { r.Remove() }
		r.want(tok.Login(r.ctx, r.answer(r.PIN, false)), token.ErrRemoved)
		r.wiped()
	}},
	{"a key pulled and put back during the PIN dialogue", pulls, func(r *rig) {
		tok := r.open()
		r.on = func(token.Info) { r.Remove(); r.Insert() }
		r.want(tok.Login(r.ctx, r.answer(r.PIN, false)), token.ErrRemoved)
		if r.info().PIN.Warns() {
			r.Errorf("a try was spent: %+v", r.info().PIN)
		}
	}},
	{"a key pulled before and after a signature", pullsSM2, func(r *rig) {
		tok := r.open()
		r.login(tok)
		s := r.signer(tok)
		der, err := s.SignSM2(r.ctx, []byte("m"))
		r.must(err)
		r.Remove()
		r.check([]byte("m"), der)
		_, err = s.SignSM2(r.ctx, []byte("m"))
		r.want(err, token.ErrRemoved)
	}},
	{"a key put back is opened anew", pullsSM2, func(r *rig) {
		before := r.info()
		tok := r.open()
		r.login(tok)
		s := r.signer(tok)
		r.Remove()
		r.Insert()
		_, err := s.SignSM2(r.ctx, []byte("m"))
		r.want(err, token.ErrRemoved)
		_, err = tok.Info(r.ctx)
		r.want(err, token.ErrRemoved)
		if after := r.info(); after.ID != before.ID {
			r.Errorf("the name changed from %s to %s", before.ID, after.ID)
		}
		again := r.open()
		_, err = again.Signer(r.ctx, r.Certificate)
		r.want(err, token.ErrNotLoggedIn)
		r.login(again)
		der, err := r.signer(again).SignSM2(r.ctx, []byte("m"))
		r.must(err)
		r.check([]byte("m"), der)
	}},
	{"another key in the slot is another key", swaps, func(r *rig) {
		before := r.info()
		tok := r.open()
		r.Swap()
		_, err := tok.Certificates(r.ctx)
		r.want(err, token.ErrRemoved)
		r.want(tok.Login(r.ctx, r.never), token.ErrRemoved)
		after := r.info()
		if after.ID == before.ID {
			r.Errorf("both are called %s", after.ID)
		}
		other := r.open()
		r.want(other.CheckSM2(r.ctx, r.Certificate), token.ErrNoKey)
	}},
	{"another key in the slot during the PIN dialogue gets no PIN", swaps, func(r *rig) {
		tok := r.open()
		r.on = func(token.Info) { r.Swap() }
		r.want(tok.Login(r.ctx, r.answer(r.WrongOr(r.PIN), false)), token.ErrRemoved)
		r.on = nil
		if r.info().PIN.Warns() {
			r.Errorf("a try was spent: %+v", r.info().PIN)
		}
	}},
	{"the watch sees keys come and go", watches, func(r *rig) {
		events, err := r.Provider.(token.Watcher).Watch(token.Waiting(r.ctx))
		r.must(err)
		id := r.info().ID
		r.event(events, token.Inserted, id)
		r.Remove()
		r.event(events, token.Removed, id)
		r.Insert()
		r.event(events, token.Inserted, id)
		r.must(r.Provider.Close())
	}},
}

// WrongOr gives the wrong PIN where one may be tried, else pin.
func (b Bench) WrongOr(pin []byte) []byte {
	if b.WrongPIN != nil {
		return b.WrongPIN
	}
	return pin
}

// event waits for one event of a key; those of other keys are passed over.
func (r *rig) event(events <-chan token.Event, kind token.EventKind, id token.ID) {
	r.Helper()
	timeout := time.After(2 * time.Minute)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				r.Fatalf("the watch ended, want %s", kind)
			}
			if e.Info.ID != id {
				continue
			}
			if e.Kind != kind {
				r.Fatalf("got %s, want %s", e.Kind, kind)
			}
			return
		case <-timeout:
			r.Fatalf("no event, want %s", kind)
		}
	}
}
