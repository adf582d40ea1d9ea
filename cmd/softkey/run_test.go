package main

import (
	"io"
	"path/filepath"
	"testing"
)

func TestRun_exitCodes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	for _, c := range []struct {
		want int
		args []string
	}{
		{exitOK, []string{"--help"}},
		{exitOK, []string{"init", "--help"}},
		{exitOK, []string{"--dir", dir, "init"}},
		{exitError, []string{"--dir", dir, "init"}},
		{exitUsage, []string{"--dir", dir, "frobnicate"}},
		{exitUsage, []string{"--dir", dir, "add-key", "--id", "01"}},
		{exitUsage, []string{"--dir", dir, "set-tries", "many"}},
		{exitUsage, nil},
	} {
		if got := run(c.args, io.Discard, io.Discard); got != c.want {
			t.Errorf("softkey %v: exit %d, want %d", c.args, got, c.want)
		}
	}
}
