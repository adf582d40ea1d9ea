package keeper

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/trust"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// bench is a centre with its bundles and a computer that imports them.
type bench struct {
	*testing.T
	pki  *sealtest.PKI
	by   *sealtest.Updater
	src  string // folder of bundles
	keep *Keeper
}

func newBench(t *testing.T) *bench {
	t.Helper()
	pki, err := sealtest.NewSeededPKI(now, "keeper")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, pki: pki, by: updater(t, "keeper"), src: t.TempDir()}
	b.keep = b.open(filepath.Join(t.TempDir(), "trust"), b.by.Fingerprint())
	return b
}

func updater(t *testing.T, seed string) *sealtest.Updater {
	t.Helper()
	u, err := sealtest.NewUpdater(now, seed)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (b *bench) open(dir, root string) *Keeper {
	b.Helper()
	k, err := Open(dir, Options{Root: root})
	if err != nil {
		b.Fatal(err)
	}
	return k
}

// issue writes a bundle and answers its path.
func (b *bench) issue(number int, at time.Time, change func(*trust.BundleSpec), keys ...cms.Key) string {
	b.Helper()
	spec, err := b.pki.BundleSpec(at, sealtest.TrustSpec{Number: number}, b.by)
	if err != nil {
		b.Fatal(err)
	}
	if change != nil {
		change(&spec)
	}
	if keys == nil {
		keys = []cms.Key{b.by.Key()}
	}
	states := []trust.SealStatus{{ID: "1", Status: trust.StatusInForce}, {ID: "2", Status: trust.StatusCancelled, Since: at}}
	raw, err := sealtest.WriteBundle(spec, sealtest.Records(states), keys...)
	if err != nil {
		b.Fatal(err)
	}
	f, err := os.CreateTemp(b.src, "bundle")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(raw); err != nil {
		b.Fatal(err)
	}
	return f.Name()
}

func (b *bench) take(path string, at time.Time) Imported {
	b.Helper()
	done, err := b.keep.Import(b.Context(), path, ImportOptions{Now: at})
	if err != nil {
		b.Fatal(err)
	}
	return done
}

// refused demands a reason, and that the bundle in use is the one before.
func (b *bench) refused(name, path string, at time.Time, o ImportOptions, want trust.Reason, still int) {
	b.Helper()
	o.Now = at
	_, err := b.keep.Import(b.Context(), path, o)
	if reason(err) != want {
		b.Errorf("%s: %v, want %s", name, err, want)
	}
	if got := b.number(now.AddDate(0, 0, 1)); got != still {
		b.Errorf("%s: number %d in use, want %d", name, got, still)
	}
	entries, _ := os.ReadDir(b.keep.Dir())
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), tempPrefix) {
			b.Errorf("%s: %s is left", name, e.Name())
		}
	}
}

func reason(err error) trust.Reason {
	var r *trust.Refusal
	if errors.As(err, &r) {
		return r.Reason
	}
	return ""
}

// number is that of the bundle in use, 0 for none.
func (b *bench) number(at time.Time) int {
	b.Helper()
	s, err := b.keep.Current(at)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if s != nil {
		if err := s.Check(b.Context()); err != nil {
			b.Error(err)
		}
	}
	return s.Number()
}

func TestImport_sequence(t *testing.T) {
	b := newBench(t)
	if s, err := b.keep.Current(now); s != nil || err != nil {
		t.Fatalf("before the first: %v %v", s, err)
	}
	first := b.issue(3, now, nil)
	if done := b.take(first, now); done.Number != 3 || done.Former != 0 || done.Unchanged || done.RootChanged || done.Gap || !slices.Equal(done.Roots, []string{b.by.Fingerprint()}) {
		t.Errorf("%+v", done)
	}
	if done := b.take(first, now); !done.Unchanged || done.Number != 3 {
		t.Errorf("again: %+v", done)
	}
	s, err := b.keep.Current(now)
	if err != nil {
		t.Fatal(err)
	}
	manifest := s.Manifest()
	s.Close()
	next := b.issue(4, now.Add(time.Hour), func(s *trust.BundleSpec) { s.Previous = manifest })
	if done := b.take(next, now.Add(2*time.Hour)); done.Number != 4 || done.Former != 3 || done.Gap {
		t.Errorf("%+v", done)
	}
	if done := b.take(b.issue(5, now.Add(time.Hour), func(s *trust.BundleSpec) { s.Previous = manifest }), now.Add(2*time.Hour)); !done.Gap {
		t.Errorf("%+v", done)
	}
	if done := b.take(b.issue(9, now.Add(time.Hour), nil), now.Add(2*time.Hour)); done.Number != 9 || done.Former != 5 || done.Gap {
		t.Errorf("%+v", done)
	}
	var bundles int
	entries, err := os.ReadDir(b.keep.Dir())
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), bundlePrefix) {
			bundles++
		}
		if info, err := e.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, others may read it", e.Name(), err)
		}
	}
	if err != nil || bundles != 2 {
		t.Errorf("%d bundles are kept, %v", bundles, err)
	}
}

func TestImport_refusals(t *testing.T) {
	b := newBench(t)
	day := 24 * time.Hour
	good := b.issue(5, now, nil)
	b.take(good, now)
	stranger := updater(t, "stranger")
	foreign := func(s *trust.BundleSpec) { s.Roots = [][]byte{stranger.Root} }
	raw, err := os.ReadFile(b.issue(6, now, nil))
	if err != nil {
		t.Fatal(err)
	}
	file := func(b []byte) string {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	flipped := slices.Clone(raw)
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct {
		path string
		at   time.Time
		o    ImportOptions
		want trust.Reason
	}{
		"older":                 {b.issue(4, now, nil), now, ImportOptions{}, trust.ReasonRollback},
		"same number":           {b.issue(5, now, func(s *trust.BundleSpec) { s.Previous = strings.Repeat("0", 64) }), now, ImportOptions{}, trust.ReasonRollback},
		"expired":               {b.issue(6, now.Add(-day), func(s *trust.BundleSpec) { s.Expires = now.Add(-time.Second) }), now, ImportOptions{}, trust.ReasonExpired},
		"future":                {b.issue(6, now.Add(time.Hour), nil), now, ImportOptions{}, trust.ReasonFutureDated},
		"foreign":               {b.issue(6, now, foreign, stranger.Key()), now, ImportOptions{}, trust.ReasonForeign},
		"foreign, root stated":  {b.issue(6, now, foreign, stranger.Key()), now, ImportOptions{Root: stranger.Fingerprint()}, trust.ReasonForeign},
		"truncated":             {file(raw[:len(raw)-1]), now, ImportOptions{}, trust.ReasonTruncated},
		"longer":                {file(append(slices.Clone(raw), 0)), now, ImportOptions{}, trust.ReasonFormat},
		"changed page":          {file(flipped), now, ImportOptions{}, trust.ReasonMixed},
		"no bundle":             {file([]byte("%PDF-1.7")), now, ImportOptions{}, trust.ReasonFormat},
		"empty":                 {file(nil), now, ImportOptions{}, trust.ReasonTruncated},
		"clock two days behind": {file(raw), now.Add(-2 * day), ImportOptions{}, trust.ReasonClockBack},
	} {
		b.refused(name, c.path, c.at, c.o, c.want, 5)
	}
	if _, err := b.keep.Import(t.Context(), filepath.Join(b.src, "none"), ImportOptions{Now: now}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := b.keep.Import(t.Context(), good, ImportOptions{Now: now, Root: "sm3:12"}); err == nil {
		t.Error("a root that is no fingerprint")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.keep.Import(ctx, file(raw), ImportOptions{Now: now}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if b.number(now) != 5 {
		t.Error("another bundle is in use")
	}
}

func TestImport_firstNeedsRoot(t *testing.T) {
	b := newBench(t)
	path := b.issue(1, now, nil)
	b.keep = b.open(filepath.Join(t.TempDir(), "a"), "")
	b.refused("no root", path, now, ImportOptions{}, trust.ReasonUnpinned, 0)
	b.refused("another root", path, now, ImportOptions{Root: updater(t, "x").Fingerprint()}, trust.ReasonForeign, 0)
	if _, err := b.keep.Import(t.Context(), path, ImportOptions{Now: now, Root: strings.ToUpper(b.by.Fingerprint()[4:])}); err != nil {
		t.Fatal(err)
	}
	// From now on the folder itself knows the root.
	b.take(b.issue(2, now, nil), now)
	if b.number(now) != 2 {
		t.Error("not in use")
	}
	if _, err := Open("x", Options{Root: "sm3:12"}); err == nil {
		t.Error("a root that is no fingerprint")
	}
}

// TestImport_rootChange: signed by old and new; then the count begins anew,
// and a stolen key that has used up the numbers is left behind.
func TestImport_rootChange(t *testing.T) {
	b := newBench(t)
	old, next, third := b.by, updater(t, "next"), updater(t, "third")
	b.take(b.issue(1<<30, now, nil), now) // a thief's
	to := func(roots ...*sealtest.Updater) func(*trust.BundleSpec) {
		return func(s *trust.BundleSpec) {
			s.FormerRoots, s.Roots = s.Roots, nil
			for _, r := range roots {
				s.Roots = append(s.Roots, r.Root)
			}
		}
	}
	high := 1 << 30
	b.refused("genuine bundle, lower number", b.issue(7, now, nil), now, ImportOptions{}, trust.ReasonRollback, high)
	b.refused("change signed by the new one alone", b.issue(7, now, to(next), next.Key()), now, ImportOptions{}, trust.ReasonForeign, high)
	b.refused("one of two new ones has not signed", b.issue(7, now, to(next, third), old.Key(), next.Key()), now, ImportOptions{}, trust.ReasonForeign, high)
	b.refused("an added one has not signed", b.issue(7, now, to(old, next), old.Key()), now, ImportOptions{}, trust.ReasonForeign, high)
	move := b.issue(7, now, to(next), old.Key(), next.Key())
	if done := b.take(move, now); !done.RootChanged || !slices.Equal(done.Roots, []string{next.Fingerprint()}) || done.Number != 7 {
		t.Errorf("%+v", done)
	}
	b.refused("the old root again", b.issue(1<<30+1, now, nil), now, ImportOptions{}, trust.ReasonForeign, 7)
	b.by = next
	b.take(b.issue(8, now, nil), now)
	b.refused("the change again", move, now, ImportOptions{}, trust.ReasonRollback, 8)
	// Back to the old root, by the rules: its count goes on where it stood.
	b.refused("back, lower number", b.issue(9, now, to(old), next.Key(), old.Key()), now, ImportOptions{}, trust.ReasonRollback, 8)
	if done := b.take(b.issue(1<<30+1, now, to(old), next.Key(), old.Key()), now); !done.RootChanged {
		t.Errorf("%+v", done)
	}
}

// TestCurrent_rootOfSettings: the settings name another root than before.
func TestCurrent_rootOfSettings(t *testing.T) {
	b := newBench(t)
	first, next := b.by, updater(t, "next")
	b.take(b.issue(5, now, nil), now)
	dir := b.keep.Dir()
	b.keep = b.open(dir, next.Fingerprint())
	if b.number(now) != 0 {
		t.Error("a bundle of the former root is used")
	}
	b.by = next
	if done := b.take(b.issue(1, now, nil), now); done.Former != 0 || b.number(now) != 1 {
		t.Errorf("%+v", done)
	}
	b.by, b.keep = first, b.open(dir, first.Fingerprint())
	b.refused("the count under the former root is remembered", b.issue(5, now, nil), now, ImportOptions{}, trust.ReasonRollback, 0)
	b.take(b.issue(6, now, nil), now)
}

// TestCurrent_damage: what is not as the last import left it is refused, and importing again repairs it.
func TestCurrent_damage(t *testing.T) {
	b := newBench(t)
	path := b.issue(3, now, nil)
	other := b.issue(4, now, nil)
	b.take(path, now)
	st := b.state()
	bundle := filepath.Join(b.keep.Dir(), st.Current.File)
	good, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func() error{
		"missing":        func() error { return os.Remove(bundle) },
		"truncated":      func() error { return os.WriteFile(bundle, good[:len(good)-1], 0o600) },
		"empty":          func() error { return os.WriteFile(bundle, nil, 0o600) },
		"another bundle": func() error { return os.WriteFile(bundle, wrong, 0o600) },
		"a link": func() error {
			return errors.Join(os.Rename(bundle, bundle+".moved"), os.Symlink(filepath.Base(bundle)+".moved", bundle))
		},
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if s, err := b.keep.Current(now); s != nil || reason(err) != trust.ReasonStateDamaged {
			t.Errorf("%s: %v", name, err)
		}
		if done := b.take(path, now); done.Number != 3 || b.number(now) != 3 {
			t.Errorf("%s: not repaired: %+v", name, done)
		}
	}
	state := filepath.Join(b.keep.Dir(), stateFile)
	text, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string]string{
		"empty": "", "half": string(text[:len(text)/2]), "other format": strings.Replace(string(text), stateFormat, "x", 1),
		"unknown name": strings.Replace(string(text), `"seen"`, `"more": 1, "seen"`, 1), "path outside": strings.Replace(string(text), bundlePrefix, "../bundle-", 1),
		"no roots": strings.Replace(string(text), `"roots": [`, `"roots": [], "unused": [`, 1),
	} {
		if err := os.WriteFile(state, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := b.keep.Current(now); s != nil || reason(err) != trust.ReasonStateDamaged {
			t.Errorf("state %s: %v", name, err)
		}
		b.refusedAll("import over a damaged state", path, now, trust.ReasonStateDamaged)
	}
}

func (b *bench) state() *state {
	b.Helper()
	dir, err := os.OpenRoot(b.keep.Dir())
	if err != nil {
		b.Fatal(err)
	}
	defer dir.Close()
	st, err := readState(dir)
	if err != nil || st == nil {
		b.Fatal(st, err)
	}
	return st
}
