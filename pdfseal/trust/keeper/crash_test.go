package keeper

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain lets this binary be the process that imports and is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("KEEPER_DIR"); dir != "" {
		os.Exit(importAll(dir, os.Getenv("KEEPER_ROOT"), strings.Split(os.Getenv("KEEPER_FILES"), "\n")))
	}
	os.Exit(m.Run())
}

// importAll imports one bundle after another and says so when each is done.
func importAll(dir, root string, files []string) int {
	k, err := Open(dir, Options{Root: root})
	if err != nil {
		return 1
	}
	for _, f := range files {
		done, err := k.Import(context.Background(), f, ImportOptions{Now: now})
		if err != nil {
			fmt.Println("error", err)
			return 1
		}
		fmt.Println("done", done.Number)
	}
	return 0
}

// TestImport_killed kills the importing process at any moment: the bundle in
// use is then the last one that it reported, or the one that it was at, whole.
func TestImport_killed(t *testing.T) {
	b := newBench(t)
	b.take(b.issue(1, now, nil), now)
	number := 1
	for round := range 25 {
		var files []string
		for i := range 8 {
			files = append(files, b.issue(number+1+i, now, nil))
		}
		reported := b.killed(files, rand.IntN(len(files)), time.Duration(rand.IntN(15))*time.Millisecond)
		got := b.number(now)
		if got < max(number, reported) || got > max(number, reported)+1 {
			t.Fatalf("round %d: number %d in use; %d was reported, %d before", round, got, reported, number)
		}
		number = got
	}
	t.Logf("reached number %d", number)
	if done := b.take(b.issue(number+10, now, nil), now); done.Former != number {
		t.Errorf("%+v", done)
	}
	entries, err := os.ReadDir(b.keep.Dir())
	if err != nil || len(entries) != 4 { // state, lock, two bundles
		t.Errorf("%v %v", entries, err)
	}
}

// killed starts the process, kills it some time after so many bundles, and answers the last number that it reported.
func (b *bench) killed(files []string, bundles int, after time.Duration) (reported int) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "KEEPER_DIR="+b.keep.Dir(), "KEEPER_ROOT="+b.by.Fingerprint(), "KEEPER_FILES="+strings.Join(files, "\n"))
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	out := bufio.NewReader(pipe)
	for n := 0; ; n++ {
		if n == bundles {
			time.Sleep(after)
			_ = cmd.Process.Kill() // it may have ended already
		}
		line, err := out.ReadString('\n')
		if strings.HasPrefix(line, "error") {
			b.Fatal(line)
		}
		if err != nil {
			break // at the end, or in the line that was being written
		}
		if _, err := fmt.Sscanf(line, "done %d\n", &reported); err != nil {
			b.Fatal(line)
		}
	}
	_ = cmd.Wait()
	return reported
}

// TestImport_leftovers are the folders that a crash can leave, made by hand.
func TestImport_leftovers(t *testing.T) {
	b := newBench(t)
	first, second := b.issue(1, now, nil), b.issue(2, now, nil)
	raw, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	b.take(second, now)
	committed := b.state().Current.File
	b.keep = b.open(filepath.Join(t.TempDir(), "trust"), b.by.Fingerprint())
	b.take(first, now)
	for name, content := range map[string][]byte{
		tempPrefix + "0011223344556677" + tempSuffix: raw[:len(raw)/2], // while it was copied
		committed: raw, // named, and the state not yet replaced
		tempPrefix + "8899aabbccddeeff" + tempSuffix: []byte(`{"format"`), // while the state was written
	} {
		if err := os.WriteFile(filepath.Join(b.keep.Dir(), name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := b.number(now); got != 1 {
			t.Errorf("%s: number %d", name, got)
		}
	}
	if done := b.take(second, now); done.Number != 2 || done.Former != 1 || b.number(now) != 2 {
		t.Errorf("%+v", done)
	}
	entries, err := os.ReadDir(b.keep.Dir())
	if err != nil || len(entries) != 4 {
		t.Errorf("%v %v", entries, err)
	}
}

// TestImport_atOnce: several importers and readers; the highest number stays.
func TestImport_atOnce(t *testing.T) {
	b := newBench(t)
	b.take(b.issue(1, now, nil), now)
	const n = 12
	var wait sync.WaitGroup
	for i := range n {
		path := b.issue(2+i, now, nil)
		wait.Go(func() {
			if _, err := b.keep.Import(t.Context(), path, ImportOptions{Now: now}); err != nil && reason(err) != "rollback" {
				t.Error(err)
			}
		})
		wait.Go(func() {
			if s, err := b.keep.Current(now.Add(time.Duration(i) * 2 * time.Hour)); err != nil || s.Check(t.Context()) != nil {
				t.Error(err)
			} else {
				s.Close()
			}
		})
	}
	wait.Wait()
	if got := b.number(now); got != n+1 {
		t.Errorf("number %d", got)
	}
}
