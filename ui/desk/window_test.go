package desk

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/trust"
	"sealdesk/ui/state"
)

// window runs the state machine on a desk, as the program does.
type window struct {
	t     *testing.T
	loop  *state.Loop[state.Desk]
	posts chan func()
}

func (o *office) window() *window {
	o.t.Helper()
	w := &window{t: o.t, posts: make(chan func(), 1000)}
	ctx, stop := context.WithCancel(context.Background())
	m := state.Machine{Work: o.Desk}
	w.loop = state.NewLoop(ctx, m.Initial(o.ReadOptions(ctx)), m.Step, func(state.Desk) {}, func(f func()) { w.posts <- f })
	w.loop.Start(m.Begin())
	o.t.Cleanup(func() {
		stop()
		ended := make(chan struct{})
		go func() { w.loop.Wait(); close(ended) }()
		for {
			select {
			case f := <-w.posts:
				f()
			case <-ended:
				return
			}
		}
	})
	return w
}

// until runs what is posted until the state is as wanted.
func (w *window) until(what string, ok func(state.Desk) bool) state.Desk {
	w.t.Helper()
	for end := time.After(2 * time.Minute); ; {
		if d := w.loop.State(); ok(d) {
			return d
		}
		select {
		case f := <-w.posts:
			f()
		case <-end:
			w.t.Fatalf("waited in vain: %s; %+v", what, w.loop.State().Sealing)
		}
	}
}

func (w *window) do(events ...state.Event) {
	for _, e := range events {
		w.loop.Dispatch(e)
	}
}

// Who gives up at the PIN is back where they were, and leaves nothing behind, neither file nor record (users.md §9, 7).
func TestWindow_cancelAtThePINIsSilent(t *testing.T) {
	o := newOffice(t)
	path := o.write("a.pdf", blank(a4))
	w := o.window()
	w.until("the key is there", func(d state.Desk) bool { return d.KeyState().Usable() && d.Trust.Loaded() })
	w.do(state.FilesDropped{Paths: []string{path}})
	w.until("the document is read", func(d state.Desk) bool {
		doc, ok := d.Sealing.Document()
		return ok && doc.Loaded && !doc.Finding
	})
	w.do(state.RuleChosen{Rule: state.Rule{Kind: state.RuleHand}}, state.MarkPlaced{Mark: state.Mark{Page: 1, X: 100, Y: 100}}, state.FinishTapped{})
	w.until("the PIN is asked", func(d state.Desk) bool { return d.Sealing.Ask != nil })
	w.do(state.PINCancelled{})
	d := w.until("the order has ended", func(d state.Desk) bool { return !d.Sealing.Phase.Busy() })
	if d.Sealing.Phase != state.SealPlacing || d.Sealing.Err != nil || len(d.Notices) != 0 || len(d.Sealing.Documents[0].Marks) != 1 {
		t.Errorf("phase %s, %v, notices %v", d.Sealing.Phase, d.Sealing.Err, d.Notices)
	}
	content, err := o.ReadRegister(t.Context())
	if err != nil || len(content.Uses) != 0 {
		t.Errorf("recorded %+v, %v", content.Uses, err)
	}
	if left, _ := filepath.Glob(filepath.Join(o.dir, "a_*")); len(left) > 0 || o.key.Logins() != 0 {
		t.Errorf("there is %v after %d log-ins", left, o.key.Logins())
	}
}

// What a bundle fixes shows in the settings as soon as it is imported.
func TestWindow_importedPolicyShowsAtOnce(t *testing.T) {
	o := newOffice(t)
	w := o.window()
	w.do(state.ScreenChosen{Screen: state.ScreenSettings})
	w.until("the settings are read", func(d state.Desk) bool { return d.Settings.Draft.Suffix != "" && d.Trust.Loaded() })
	spec := sealtest.TrustSpec{Number: 5, Policy: trust.Policy{Locked: []trust.Setting{{Name: "output.suffix", Value: "_fixed"}}}}
	raw, err := o.pki.Bundle(o.now, spec, o.by)
	if err != nil {
		t.Fatal(err)
	}
	w.do(state.TrustChosen{Path: o.write("locked.sdtb", raw)})
	d := w.until("the lock shows", func(d state.Desk) bool { return d.Settings.Draft.Locked["suffix"] != "" })
	if d.Settings.Draft.Suffix != "_fixed" || d.Options.Suffix != "_fixed" || d.Screen != state.ScreenSettings {
		t.Errorf("%+v", d.Settings.Draft)
	}
}
