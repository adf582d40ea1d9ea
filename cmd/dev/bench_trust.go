package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/trust"
)

// trustLookups is the number of seals that the bench looks up.
const trustLookups = 20_000

// trust writes a bundle of n seals, of which one in 16 was suspended once, and
// opens it, imports it and looks seals up.
func (b *bench) trust(ctx context.Context, n int) error {
	path := filepath.Join(b.dir, "large.sdtb")
	start := time.Now()
	root, err := writeLargeBundle(ctx, path, n)
	if err != nil {
		return err
	}
	written := time.Since(start)
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	settings := filepath.Join(b.dir, "trust.toml")
	if err := os.WriteFile(settings, fmt.Appendf(nil, "[trust_bundle]\nroot = %q\n", root), 0o600); err != nil {
		return err
	}
	var show, take figure
	for range benchRounds {
		if err := show.run(b.command(ctx, b.office.Sealctl, "--config", settings, "trust", "show", path)); err != nil {
			return err
		}
		if err := os.RemoveAll(filepath.Join(b.dir, "trust")); err != nil {
			return err
		}
		if err := take.run(b.command(ctx, b.office.Sealctl, "--config", settings, "trust", "import", path)); err != nil {
			return err
		}
	}
	opened, p50, p99, err := lookUp(path, root, n)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\ntrust bundle of %d seals, %.1f MB, written in %.1f s\n", n, float64(info.Size())/1e6, written.Seconds())
	for _, row := range []struct {
		name string
		f    figure
	}{{"sealctl trust show", show}, {"sealctl trust import", take}} {
		fmt.Fprintf(b.out, "%-28s %8.3f s %14.1f MB\n", row.name, row.f.took.Seconds(), float64(row.f.rss)/1e6)
	}
	fmt.Fprintf(b.out, "%-28s %8.3f ms\n%-28s %8.3f ms %8.3f ms\n", "open", milliseconds(opened), "look-up, p50 and p99", milliseconds(p50), milliseconds(p99))
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func benchSealID(i int) string { return fmt.Sprintf("152999%08d", i) }

// writeLargeBundle answers the fingerprint of the bundle's root.
func writeLargeBundle(ctx context.Context, path string, n int) (root string, err error) {
	now := time.Now().UTC()
	pki, err := sealtest.NewPKI(now)
	if err != nil {
		return "", err
	}
	updater, err := sealtest.NewUpdater(now, "")
	if err != nil {
		return "", err
	}
	spec, err := pki.BundleSpec(now, sealtest.TrustSpec{}, updater)
	if err != nil {
		return "", err
	}
	seals := func(yield func(trust.SealRecord) bool) {
		for i := range n {
			r := trust.SealRecord{ID: benchSealID(i), Division: "152999", History: []trust.SealStatus{{Status: trust.StatusInForce, Since: now.AddDate(-1, 0, 0)}}}
			if i%16 == 0 {
				r.History = append(r.History, trust.SealStatus{Status: trust.StatusSuspended, Since: now.AddDate(0, -2, 0)},
					trust.SealStatus{Status: trust.StatusInForce, Since: now.AddDate(0, -1, 0)})
			}
			if !yield(r) {
				return
			}
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	err = trust.WriteBundle(ctx, out, spec, seals, updater.Key())
	if err == nil {
		err = out.Flush()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return updater.Fingerprint(), err
}

// lookUp opens the bundle and asks for seals in no order.
func lookUp(path, root string, n int) (opened, p50, p99 time.Duration, err error) {
	start := time.Now()
	s, err := trust.Open(path, trust.Pins{Roots: []string{root}})
	if err != nil {
		return 0, 0, 0, err
	}
	defer s.Close()
	opened = time.Since(start)
	took := make([]time.Duration, 0, trustLookups)
	for i := range trustLookups {
		start := time.Now()
		_, listed, err := s.SealHistory(benchSealID(i * 7919 % n))
		took = append(took, time.Since(start))
		if err != nil || !listed {
			return 0, 0, 0, fmt.Errorf("seal %d of the large bundle: listed %v: %w", i, listed, err)
		}
	}
	slices.Sort(took)
	return opened, took[len(took)/2], took[len(took)*99/100], nil
}
