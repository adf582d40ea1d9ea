package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"sealdesk/token"
	"sealdesk/ui/config"
	"sealdesk/ui/explain"
	"sealdesk/ui/i18n"
)

// fakeTerminal answers prompts from two lists and keeps what it was asked.
type fakeTerminal struct {
	secrets, lines []string
	prompts        []string
}

func (f *fakeTerminal) Secret(_ context.Context, prompt string) ([]byte, error) {
	f.prompts = append(f.prompts, prompt)
	if len(f.secrets) == 0 {
		return nil, token.ErrPINCancelled
	}
	s := f.secrets[0]
	f.secrets = f.secrets[1:]
	return []byte(s), nil
}

func (f *fakeTerminal) Line(_ context.Context, prompt string) (string, error) {
	f.prompts = append(f.prompts, prompt)
	if len(f.lines) == 0 {
		return "", token.ErrPINCancelled
	}
	s := f.lines[0]
	f.lines = f.lines[1:]
	return s, nil
}

func testApp(t *testing.T, stdin string, term terminal) (*app, *bytes.Buffer) {
	t.Helper()
	cat, err := i18n.New("zh")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return &app{system: system{stdin: strings.NewReader(stdin), stdout: &out, stderr: &out, terminal: term}, ctx: t.Context(), cfg: &config.Config{}, cat: cat}, &out
}

func request() token.PINRequest {
	return token.PINRequest{Token: token.Info{Label: "TRAINING KEY", Serial: "00112233", PINMin: 6, PINMax: 8}, SealName: "示范旗人民政府", Documents: 3}
}

func TestAsker_stdin(t *testing.T) {
	cases := map[string]struct {
		stdin string
		final bool
		state token.PINState
		pin   string
		key   string
	}{
		"line":               {"271828\nrest", false, token.PINState{}, "271828", ""},
		"CRLF":               {"271828\r\n", false, token.PINState{}, "271828", ""},
		"no line end":        {"271828", false, token.PINState{}, "271828", ""},
		"empty":              {"", false, token.PINState{}, "", "token.pin_empty"},
		"empty line":         {"\n271828\n", false, token.PINState{}, "", "token.pin_empty"},
		"too short":          {"123\n", false, token.PINState{}, "", "token.pin_length"},
		"too long":           {"123456789\n", false, token.PINState{}, "", "token.pin_length"},
		"endless":            {strings.Repeat("1", 5000), false, token.PINState{}, "", "token.pin_length"},
		"low":                {"271828\n", false, token.PINState{Low: true}, "271828", ""},
		"final, no word":     {"271828\n", false, token.PINState{FinalTry: true}, "", "token.final_try"},
		"final, with a word": {"271828\n", true, token.PINState{FinalTry: true}, "271828", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a, out := testApp(t, c.stdin, nil)
			r := request()
			r.Warning = c.state
			pin, err := a.asker(pinFlags{PinStdin: true, FinalTry: c.final})(t.Context(), r)
			if c.key != "" {
				if err == nil || explain.Error(err).Key != c.key {
					t.Errorf("error %v, want %s", err, c.key)
				}
				if data := explain.Error(err).Data; c.key == "token.pin_length" && (data["Min"] != "6" || data["Max"] != "8") {
					t.Errorf("the limits are not the key's: %v", data)
				}
				return
			}
			if err != nil || string(pin.Bytes()) != c.pin || pin.Final() != c.final {
				t.Errorf("error %v, final %v", err, pin.Final())
			}
			if strings.Contains(out.String(), c.pin) {
				t.Error("the PIN was printed")
			}
		})
	}
}

func TestAsker_terminal(t *testing.T) {
	term := &fakeTerminal{secrets: []string{"271828"}}
	a, _ := testApp(t, "", term)
	r := request()
	r.Warning.Low = true
	pin, err := a.asker(pinFlags{})(t.Context(), r)
	if err != nil || string(pin.Bytes()) != "271828" {
		t.Fatal(err)
	}
	for _, want := range []string{"TRAINING KEY", "00112233", "示范旗人民政府", "3 份", "口令曾输错", "6–8"} {
		if !strings.Contains(term.prompts[0], want) {
			t.Errorf("the question lacks %q: %s", want, term.prompts[0])
		}
	}
	if _, err := a.asker(pinFlags{})(t.Context(), request()); !errors.Is(err, token.ErrPINCancelled) {
		t.Errorf("giving up: %v", err)
	}
}

func TestAsker_finalTryNeedsTheWord(t *testing.T) {
	r := request()
	r.Warning.FinalTry = true
	for word, ok := range map[string]bool{"2233": true, "2234": false, "": false, "yes": false} {
		term := &fakeTerminal{secrets: []string{"271828"}, lines: []string{word}}
		a, _ := testApp(t, "", term)
		pin, err := a.asker(pinFlags{})(t.Context(), r)
		switch {
		case ok && (err != nil || !pin.Final()):
			t.Errorf("%q: %v", word, err)
		case !ok && (!errors.Is(err, token.ErrFinalTry) || len(term.secrets) == 0):
			t.Errorf("%q: error %v, PIN asked: %v", word, err, len(term.secrets) == 0)
		}
	}
}

func TestAsker_noTerminal(t *testing.T) {
	a, _ := testApp(t, "", nil)
	if _, err := a.asker(pinFlags{})(t.Context(), request()); err == nil || explain.Error(err).Exit != explain.ExitUsage {
		t.Errorf("error %v", err)
	}
}

func TestAsker_protectedPathTypesNothing(t *testing.T) {
	a, out := testApp(t, "271828\n", nil)
	r := request()
	r.Token.ProtectedPath = true
	pin, err := a.asker(pinFlags{PinStdin: true})(t.Context(), r)
	if err != nil || len(pin.Bytes()) != 0 || !strings.Contains(out.String(), "在密钥上输入") {
		t.Errorf("error %v, %d bytes, said %q", err, len(pin.Bytes()), out)
	}
}

func TestReadLine_endWithByte(t *testing.T) {
	if b, err := readLine(iotest.DataErrReader(iotest.OneByteReader(strings.NewReader("kQ7")))); err != nil || string(b) != "kQ7" {
		t.Errorf("%q, %v", b, err)
	}
}

func TestReadLine_brokenInput(t *testing.T) {
	if b, err := readLine(io.MultiReader(strings.NewReader("27"), brokenReader{})); err == nil {
		t.Errorf("read %d bytes from a broken input", len(b))
	}
}

func TestReadRaw(t *testing.T) {
	for typed, want := range map[string]string{"271828\r": "271828", "27\x7f71828\n": "271828", "9\x15271828\r": "271828", "\x7f\r": "", "密\x7f2\r": "2"} {
		if got, err := readRaw(strings.NewReader(typed)); err != nil || string(got) != want {
			t.Errorf("%q gave %q, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"27\x03", "\x04", strings.Repeat("1", maxPIN+1)} {
		if got, err := readRaw(strings.NewReader(typed)); err == nil {
			t.Errorf("%q gave %q", typed, got)
		}
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("broken") }

// TestAwait_late: a secret that comes after a cancel is handed over to be wiped.
func TestAwait_late(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	typed, dropped := make(chan struct{}), make(chan string, 1)
	b, err := awaitOr(ctx, func() ([]byte, error) { <-typed; return []byte("kQ7"), nil }, func(b []byte) { dropped <- string(b) })
	if b != nil || !errors.Is(err, token.ErrPINCancelled) {
		t.Errorf("%q, %v", b, err)
	}
	close(typed)
	if got := <-dropped; got != "kQ7" {
		t.Errorf("handed over: %q", got)
	}
}

func TestAwait_cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	block := make(chan struct{})
	defer close(block)
	if _, err := await(ctx, func() (int, error) { <-block; return 0, nil }); !errors.Is(err, token.ErrPINCancelled) {
		t.Errorf("error %v", err)
	}
}

func FuzzReadLine(f *testing.F) {
	for _, s := range []string{"", "1\n2", "\r\n", strings.Repeat("x", 300)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := readLine(bytes.NewReader(in))
		if err == nil && (len(b) > maxPIN || bytes.ContainsRune(b, '\n')) {
			t.Fatalf("%q", b)
		}
	})
}
