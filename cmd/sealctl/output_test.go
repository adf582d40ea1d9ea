package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"sealdesk/ui/explain"
)

// full takes some bytes and then nothing more, as a full disk does.
type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if len(b) > f.left {
		n := f.left
		f.left = 0
		return n, errors.New("no space left on device")
	}
	f.left -= len(b)
	return len(b), nil
}

// TestRun_outputLost: a result that did not get through is not passed off as a success.
func TestRun_outputLost(t *testing.T) {
	args := []string{"--config", os.DevNull, "doctor", "--json"}
	var whole bytes.Buffer
	want := run(t.Context(), args, system{stdin: strings.NewReader(""), stdout: &whole, stderr: io.Discard})
	if whole.Len() == 0 {
		t.Fatal("doctor says nothing")
	}
	for _, left := range []int{0, whole.Len() - 1} {
		var said bytes.Buffer
		code := run(t.Context(), args, system{stdin: strings.NewReader(""), stdout: &full{left}, stderr: &said})
		if code != max(want, explain.ExitUnexpected) || !strings.Contains(said.String(), "结果没能全部输出") || !strings.Contains(said.String(), "no space left") {
			t.Errorf("%d bytes: exit %d: %s", left, code, &said)
		}
	}
}
