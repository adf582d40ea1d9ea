package state

import (
	"context"
	"slices"
	"testing"
)

// A folder that was chosen for the sealed files goes with the order, and is not kept for the documents after it.
func TestOutputChosen(t *testing.T) {
	w := work("a.pdf", "b.pdf")
	var dirs []string
	w.seal = func(_ context.Context, o Order) ([]Outcome, error) {
		dirs = append(dirs, o.OutDir)
		return sealedAll(o), nil
	}
	b := newBench(t, w).do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf"}}, OutputChosen{Dir: "/out"}, FinishTapped{})
	if b.d.Sealing.Phase != SealDone || b.d.Sealing.OutDir != "/out" {
		t.Fatalf("phase %s, folder %q", b.d.Sealing.Phase, b.d.Sealing.OutDir)
	}
	b.do(OutputChosen{Dir: "/late"})
	if b.d.Sealing.OutDir != "/out" {
		t.Error("the folder changes after sealing")
	}
	b.do(SealAgain{}, FilesDropped{Paths: []string{"b.pdf"}}, FinishTapped{})
	if !slices.Equal(dirs, []string{"/out", ""}) {
		t.Errorf("the orders went to %q", dirs)
	}
}

// Looking again opens the driver anew, but not under a running order.
func TestRecheckTapped(t *testing.T) {
	w := work("a.pdf")
	b := newBench(t, w).do(KeysRead{}, RecheckTapped{})
	if got := b.d.KeyState(); got != KeyReading || !slices.Contains(w.calls, "recheck") {
		t.Errorf("state %s, calls %q", got, w.calls)
	}
	w.calls = nil
	b.do(KeysRead{Keys: []Key{key()}})
	b.d.Sealing.Phase = SealWorking
	b.do(RecheckTapped{})
	if b.d.KeyState() != KeyReady || slices.Contains(w.calls, "recheck") {
		t.Error("the driver is opened anew while it signs")
	}
}
