package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"sealdesk/token"
)

// maxPIN bounds what is read as a PIN.
const maxPIN = 256

// pinFlags are the flags of every command that logs in. A PIN is never an argument and never read from the environment (rule W8).
type pinFlags struct {
	PinStdin bool `help:"${flag_pin_stdin}"`
	FinalTry bool `help:"${flag_final_try}"`
}

// pinError is a PIN that is not sent to the key.
type pinError struct {
	key  string
	data map[string]string
}

func (e *pinError) Error() string { return "sealctl: " + e.key }

// Situation implements explain.Situation.
func (e *pinError) Situation() (key string, data map[string]string) { return e.key, e.data }

// asker answers the key's question for its PIN: from standard input or from the terminal, once.
func (a *app) asker(f pinFlags) token.PINFunc {
	return func(ctx context.Context, r token.PINRequest) (token.PIN, error) {
		prompt := a.question(r)
		if r.Warning.FinalTry && !f.FinalTry {
			if err := a.finalWord(ctx, r, f, prompt); err != nil {
				return token.PIN{}, err
			}
			prompt = ""
		}
		switch {
		case r.Token.ProtectedPath:
			fmt.Fprintln(a.stderr, prompt+a.text("pin.on_key"))
			return confirmed(token.NewPIN(nil), r), nil
		case f.PinStdin:
			b, err := awaitSecret(ctx, func() ([]byte, error) { return readLine(a.stdin) })
			if err != nil {
				return token.PIN{}, ofKey(err, r.Token)
			}
			return newPIN(b, r)
		case a.terminal == nil:
			return token.PIN{}, &pinError{key: "token.no_terminal"}
		}
		b, err := a.terminal.Secret(ctx, prompt+a.enter(r.Token)+" ")
		if err != nil {
			return token.PIN{}, ofKey(err, r.Token)
		}
		return newPIN(b, r)
	}
}

// confirmed marks the answer to a last try, which asker has let pass only after an explicit word.
func confirmed(p token.PIN, r token.PINRequest) token.PIN {
	if r.Warning.FinalTry {
		return p.ConfirmFinal()
	}
	return p
}

// finalWord asks for the last four characters of the key's serial before the last try. Where nobody can be asked, and with
// --pin-stdin, the flag --final-try is the only word.
func (a *app) finalWord(ctx context.Context, r token.PINRequest, f pinFlags, prompt string) error {
	word := lastFour(r.Token.Serial)
	if f.PinStdin || a.terminal == nil || word == "" {
		return token.ErrFinalTry
	}
	got, err := a.terminal.Line(ctx, prompt+a.text("pin.final_word", "Word", word)+" ")
	if err != nil {
		return err
	}
	if got != word {
		return token.ErrFinalTry
	}
	return nil
}

func (a *app) enter(t token.Info) string {
	if t.PINMax > 0 {
		return a.text("pin.enter", "Min", strconv.Itoa(t.PINMin), "Max", strconv.Itoa(t.PINMax))
	}
	return a.text("pin.enter_any")
}

// question says which seal of which key is about to be used for how many documents, and what the key warns of.
func (a *app) question(r token.PINRequest) string {
	var lines []string
	lines = append(lines, a.text("pin.key", "Label", r.Token.Label, "Serial", r.Token.Serial))
	if r.SealName != "" {
		lines = append(lines, a.text("pin.seal", "Name", r.SealName))
	}
	if r.Documents > 0 {
		lines = append(lines, clean(a.cat.N("pin.documents", r.Documents, nil)))
	}
	if r.Reason != "" {
		lines = append(lines, a.text("pin.reason", "Text", r.Reason))
	}
	switch {
	case r.Attempt > 1:
		lines = append(lines, a.text("pin.again"))
	case r.EachSignature:
		lines = append(lines, a.text("pin.each"))
	}
	switch {
	case r.Warning.FinalTry:
		lines = append(lines, a.text("pin.warn_final"))
	case r.Warning.Low:
		lines = append(lines, a.text("pin.warn_low"))
	case r.Warning.ToBeChanged:
		lines = append(lines, a.text("pin.warn_change"))
	}
	return strings.Join(lines, "\n") + "\n"
}

// newPIN takes over b. A PIN that the key's own rule excludes is not sent, so it costs no try.
func newPIN(b []byte, r token.PINRequest) (token.PIN, error) {
	n, t := len(b), r.Token
	switch {
	case n == 0:
		return token.PIN{}, &pinError{key: "token.pin_empty"}
	case t.PINMax > 0 && n > t.PINMax || n < t.PINMin:
		clear(b)
		return token.PIN{}, ofKey(errTooLong, t)
	}
	return confirmed(token.NewPIN(b), r), nil
}

// readLine reads up to a line end byte by byte, so that nothing of the PIN stays in a buffer that is not wiped.
func readLine(r io.Reader) ([]byte, error) {
	line := make([]byte, 0, maxPIN)
	var one [1]byte
	for {
		n, err := r.Read(one[:])
		ends := n == 1 && one[0] == '\n'
		if n == 1 && !ends { // also where the end of the input comes with it
			if len(line) == maxPIN {
				clear(line)
				return nil, errTooLong
			}
			line = append(line, one[0])
		}
		switch {
		case ends || errors.Is(err, io.EOF):
			clear(one[:])
			return bytes.TrimSuffix(line, []byte("\r")), nil
		case err != nil:
			clear(line)
			return nil, fmt.Errorf("sealctl: read PIN: %w", err)
		}
	}
}

// errTooLong is more than is ever read as a PIN; no key is known where it is met.
var errTooLong = errors.New("sealctl: longer than any PIN")

// ofKey says how long a PIN of the key is, where that is what is wrong.
func ofKey(err error, t token.Info) error {
	if !errors.Is(err, errTooLong) {
		return err
	}
	most := t.PINMax
	if most <= 0 {
		most = maxPIN
	}
	return &pinError{key: "token.pin_length", data: map[string]string{"Min": strconv.Itoa(t.PINMin), "Max": strconv.Itoa(most)}}
}

func lastFour(serial string) string {
	r := []rune(strings.TrimSpace(serial))
	return string(r[max(0, len(r)-4):])
}
