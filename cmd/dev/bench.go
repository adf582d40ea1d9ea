package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"sealdesk/cmd/dev/training"
	"sealdesk/pdfseal/gm"
)

// benchRounds is how often each figure is taken; the best counts.
const benchRounds = 3

func benchTask(flags *flag.FlagSet) func(context.Context, *session) error {
	size := flags.Int64("mb", 100, "size of the large file in millions of bytes")
	small := flags.Int("files", 200, "number of small files")
	span := flags.Duration("centre", 5*time.Second, "time for which the verification endpoint is asked, on each database")
	count := flags.Int("pages", 3000, "number of pages of the long document")
	seals := flags.Int("seals", 1_000_000, "number of seals in the large trust bundle")
	return func(ctx context.Context, s *session) error {
		if *size < 1 || *small < 1 || *seals < 1 || *count < 1 {
			return fmt.Errorf("--mb, --files, --pages and --seals are at least 1")
		}
		if err := s.ensure(ctx, "bench"); err != nil {
			return err
		}
		dir, err := os.MkdirTemp("", "sealdesk-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		office, err := s.office(ctx, filepath.Join(dir, "office"))
		if err != nil {
			return err
		}
		if len(office.Seals) == 0 {
			return errors.New("the practice office has no seal")
		}
		if err := plugIn(office, office.Seals[0].ID); err != nil {
			return err
		}
		b := &bench{session: s, office: office, dir: dir, size: *size * 1_000_000, small: *small, seals: *seals, span: *span, count: *count}
		for _, p := range chosenParts(flags.Args()) {
			if err := p.run(b, ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// benchPart is what can be measured by itself.
type benchPart struct {
	name string
	run  func(*bench, context.Context) error
}

var benchParts = []benchPart{
	{"large", func(b *bench, ctx context.Context) error { return b.large(ctx, b.size) }},
	{"many", func(b *bench, ctx context.Context) error { return b.many(ctx, b.small) }},
	{"trust", func(b *bench, ctx context.Context) error { return b.trust(ctx, b.seals) }},
	{"centre", func(b *bench, ctx context.Context) error { return b.centre(ctx, b.span) }},
	{"pages", func(b *bench, ctx context.Context) error { return b.pages(ctx, b.count) }},
	{"window", (*bench).window},
}

func benchNames() []string {
	var names []string
	for _, p := range benchParts {
		names = append(names, p.name)
	}
	return names
}

// chosenParts are those that names asks for, all where it is empty, in the order of benchParts.
func chosenParts(names []string) []benchPart {
	if len(names) == 0 {
		return benchParts
	}
	return slices.DeleteFunc(slices.Clone(benchParts), func(p benchPart) bool { return !slices.Contains(names, p.name) })
}

// bench measures; it asserts nothing about time.
type bench struct {
	*session
	office *training.Office
	dir    string

	size                int64 // of the large file, bytes
	small, seals, count int   // files, seals of the bundle, pages
	span                time.Duration
}

// figure is the best of several runs.
type figure struct {
	took time.Duration
	rss  int64 // peak resident memory in bytes; 0 = not known
}

func (f *figure) take(took time.Duration, rss int64) {
	if f.took == 0 || took < f.took {
		f.took = took
	}
	f.rss = max(f.rss, rss)
}

// large compares SM3, sealing and verifying of one large file with openssl's
// SM3 of the same file. The runs alternate, so that they see the same machine.
func (b *bench) large(ctx context.Context, size int64) error {
	path := filepath.Join(b.dir, "large.pdf")
	if err := writeNoisePDF(path, size); err != nil {
		return err
	}
	word, err := pin(b.office)
	if err != nil {
		return err
	}
	var openssl, sm3, seal, verify figure
	for i := range benchRounds {
		sealed := filepath.Join(b.dir, fmt.Sprintf("sealed%d.pdf", i))
		if err := openssl.run(b.command(ctx, "openssl", "dgst", "-sm3", path)); err != nil {
			return err
		}
		start := time.Now()
		if err := hashFile(path); err != nil {
			return err
		}
		sm3.take(time.Since(start), 0)
		if err := seal.run(b.sealctl(ctx, b.office, word, "seal", path, "-o", sealed, "--seal", b.office.Seals[0].ID, "--page", "1", "--at", "105,148", "--pin-stdin", "--offline")); err != nil {
			return err
		}
		if err := verify.run(b.sealctl(ctx, b.office, nil, "verify", sealed)); err != nil {
			return err
		}
		if err := os.Remove(sealed); err != nil {
			return err
		}
	}
	fmt.Fprintf(b.out, "\none file of %d million bytes, best of %d\n", size/1_000_000, benchRounds)
	fmt.Fprintf(b.out, "%-28s %10s %10s %12s %14s\n", "", "time", "ratio", "MB/s", "peak memory")
	for _, row := range []struct {
		name string
		f    figure
	}{{"openssl dgst -sm3", openssl}, {"SM3 of pdfseal/gm", sm3}, {"sealctl seal", seal}, {"sealctl verify", verify}} {
		b.row(row.name, row.f, openssl, size)
	}
	return nil
}

func (b *bench) row(name string, f, reference figure, size int64) {
	memory := "-"
	if f.rss > 0 {
		memory = fmt.Sprintf("%.1f MB", float64(f.rss)/1e6)
	}
	fmt.Fprintf(b.out, "%-28s %8.3f s %9.2fx %12.0f %14s\n", name, f.took.Seconds(),
		f.took.Seconds()/reference.took.Seconds(), float64(size)/1e6/f.took.Seconds(), memory)
}

// run runs a command once and takes its time and memory.
func (f *figure) run(cmd *exec.Cmd) error {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out // what sealctl remarks on the files is told where it fails
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	peak := watchMemory(cmd.Process.Pid)
	err := cmd.Wait()
	took := time.Since(start)
	f.take(took, peak())
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, lastLines(out.String(), 20))
	}
	return nil
}

func hashFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyBuffer(gm.NewSM3(), struct{ io.Reader }{f}, make([]byte, 1<<20))
	return err
}

// many seals and verifies small files in one call each, beside one openssl
// call over the same files.
func (b *bench) many(ctx context.Context, n int) error {
	in, out := filepath.Join(b.dir, "in"), filepath.Join(b.dir, "out")
	for _, dir := range []string{in, out} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	var files []string
	for i := range n {
		path := filepath.Join(in, fmt.Sprintf("small%05d.pdf", i))
		if err := writeNoisePDF(path, 20_000); err != nil {
			return err
		}
		files = append(files, path)
	}
	word, err := pin(b.office)
	if err != nil {
		return err
	}
	var openssl, seal, verify figure
	if err := openssl.run(b.command(ctx, "openssl", append([]string{"dgst", "-sm3"}, files...)...)); err != nil {
		return err
	}
	args := append([]string{"seal", "--out-dir", out, "--seal", b.office.Seals[0].ID, "--page", "1", "--at", "105,148", "--pin-stdin", "--offline"}, files...)
	if err := seal.run(b.sealctl(ctx, b.office, word, args...)); err != nil {
		return err
	}
	sealed, err := filepath.Glob(filepath.Join(out, "*.pdf"))
	if err != nil || len(sealed) != n {
		return fmt.Errorf("%d of %d small files were sealed: %w", len(sealed), n, err)
	}
	if err := verify.run(b.sealctl(ctx, b.office, nil, append([]string{"verify"}, sealed...)...)); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\n%d files of 20 kB, one call each\n", n)
	for _, row := range []struct {
		name string
		f    figure
	}{{"openssl dgst -sm3", openssl}, {"sealctl seal", seal}, {"sealctl verify", verify}} {
		fmt.Fprintf(b.out, "%-28s %8.3f s %10.0f files/s %14.1f MB\n", row.name, row.f.took.Seconds(), float64(n)/row.f.took.Seconds(), float64(row.f.rss)/1e6)
	}
	return nil
}
