//go:build linux && cgo

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sealdesk/cmd/dev/training"
)

// seal seals the first sample on the command line.
func (w *walk) seal() string {
	w.t.Helper()
	out := filepath.Join(w.office.Dir, "sealed.pdf")
	cmd := exec.Command(w.office.Sealctl, "--config", w.office.Config, "seal", w.office.Samples[1], "-o", out, "--over-date", "--pin-stdin", "--offline")
	cmd.Stdin = strings.NewReader(training.PIN + "\n")
	if text, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("seal: %v: %s", err, text)
	}
	return out
}

var (
	pageObject = regexp.MustCompile(`(?s)(\d+) 0 obj\s*<<((?:[^e]|e[^n])*?/Type\s*/Page\b[^s].*?)>>\s*endobj`)
	contents   = regexp.MustCompile(`/Contents\s+(\d+ 0 R)`)
	startXRef  = regexp.MustCompile(`startxref\s+(\d+)`)
	rootOf     = regexp.MustCompile(`/Root (\d+ 0 R)`)
	sizeOf     = regexp.MustCompile(`/Size (\d+)`)
)

// manipulate writes over the first page of a document in a further revision, as an attacker without a key would.
func manipulate(t *testing.T, doc []byte) []byte {
	t.Helper()
	page := pageObject.FindSubmatch(doc)
	if page == nil {
		t.Fatal("no page object found")
	}
	last := func(r *regexp.Regexp) string {
		all := r.FindAllSubmatch(doc, -1)
		if len(all) == 0 {
			t.Fatalf("no %v", r)
		}
		return string(all[len(all)-1][1])
	}
	size, err := strconv.Atoi(last(sizeOf))
	if err != nil {
		t.Fatal(err)
	}
	content := contents.FindSubmatch(page[2])
	if content == nil {
		t.Fatal("the page has no single content stream")
	}
	paint := "q 1 1 1 rg 300 560 220 40 re f 1 0 0 rg 310 570 60 12 re f Q"
	b := bytes.NewBuffer(bytes.Clone(doc))
	streamAt := b.Len()
	fmt.Fprintf(b, "%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n", size, len(paint), paint)
	pageAt := b.Len()
	body := strings.Replace(string(page[2]), string(content[0]), fmt.Sprintf("/Contents [%s %d 0 R]", content[1], size), 1)
	fmt.Fprintf(b, "%s 0 obj\n<<%s>>\nendobj\n", page[1], body)
	at := b.Len()
	fmt.Fprintf(b, "xref\n%s 1\n%010d 00000 n \n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n",
		page[1], pageAt, size, streamAt, size+1, last(rootOf), last(startXRef), at)
	return b.Bytes()
}

// folder fills a folder with 50 files: a manipulated one first, sealed ones, one without a seal, one that is no PDF.
func (w *walk) folder() string {
	w.t.Helper()
	dir := filepath.Join(w.office.Dir, "fifty")
	w.must(os.Mkdir(dir, 0o755))
	good, err := os.ReadFile(w.seal())
	w.must(err)
	unsealed, err := os.ReadFile(w.office.Samples[0])
	w.must(err)
	w.must(os.WriteFile(filepath.Join(dir, "00-批复（被改）.pdf"), manipulate(w.t, good), 0o600))
	w.must(os.WriteFile(filepath.Join(dir, "01-附件.pdf"), unsealed, 0o600))
	w.must(os.WriteFile(filepath.Join(dir, "02-损坏.pdf"), []byte("no PDF"), 0o600))
	for i := 3; i < 50; i++ {
		w.must(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d-通知.pdf", i)), good, 0o600))
	}
	return dir
}

// TestPictures verifies a folder of 50 files and takes pictures of every screen: both languages, both grounds, at scale 1 and 2.
func TestPictures(t *testing.T) {
	w := newWalk(t)
	fifty := w.folder()
	for _, lang := range []string{"zh", "en"} {
		for _, dark := range []bool{false, true} {
			for _, scale := range []int{1, 2} {
				if scale == 2 && dark {
					continue
				}
				name := fmt.Sprintf("%s-%s-%d", lang, map[bool]string{false: "light", true: "dark"}[dark], scale)
				t.Run(name, func(t *testing.T) {
					w := &walk{t: t, office: w.office, bin: w.bin, shots: w.shots}
					w.pictures(name, lang, dark, scale, fifty)
				})
			}
		}
	}
}

func (w *walk) pictures(name, lang string, dark bool, scale int, fifty string) {
	config := w.settings(fmt.Sprintf("[window]\ndark = %v\nlarge_print = false\n", dark))
	env := []string{fmt.Sprintf("FYNE_SCALE=%d", scale)}
	c := w.start(1280*scale, 720*scale, env, "--config", config, "--lang", lang, "--verify", fifty)
	c.shows("files=50", "judged=50", "verdict=invalid", "key=ready")
	until(w.t, "the changed place", patience, func() bool { return strings.Contains(c.shownNow(), "changes=1") })
	c.shoot(w.shots, name+"-verify-invalid")
	c.key("F4")
	c.shows("screen=register", "register=whole", "centre=away")
	c.shoot(w.shots, name+"-register")
	c.key("F5")
	c.shows("screen=keys")
	c.shoot(w.shots, name+"-keys")
	c.key("F6")
	c.shows("screen=settings")
	c.shoot(w.shots, name+"-settings")
	second := w.start(1280*scale, 720*scale, env, "--config", config, "--lang", lang, w.office.Samples[0], w.office.Samples[1], w.office.Samples[2])
	second.shows("documents=3", "key=ready", "block=", "marks=1")
	second.shoot(w.shots, name+"-seal-batch")
	second.key("F9")
	second.shows("phase=pin")
	second.shoot(w.shots, name+"-seal-pin")
	second.key("Escape")
	second.shows("phase=placing")
}

func (c *client) shownNow() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}
