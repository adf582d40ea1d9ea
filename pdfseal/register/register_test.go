package register_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/register"
)

func TestAppend_isReadBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "register")
	c := newClock()
	r := open(t, dir, register.Options{Now: c.Now})
	var want []register.Entry
	for i := range 3 {
		want = append(want, add(t, r, use(i+1)))
	}
	for i, e := range want {
		if e.Seq != int64(i+1) || e.Time.IsZero() || e.SM3 == "" || i > 0 && e.Prev != want[i-1].SM3 {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
	r.Close()
	r = open(t, dir, register.Options{ReadOnly: true})
	n := 0
	for e, err := range r.Entries(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(e)
		b, _ := json.Marshal(want[n])
		if !bytes.Equal(a, b) || e.SM3 != want[n].SM3 {
			t.Errorf("record %d: %s, want %s", n, a, b)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d records", n)
	}
	if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v %v", st.Mode(), err)
	}
	if _, err := r.Append(ctx, use(4)); !errors.Is(err, register.ErrReadOnly) {
		t.Errorf("append to a register opened for reading: %v", err)
	}
}

// TestRecord_form computes the digests of a record from its description alone: SM3 of the object without its last member.
func TestRecord_form(t *testing.T) {
	_, lines := filled(t, 3)
	prev := ""
	for i, l := range lines {
		at := bytes.LastIndex(l, []byte(`,"sm3":"`))
		own := gm.SM3(l[:at], []byte("}"))
		var rec map[string]any
		if err := json.Unmarshal(l, &rec); err != nil {
			t.Fatalf("line %d is no JSON: %v", i, err)
		}
		if rec["sm3"] != hex.EncodeToString(own[:]) || rec["prev"] != prev {
			t.Errorf("line %d: %s", i, l)
		}
		prev = hex.EncodeToString(own[:])
	}
}

func TestAppend_unusableEntry(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, register.Options{})
	for name, e := range map[string]register.Entry{
		"no kind":        {},
		"unknown kind":   {Kind: "sealed"},
		"future ref":     {Kind: register.KindDone, Ref: 7},
		"no number":      {Kind: register.KindDone, Marks: []register.Mark{{X: nan()}}},
		"far too long":   {Kind: register.KindDone, Reason: strings.Repeat("x", 1<<20)},
		"negative ref":   {Kind: register.KindDone, Ref: -1},
		"matter is free": {Kind: "", Matter: "x"},
	} {
		if _, err := r.Append(ctx, e); !errors.Is(err, register.ErrEntry) {
			t.Errorf("%s: %v", name, err)
		}
	}
	e := add(t, r, register.Entry{Kind: register.KindFailed, File: "a\xff\x00\u2028\u202e</script>.pdf"})
	if e.Seq != 1 || e.File != "a\uFFFD\x00\u2028\u202e</script>.pdf" {
		t.Errorf("entry %+v", e)
	}
	if rep := check(t, dir, register.CheckOptions{}); rep.Err() != nil || rep.Records != 1 {
		t.Errorf("%+v", rep)
	}
}

func nan() float64 { zero := 0.0; return zero / zero }

func TestAppend_clockGoesBack(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	r := open(t, dir, register.Options{Now: c.Now})
	add(t, r, use(1))
	c.turn(-500 * time.Millisecond) // what a time service does
	if e := add(t, r, use(2)); e.Seq != 2 {
		t.Errorf("a step of half a second was recorded: %+v", e)
	}
	c.turn(-24 * time.Hour)
	if e := add(t, r, use(3)); e.Seq != 4 {
		t.Errorf("entry %+v, want a record of the clock before it", e)
	}
	add(t, r, use(4))
	var kinds []register.Kind
	for e, err := range r.Entries(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, e.Kind)
	}
	if kinds[2] != register.KindClock || len(kinds) != 5 {
		t.Errorf("kinds %v", kinds)
	}
	rep := check(t, dir, register.CheckOptions{})
	if rep.Err() != nil || len(rep.Findings) != 1 || rep.Findings[0].Code != register.CodeClockBack || rep.Findings[0].Seq != 3 {
		t.Errorf("%+v", rep)
	}
	r.Close()
	open(t, dir, register.Options{Now: c.Now})
}

func TestOpen_tornEndIsSetAside(t *testing.T) {
	for name, tail := range map[string]string{
		"half a line": `{"seq":4,"time":"2026-`, "zero bytes": strings.Repeat("\x00", 5000),
		"zero bytes with an end": strings.Repeat("\x00", 10) + "}\n", "one byte": "{",
		"longer than any record": strings.Repeat("x", 3<<20),
	} {
		t.Run(name, func(t *testing.T) {
			dir, lines := filled(t, 3)
			writeLines(t, dir, append(lines, []byte(tail)))
			if rep := check(t, dir, register.CheckOptions{}); name != "zero bytes with an end" && (rep.Err() != nil || !has(rep, register.CodeTorn)) {
				t.Errorf("before: %+v", rep)
			}
			r := open(t, dir, register.Options{Now: newClock().Now})
			if e := add(t, r, use(4)); e.Seq != 5 && e.Seq != 6 { // 6 where the clock is recorded too
				t.Errorf("entry %+v", e)
			}
			rep := check(t, dir, register.CheckOptions{})
			if rep.Err() != nil || !has(rep, register.CodeTorn) {
				t.Errorf("%+v", rep)
			}
			names, err := filepath.Glob(filepath.Join(dir, "torn", "*"))
			if err != nil || len(names) != 1 {
				t.Fatalf("torn files %v, %v", names, err)
			}
			if b, err := os.ReadFile(names[0]); err != nil || string(b) != tail {
				t.Errorf("torn file holds %d bytes, want %d", len(b), len(tail))
			}
		})
	}
}

func has(rep *register.Report, code register.Code) bool {
	return slices.ContainsFunc(rep.Findings, func(f register.Finding) bool { return f.Code == code })
}

// TestAppend_notToABrokenRegister: whatever was done to the file, nothing is written behind it.
func TestAppend_notToABrokenRegister(t *testing.T) {
	damage := map[string]func(lines [][]byte) [][]byte{
		"changed": func(l [][]byte) [][]byte {
			l[4] = bytes.Replace(l[4], []byte("15000000000000"), []byte("15000000000001"), 1)
			return l
		},
		"cut":             func(l [][]byte) [][]byte { return l[:len(l)-1] },
		"cut in a record": func(l [][]byte) [][]byte { last := len(l) - 1; l[last] = l[last][:50]; return l },
		"empty":           func([][]byte) [][]byte { return nil },
		"deleted":         func(l [][]byte) [][]byte { return slices.Delete(l, 2, 3) },
		"last rewritten": func(l [][]byte) [][]byte {
			last := len(l) - 1
			l[last] = reseal(bytes.Replace(l[last], []byte("15000000000000"), []byte("15000000000001"), 1))
			return l
		},
	}
	for name, f := range damage {
		for _, open1 := range []bool{false, true} {
			if name == "changed" && open1 {
				continue // an open register looks at its end only; Check finds the rest
			}
			t.Run(fmt.Sprintf("%s, open %v", name, open1), func(t *testing.T) {
				dir, lines := filled(t, 9)
				c := newClock()
				c.turn(time.Hour)
				var r *register.Register
				if open1 {
					r = open(t, dir, register.Options{Now: c.Now})
				}
				writeLines(t, dir, f(lines))
				before, _ := os.ReadFile(recordsPath(dir))
				if !open1 {
					r = open(t, dir, register.Options{Now: c.Now})
					if !errors.Is(r.Broken(), register.ErrBroken) {
						t.Errorf("Broken: %v", r.Broken())
					}
				}
				if _, err := r.Append(ctx, use(1)); !errors.Is(err, register.ErrBroken) {
					t.Errorf("append: %v", err)
				}
				if after, _ := os.ReadFile(recordsPath(dir)); !bytes.Equal(before, after) {
					t.Error("the file was changed")
				}
			})
		}
	}
}

func TestOpen_faults(t *testing.T) {
	dir := t.TempDir()
	if _, err := register.Open(filepath.Join(dir, "none"), register.Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no register: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := register.Open(filepath.Join(dir, "file"), register.Options{}); err == nil {
		t.Error("a file was opened as a register")
	}
	for _, name := range []string{"register.jsonl", "lock", "head"} {
		sub := filepath.Join(dir, "link-"+name)
		if err := os.Mkdir(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(sub, "target"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("target", filepath.Join(sub, name)); err != nil {
			t.Fatal(err)
		}
		r, err := register.Open(sub, register.Options{})
		if err == nil {
			_, _ = r.Append(ctx, use(1))
			r.Close()
		}
		if b, err := os.ReadFile(filepath.Join(sub, "target")); err != nil || len(b) > 0 {
			t.Errorf("%s: written through a link: %q %v", name, b, err)
		}
	}
}

func TestAppend_cancelled(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, register.Options{})
	c, cancel := context.WithCancel(ctx)
	cancel()
	_, err := r.Append(c, use(1))
	var told *register.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &told) {
		t.Fatalf("error %v", err)
	}
	if key, _ := told.Situation(); key != "cancelled" {
		t.Errorf("told as %s", key)
	}
	if rep := check(t, dir, register.CheckOptions{}); rep.Records != 0 {
		t.Errorf("%+v", rep)
	}
}

func TestOpen_secondRegisterOfOneProcess(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	a, b := open(t, dir, register.Options{Now: c.Now}), open(t, dir, register.Options{Now: c.Now})
	for i := range 20 {
		r := []*register.Register{a, b}[i%2]
		if e := add(t, r, use(i)); e.Seq != int64(i+1) {
			t.Fatalf("record %d has the number %d", i+1, e.Seq)
		}
	}
	if rep := check(t, dir, register.CheckOptions{}); rep.Err() != nil || rep.Records != 20 {
		t.Errorf("%+v", rep)
	}
}

func TestClose_thenUse(t *testing.T) {
	r := open(t, t.TempDir(), register.Options{})
	for range 2 {
		if err := r.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	_, appended := r.Append(ctx, register.Entry{Kind: register.KindSigning})
	_, settled := r.Settle(ctx)
	_, checked := r.Check(ctx, register.CheckOptions{})
	_, last := r.LastCheckpoint()
	_, _, signed := r.Checkpoint(ctx, key(t))
	for _, err := range []error{appended, settled, checked, last, signed} {
		if !errors.Is(err, fs.ErrClosed) {
			t.Errorf("error %v", err)
		}
	}
}
