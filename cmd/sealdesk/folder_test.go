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
	infoOf     = regexp.MustCompile(`(/Info \d+ 0 R)`)
	idOf       = regexp.MustCompile(`(/ID\s*\[[^\]]*\])`)
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
	fmt.Fprintf(b, "xref\n%s 1\n%010d 00000 n \n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %s%s%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n",
		page[1], pageAt, size, streamAt, size+1, last(rootOf), last(infoOf), last(idOf), last(startXRef), at)
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
