package job

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/trust"
	"sealdesk/pdfseal/trust/keeper"
	"sealdesk/ui/explain"
)

// fakeBundles hands out one bundle.
type fakeBundles struct {
	number int
	raw    []byte
	half   error // after half of it
	have   []int
}

func (f *fakeBundles) Host() string { return "centre.example:443" }

func (f *fakeBundles) Bundle(ctx context.Context, w io.Writer, have int) (int, bool, error) {
	f.have = append(f.have, have)
	if err := ctx.Err(); err != nil {
		return 0, false, err
	}
	if have == f.number {
		return f.number, false, nil
	}
	part := f.raw
	if f.half != nil {
		part = f.raw[:len(f.raw)/2]
	}
	if _, err := w.Write(part); err != nil {
		return 0, false, err
	}
	return f.number, true, f.half
}

func TestUpdateTrust(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	now := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	pki, err := sealtest.NewPKI(now)
	if err != nil {
		t.Fatal(err)
	}
	by, err := sealtest.NewUpdater(now, "")
	if err != nil {
		t.Fatal(err)
	}
	bundle := func(number int) []byte {
		raw, err := pki.Bundle(now, sealtest.TrustSpec{Number: number, Seals: []trust.SealStatus{{ID: "1", Status: trust.StatusInForce}}}, by)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	dir := filepath.Join(t.TempDir(), "trust")
	k, err := keeper.Open(dir, keeper.Options{})
	if err != nil {
		t.Fatal(err)
	}
	from := &fakeBundles{number: 3, raw: bundle(3)}
	if _, err := UpdateTrust(t.Context(), from, k, "", now); explain.Error(err).Key != "trust.unpinned" || explain.Error(err).Data["Path"] != from.Host() {
		t.Errorf("without a root: %v", err)
	}
	done, err := UpdateTrust(t.Context(), from, k, by.Fingerprint(), now)
	if err != nil || done.Number != 3 || done.Former != 0 {
		t.Errorf("%+v, %v", done, err)
	}
	if done, err = UpdateTrust(t.Context(), from, k, "", now); err != nil || !done.Unchanged || done.Number != 3 || len(done.Roots) != 1 {
		t.Errorf("again: %+v, %v", done, err)
	}
	older := &fakeBundles{number: 2, raw: bundle(2)}
	if _, err := UpdateTrust(t.Context(), older, k, "", now); explain.Error(err).Key != "trust.rollback" {
		t.Errorf("an older one: %v", err)
	}
	next := &fakeBundles{number: 4, raw: bundle(4), half: fault(center.KindHalf)}
	if _, err := UpdateTrust(t.Context(), next, k, "", now); explain.Error(err).Key != "center.half" {
		t.Errorf("half: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := UpdateTrust(ctx, next, k, "", now); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	next.half, next.raw = nil, next.raw[:len(next.raw)-1]
	if _, err := UpdateTrust(t.Context(), next, k, "", now); explain.Error(err).Key != "trust.truncated" {
		t.Errorf("cut: %v", err)
	}
	next.raw = bundle(4)
	if done, err = UpdateTrust(t.Context(), next, k, "", now); err != nil || done.Number != 4 || done.Former != 3 || next.have[0] != 3 {
		t.Errorf("%+v, %v, asked with %v", done, err, next.have)
	}
	// A bundle that was damaged here is fetched again.
	names, err := filepath.Glob(filepath.Join(dir, "bundle-4-*"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	write(t, names[0], "x")
	if done, err = UpdateTrust(t.Context(), next, k, "", now); err != nil || done.Number != 4 || next.have[len(next.have)-1] != 0 {
		t.Errorf("%+v, %v, asked with %v", done, err, next.have)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

var _ Bundles = (*center.Client)(nil)
