//go:build linux && cgo

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestDrops drops files and folders from another program on the window.
func TestDrops(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	fifty := w.folder()
	loose := filepath.Join(w.office.Dir, "单独 100%#") // a name that a list of files has to escape
	w.must(os.Mkdir(loose, 0o755))
	changed := filepath.Join(loose, "关于供热的通知（被改）.pdf")
	w.must(os.Rename(filepath.Join(fifty, "00-批复（被改）.pdf"), changed))
	note := filepath.Join(loose, "说明.txt")
	w.must(os.WriteFile(note, []byte("no PDF"), 0o600))
	kept := filepath.Join(w.office.Dir, "trust") // where the settings say nothing else
	c := w.start(1280, 720, nil, "--config", w.settings("[window]\ndark = false\n"))
	c.shows("key=ready", "documents=0")

	c.drop(640, 360, w.office.Samples[1])
	c.shows("screen=seal", "documents=1", "marks=1", "block=")
	c.drop(900, 600, w.office.Samples[0], note, w.office.Trust)
	c.shows("documents=2", "notices=2", "block=")
	if _, err := os.Stat(kept); err != nil {
		t.Errorf("the trust bundle has not been imported: %v", err)
	}
	c.shoot(w.shots, "drop-mixture")
	c.key("Escape")
	c.shows("notices=1")
	c.key("Escape")
	c.shows("notices=0")

	c.key("F3")
	c.shows("screen=verify", "files=0")
	c.drop(640, 360, changed)
	c.shows("files=1", "judged=1", "verdict=invalid", "changes=1", "rule=I2")
	c.shoot(w.shots, "drop-manipulated")
	c.drop(640, 360, fifty)
	c.shows("files=50", "judged=50")
	c.shoot(w.shots, "drop-fifty")
	empty := filepath.Join(w.office.Dir, "empty")
	w.must(os.Mkdir(empty, 0o755))
	c.drop(640, 360, empty)
	c.shows("files=50", "notices=1")
	c.shoot(w.shots, "drop-nothing")
}
