//go:build cgo

package main

import (
	"bytes"
	"strings"
	"testing"

	"sealdesk/ui/explain"
)

// TestRun_withoutWindow: help in both languages, and command lines that end before there is a window.
func TestRun_withoutWindow(t *testing.T) {
	for _, c := range []struct {
		args     string
		exit     int
		out, err string
	}{
		{"--help", explain.ExitDone, "在窗口中用印和验章", ""},
		{"--lang en --help", explain.ExitDone, "PDFs or folders to open", ""},
		{"--version", explain.ExitDone, "sealdesk 0.", ""},
		{"--lang fr", explain.ExitUsage, "", "fr"},
		{"--nonsense", explain.ExitUsage, "", "--nonsense"},
		{"--config", explain.ExitUsage, "", "--config"},
		{"--config /nowhere/a.toml", explain.ExitUsage, "", "/nowhere/a.toml"},
	} {
		var out, stderr bytes.Buffer
		if exit := run(t.Context(), strings.Fields(c.args), &out, &stderr); exit != c.exit || !strings.Contains(out.String(), c.out) || !strings.Contains(stderr.String(), c.err) {
			t.Errorf("%s: exit %d\n%s%s", c.args, exit, out.String(), stderr.String())
		}
	}
}
