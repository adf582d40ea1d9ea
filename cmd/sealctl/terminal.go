package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"sealdesk/token"
)

// terminal is where a person is asked.
type terminal interface {
	// Secret shows prompt and reads a line without echo. The caller wipes the answer.
	Secret(ctx context.Context, prompt string) ([]byte, error)
	// Line shows prompt and reads a line with echo.
	Line(ctx context.Context, prompt string) (string, error)
}

// openTerminal returns the controlling terminal, or nil where there is none.
func openTerminal() terminal {
	in, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err == nil {
		return tty{in: in, out: in}
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		return tty{in: os.Stdin, out: os.Stderr}
	}
	return nil
}

type tty struct {
	in  *os.File
	out io.Writer
}

// Secret implements terminal. The terminal is raw before the question is shown, so that not even the quickest key is echoed, and has
// its former state back afterwards, also when ctx ends.
func (t tty) Secret(ctx context.Context, prompt string) ([]byte, error) {
	fd := int(t.in.Fd())
	state, err := term.MakeRaw(fd)
	if err != nil {
		return nil, err
	}
	io.WriteString(t.out, strings.ReplaceAll(prompt, "\n", "\r\n"))
	answer, err := awaitSecret(ctx, func() ([]byte, error) { return readRaw(t.in) })
	if err = errors.Join(err, term.Restore(fd, state)); err != nil {
		clear(answer)
	}
	io.WriteString(t.out, "\n")
	return answer, err
}

// The keys that mean something while a secret is typed.
const (
	keyCtrlC     = 0x03
	keyCtrlD     = 0x04
	keyBackspace = 0x08
	keyCtrlU     = 0x15
	keyDelete    = 0x7f
)

// readRaw reads a line from a raw terminal into one buffer that never moves, so that no copy stays behind. Ctrl-C and Ctrl-D give up.
func readRaw(r io.Reader) ([]byte, error) {
	line := make([]byte, 0, maxPIN)
	var one [1]byte
	for {
		n, err := r.Read(one[:])
		if n == 0 && err == nil {
			continue
		}
		if err != nil {
			clear(line)
			return nil, err
		}
		switch c := one[0]; c {
		case '\r', '\n':
			return line, nil
		case keyCtrlC, keyCtrlD:
			clear(line)
			return nil, token.ErrPINCancelled
		case keyBackspace, keyDelete:
			line = rubOut(line)
		case keyCtrlU:
			clear(line)
			line = line[:0]
		default:
			if len(line) == maxPIN {
				clear(line)
				return nil, errTooLong
			}
			line = append(line, c)
		}
		clear(one[:])
	}
}

// rubOut wipes and removes the last character of line.
func rubOut(line []byte) []byte {
	_, n := utf8.DecodeLastRune(line)
	clear(line[len(line)-n:])
	return line[:len(line)-n]
}

// Line implements terminal.
func (t tty) Line(ctx context.Context, prompt string) (string, error) {
	io.WriteString(t.out, prompt)
	return await(ctx, func() (string, error) {
		s, err := bufio.NewReader(io.LimitReader(t.in, 256)).ReadString('\n')
		return strings.TrimSpace(s), err
	})
}

// await runs read beside the caller so that a cancel is answered at once. The end of the input counts as giving up.
func await[T any](ctx context.Context, read func() (T, error)) (T, error) {
	return awaitOr(ctx, read, func(T) {})
}

// awaitSecret is await for a secret: one that comes after a cancel is wiped.
func awaitSecret(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	return awaitOr(ctx, read, func(b []byte) { clear(b) })
}

// awaitOr is await that hands what nobody waits for any more to drop.
func awaitOr[T any](ctx context.Context, read func() (T, error), drop func(T)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	ch := make(chan answer, 1)
	go func() {
		v, err := read()
		ch <- answer{v, err}
	}()
	var none T
	select {
	case <-ctx.Done():
		go func() { drop((<-ch).value) }()
		return none, token.ErrPINCancelled
	case a := <-ch:
		if errors.Is(a.err, io.EOF) {
			return none, token.ErrPINCancelled
		}
		return a.value, a.err
	}
}
