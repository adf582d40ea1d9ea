package keeper

import (
	"testing"
	"time"

	"sealdesk/pdfseal/trust"
)

func TestCurrent_clock(t *testing.T) {
	b := newBench(t)
	b.take(b.issue(1, now, nil), now)
	day := 24 * time.Hour
	current := func(at time.Time) error {
		s, err := b.keep.Current(at)
		s.Close()
		return err
	}
	for _, c := range []struct {
		at   time.Duration
		want trust.Reason
	}{
		{-10 * time.Minute, ""}, {-11 * time.Minute, trust.ReasonClockBack}, // before the issue
		{400 * day, ""}, {400*day - day, ""}, {400*day - day - time.Second, trust.ReasonClockBack}, {0, trust.ReasonClockBack},
	} {
		if err := current(now.Add(c.at)); reason(err) != c.want {
			t.Errorf("%v later: %v, want %q", c.at, err, c.want)
		}
	}
	b.refusedAll("import with the clock behind", b.issue(2, now, nil), now, trust.ReasonClockBack)
}

// TestImport_clockThatRanAhead: a clock that once stood years ahead does not shut the office out for good. Who states the root answers for
// the clock; an older bundle is refused all the same.
func TestImport_clockThatRanAhead(t *testing.T) {
	b := newBench(t)
	older, present := b.issue(1, now, nil), b.issue(2, now, nil)
	b.take(older, now)
	b.take(present, now)
	s, err := b.keep.Current(now.AddDate(70, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	b.refusedAll("without a root", present, now, trust.ReasonClockBack)
	for path, want := range map[string]trust.Reason{older: trust.ReasonRollback, b.issue(3, now.Add(time.Hour), nil): trust.ReasonFutureDated} {
		if _, err := b.keep.Import(t.Context(), path, ImportOptions{Now: now, Root: b.by.Fingerprint()}); reason(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := b.keep.Current(now); reason(err) != trust.ReasonClockBack {
		t.Errorf("after refused imports: %v", err)
	}
	done, err := b.keep.Import(t.Context(), present, ImportOptions{Now: now, Root: b.by.Fingerprint()})
	if err != nil || !done.Unchanged || done.Number != 2 || b.number(now) != 2 {
		t.Errorf("%+v, %v", done, err)
	}
	b.take(b.issue(3, now, nil), now)
}

func (b *bench) refusedAll(name, path string, at time.Time, want trust.Reason) {
	b.Helper()
	if _, err := b.keep.Import(b.Context(), path, ImportOptions{Now: at}); reason(err) != want {
		b.Errorf("%s: %v", name, err)
	}
}
