package authority

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestRotateRoot_interrupted ends the change of the trust root after each file that it makes or moves. The next attempt gives
// a centre that signs under its new root and under the one that it had before the interrupted attempt.
func TestRotateRoot_interrupted(t *testing.T) {
	spec := Spec{Name: "测试中心", Hosts: []string{"localhost"}, Now: time.Now()}
	for made := range len(rootFiles) + 1 {
		for moved := range 2 * len(rootFiles) {
			if moved > 0 && made < len(rootFiles) {
				continue // nothing is moved before all is made
			}
			a, err := Create(filepath.Join(t.TempDir(), "centre"), spec)
			if err != nil {
				t.Fatal(err)
			}
			before, err := a.Certificate(UpdateRoot)
			if err != nil {
				t.Fatal(err)
			}
			if err := a.createUpdate(spec, next); err != nil {
				t.Fatal(err)
			}
			a.interrupt(t, made, moved)
			if err := a.RotateRoot(spec); err != nil {
				t.Fatalf("%d made, %d moved: %v", made, moved, err)
			}
			keys, _, err := a.UpdateKeys()
			if err != nil || len(keys) != 2 {
				t.Fatalf("%d made, %d moved: %d keys, %v", made, moved, len(keys), err)
			}
			roots, err := a.TrustRoots()
			if err != nil || roots[1].Fingerprint() != before.Fingerprint() || roots[0].Fingerprint() == before.Fingerprint() {
				t.Errorf("%d made, %d moved: the roots are not the new one and the one before: %v", made, moved, err)
			}
			for i, k := range keys {
				if err := k.Cert().CheckSignatureFrom(roots[i]); err != nil {
					t.Errorf("%d made, %d moved: key %d: %v", made, moved, i, err)
				}
			}
			if left, err := filepath.Glob(filepath.Join(a.f.root.Name(), "*", "*"+next+".*")); err != nil || len(left) > 0 {
				t.Errorf("%d made, %d moved: left %v, %v", made, moved, left, err)
			}
			_ = a.Close()
		}
	}
}

// interrupt leaves the first files of a root that was being made, or moves so many of those that were made: each takes two steps.
func (a *Authority) interrupt(t *testing.T, made, moved int) {
	t.Helper()
	for _, file := range rootFiles[made:] {
		if err := a.f.root.Remove(file(next)); err != nil {
			t.Fatal(err)
		}
	}
	step := func(from, to string) {
		t.Helper()
		if moved--; moved < 0 {
			return
		}
		if err := os.Rename(filepath.Join(a.f.root.Name(), from), filepath.Join(a.f.root.Name(), to)); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range rootFiles {
		step(file(""), file(former))
		step(file(next), file(""))
	}
}
