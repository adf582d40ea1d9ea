package state

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/token"
)

var (
	today = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	good  = Seal{ID: "s1", Name: "示范旗人民政府", Width: 42, Height: 42, ValidTo: today.AddDate(2, 0, 0), CertNotAfter: today.AddDate(1, 0, 0), Status: "in-force"}
)

func key(change ...func(*Key)) Key {
	k := Key{Info: token.Info{ID: "k1", Label: "key", Insertion: 1}, Seals: []Seal{good}}
	for _, f := range change {
		f(&k)
	}
	return k
}

// fakeWork answers what a test has set; what is not set is not expected to be asked.
type fakeWork struct {
	mu       sync.Mutex
	info     map[string]DocumentInfo
	seal     func(ctx context.Context, o Order) ([]Outcome, error)
	resolve  func(path string, r Rule) ([]Mark, error)
	review   func(path string, sealed []int, seal Seal) []pdfseal.Finding
	verify   map[string]Verified
	changes  []Spot
	more     []int
	compErr  error
	options  Options
	saveErr  error
	tryErr   error
	copyable bool
	copyErr  error
	sliceErr error
	fetched  Fetched
	fetchErr error
	trust    *TrustState
	exported string
	register RegisterContent
	regErr   error
	center   Center
	opened   string
	calls    []string
}

func (w *fakeWork) called(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, fmt.Sprintf(format, args...))
}

func (w *fakeWork) WatchKeys(ctx context.Context, send func(KeysRead)) {
	send(KeysRead{Keys: []Key{key()}})
	<-ctx.Done()
}

func (w *fakeWork) RecheckKeys(context.Context) { w.called("recheck") }

func (w *fakeWork) Collect(_ context.Context, paths []string) (pdfs, others []string) {
	for _, p := range paths {
		if filepath.Ext(p) == ".pdf" {
			pdfs = append(pdfs, p)
		} else {
			others = append(others, p)
		}
	}
	return pdfs, others
}

var errUnreadable = errors.New("unreadable")

func (w *fakeWork) OpenDocument(_ context.Context, path string) (DocumentInfo, error) {
	if i, ok := w.info[path]; ok {
		return i, nil
	}
	return DocumentInfo{Normalisable: w.copyable}, errUnreadable
}

func (w *fakeWork) Normalise(_ context.Context, path string) (string, error) {
	w.called("normalise %s", path)
	return path + ".copy", w.copyErr
}

func (w *fakeWork) Resolve(_ context.Context, path string, r Rule, _ Seal) ([]Mark, error) {
	if w.resolve != nil {
		return w.resolve(path, r)
	}
	return []Mark{{Page: 2, X: 140, Y: 240}}, nil
}

func (w *fakeWork) Slices(_ context.Context, path string, _ int, s Straddle, seal Seal) ([]pdfseal.PlacedMark, error) {
	w.called("slices %s %s %s", path, s.Edge, seal.ID)
	if w.sliceErr != nil {
		return nil, w.sliceErr
	}
	return []pdfseal.PlacedMark{{Page: 1, Slice: pdfseal.Slice{Edge: s.Edge, N: 1, Of: 2}}, {Page: 2, Slice: pdfseal.Slice{Edge: s.Edge, N: 2, Of: 2}}}, nil
}

func (w *fakeWork) Review(_ context.Context, path string, _ int, sealed []int, seal Seal) ([]pdfseal.Finding, error) {
	if w.review == nil {
		return nil, nil
	}
	return w.review(path, sealed, seal), nil
}

func (w *fakeWork) Seal(ctx context.Context, o Order) ([]Outcome, error) { return w.seal(ctx, o) }

func (w *fakeWork) Verify(_ context.Context, path string) (Verified, error) {
	w.called("verify %s", path)
	if v, ok := w.verify[path]; ok {
		return v, nil
	}
	return Verified{}, errUnreadable
}

func (w *fakeWork) Compare(_ context.Context, _ Verified, found func([]Spot)) ([]int, error) {
	w.called("compare")
	for _, s := range w.changes {
		found([]Spot{s})
	}
	return w.more, w.compErr
}

func (w *fakeWork) Export(_ context.Context, path string, all []Verified) error {
	w.exported = fmt.Sprintf("%s %d", path, len(all))
	return nil
}

func (w *fakeWork) ReadRegister(context.Context) (RegisterContent, error) {
	w.called("read register")
	return w.register, w.regErr
}

func (w *fakeWork) ExportRegister(_ context.Context, path string) error {
	w.exported = path
	return w.regErr
}

func (w *fakeWork) FetchReceipts(context.Context) (Fetched, error) {
	w.called("fetch")
	return w.fetched, w.fetchErr
}

func (w *fakeWork) ProbeCenter(context.Context) Center { return w.center }

func (w *fakeWork) TryCenter(_ context.Context, o CenterOptions) (CenterAnswer, error) {
	w.called("try %s", o.URL)
	return CenterAnswer{Host: o.URL}, w.tryErr
}

func (w *fakeWork) TrustState(context.Context) TrustState {
	if w.trust != nil {
		return *w.trust
	}
	return TrustState{Path: "trust", Number: 7, Issued: today.AddDate(0, 0, -3)}
}

func (w *fakeWork) ImportTrust(_ context.Context, path string) (TrustState, error) {
	if path == "bad"+TrustExtension {
		return TrustState{}, errUnreadable
	}
	return TrustState{Path: path, Name: "centre", Number: 8}, nil
}

func (w *fakeWork) ReadOptions(context.Context) Options            { return w.options }
func (w *fakeWork) SaveOptions(context.Context, Options) error     { return w.saveErr }
func (w *fakeWork) TryModule(context.Context, string) (int, error) { return 1, nil }
func (w *fakeWork) Diagnose(context.Context) []Finding {
	return []Finding{{Grade: GradeGood, Key: "x"}}
}
func (w *fakeWork) SaveDiagnosis(context.Context, string, bool) error { return nil }
func (w *fakeWork) Open(_ context.Context, path string, _ bool) error { w.opened = path; return nil }
func (w *fakeWork) Now() time.Time                                    { return today }

// bench runs a machine: commands run at once and one after another, and their events are applied in order.
type bench struct {
	t *testing.T
	m Machine
	d Desk
}

func newBench(t *testing.T, w *fakeWork) *bench {
	b := &bench{t: t, m: Machine{Work: w}}
	b.d = b.m.Initial(Options{Rule: RuleDate})
	b.do(TrustRead{w.TrustState(t.Context())})
	return b
}

// do applies events, each with everything that follows from it.
func (b *bench) do(events ...Event) *bench {
	b.t.Helper()
	for _, e := range events {
		var mu sync.Mutex
		for queue := []Event{e}; len(queue) > 0; queue = queue[1:] {
			if cmd := b.step(queue[0]); cmd != nil {
				cmd(b.t.Context(), func(e Event) { mu.Lock(); queue = append(queue, e); mu.Unlock() })
			}
		}
	}
	return b
}

// step applies one event and returns the command without running it.
func (b *bench) step(e Event) Cmd {
	b.t.Helper()
	var cmd Cmd
	b.d, cmd = b.m.Step(b.d, e)
	return cmd
}

func warn() pdfseal.Finding {
	return pdfseal.Finding{Level: pdfseal.LevelWarn, Key: pdfseal.FindingForm}
}
func refuse() pdfseal.Finding {
	return pdfseal.Finding{Level: pdfseal.LevelRefuse, Key: pdfseal.FindingDocMDP}
}
