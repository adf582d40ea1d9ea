package normalise

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
)

// book is a document of text pages, object by object.
type book struct {
	out     bytes.Buffer
	offsets []int
}

func (b *book) add(format string, args ...any) {
	b.offsets = append(b.offsets, b.out.Len())
	fmt.Fprintf(&b.out, "%d 0 obj\n%s\nendobj\n", len(b.offsets), fmt.Sprintf(format, args...))
}

func content(text string) string {
	s := "BT /F1 24 Tf 100 700 Td (" + text + ") Tj ET"
	return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(s), s)
}

// pages writes three pages; the contents of the first are those objects.
func (b *book) pages(first string) *book {
	b.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	b.add("<</Type /Catalog /Pages 2 0 R>>")
	b.add("<</Type /Pages /Kids [4 0 R 6 0 R 8 0 R] /Count 3>>")
	b.add("<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>")
	for n := range 3 {
		contents := fmt.Sprintf("%d 0 R", 5+2*n)
		if n == 0 {
			contents = first
		}
		b.add("<</Type /Page /Parent 2 0 R /MediaBox [0 0 595.28 841.89] /Resources <</Font <</F1 3 0 R>>>> /Contents %s>>", contents)
		b.add("%s", content(fmt.Sprintf("Amount %d00 yuan", n+1)))
	}
	return b
}

// end writes the table and the trailer with additions; hidden objects are free in the table.
func (b *book) end(additions string, hidden ...int) []byte {
	free := map[int]bool{}
	for _, n := range hidden {
		free[n] = true
	}
	start := b.out.Len()
	fmt.Fprintf(&b.out, "xref\n0 %d\n0000000000 65535 f\r\n", len(b.offsets)+1)
	for i, at := range b.offsets {
		if free[i+1] {
			fmt.Fprintf(&b.out, "0000000000 65535 f\r\n")
			continue
		}
		fmt.Fprintf(&b.out, "%010d 00000 n\r\n", at)
	}
	fmt.Fprintf(&b.out, "trailer\n<</Size %d /Root 1 0 R /ID [<00112233445566778899AABBCCDDEEFF> <00112233445566778899AABBCCDDEEFF>]%s>>\nstartxref\n%d\n%%%%EOF\n", len(b.offsets)+1, additions, start)
	return b.out.Bytes()
}

func plain() []byte { return (&book{}).pages("5 0 R").end("") }

// shifted is a document into which somebody has put a comment, so that no offset is right.
func shifted() []byte {
	return bytes.Replace(plain(), []byte("%PDF-1.7\n"), []byte("%PDF-1.7\n% an inserted comment\n"), 1)
}

// hybrid is a hybrid file: object 10 stands only in its cross-reference stream, object 11. With shown it is part of the first page.
func hybrid(shown bool) []byte {
	first := "5 0 R"
	if shown {
		first = "[5 0 R 10 0 R]"
	}
	b := (&book{}).pages(first)
	b.add("%s", strings.ReplaceAll(content("and 900 more"), "100 700", "100 600"))
	at := b.offsets[9]
	entries := string([]byte{1, byte(at >> 8), byte(at), 0})
	b.add("<</Type /XRef /Size 12 /W [1 2 1] /Index [10 1] /Root 1 0 R /Length %d>>\nstream\n%s\nendstream", len(entries), entries)
	return b.end(fmt.Sprintf(" /XRefStm %d", b.offsets[10]), 10)
}

// moved is a document with a wrong offset and two first pages: a reader that believes the table shows another one than a reader that looks
// for objects.
func moved() []byte {
	b := (&book{}).pages("5 0 R")
	raw := bytes.Clone(b.end(""))
	raw = bytes.Replace(raw, []byte(fmt.Sprintf("%010d 00000 n", b.offsets[8])), []byte(fmt.Sprintf("%010d 00000 n", b.offsets[8]+3)), 1)
	at := bytes.LastIndex(raw, []byte("xref\n0 "))
	other := []byte("5 0 obj\n" + content("Amount 999 yuan") + "\nendobj\n")
	start := fmt.Sprintf("startxref\n%d\n", at)
	raw = bytes.Replace(raw, []byte(start), []byte(fmt.Sprintf("startxref\n%d\n", at+len(other))), 1)
	return append(append(bytes.Clone(raw[:at]), other...), raw[at:]...)
}

type bench struct {
	t   *testing.T
	dir string
}

func (b *bench) write(name string, data []byte) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

func (b *bench) run(name string, args ...string) string {
	b.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		b.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// The copy of a document with a broken structure shows the same, by our reader and by two others, and the document is untouched.
func TestFile_copiesWhatTheStrictReaderRefuses(t *testing.T) {
	for name, raw := range map[string][]byte{"shifted": shifted(), "hybrid": hybrid(false), "no end": plain()[:len(plain())-7]} {
		t.Run(name, func(t *testing.T) {
			b := &bench{t, t.TempDir()}
			in, out := b.write("in.pdf", raw), filepath.Join(b.dir, "out.pdf")
			if _, err := pdfseal.InspectFile(t.Context(), in, nil); !Helps(err) {
				t.Fatalf("the strict reader says %v", err)
			}
			last := 0
			r, err := File(t.Context(), in, out, func(done, total int) { last = done*10 + total })
			if err != nil || r.Pages != 3 || r.Path != out || !strings.HasPrefix(r.Rule, "S") || last != 33 {
				t.Fatalf("%+v, %v, progress %d", r, err, last)
			}
			if after, err := os.ReadFile(in); err != nil || !bytes.Equal(after, raw) {
				t.Error("the document was changed")
			}
			inv, err := pdfseal.InspectFile(t.Context(), out, nil)
			if err != nil || inv.Pages != 3 || len(inv.Refused()) > 0 {
				t.Errorf("the copy: %+v, %v", inv, err)
			}
			b.run("qpdf", "--check", out)
			for _, path := range []string{in, out} {
				if text := b.run("pdftotext", "-q", path, "-"); !strings.Contains(text, "Amount 300 yuan") {
					t.Errorf("%s reads %q", path, text)
				}
				b.run("pdftoppm", "-r", "60", "-gray", "-q", path, path)
			}
			for n := 1; n <= 3; n++ {
				then, errA := os.ReadFile(fmt.Sprintf("%s-%d.pgm", in, n))
				now, errB := os.ReadFile(fmt.Sprintf("%s-%d.pgm", out, n))
				if errA != nil || errB != nil || !bytes.Equal(then, now) {
					t.Errorf("page %d looks different in another program: %v, %v", n, errA, errB)
				}
			}
		})
	}
}

func TestFile_refused(t *testing.T) {
	for name, c := range map[string]struct {
		raw []byte
		key string
	}{
		"nothing is wrong":                  {plain(), "normalise.needless"},
		"a signature that nothing leads to": {bytes.Replace(shifted(), []byte("/Type /Font"), []byte("/ByteRange [0 1 2 3] /Type /Font"), 1), "normalise.sealed"},
		"permissions of a signature":        {bytes.Replace(shifted(), []byte("/Type /Catalog"), []byte("/Perms <</DocMDP 3 0 R>> /Type /Catalog"), 1), "normalise.sealed"},
		"hybrid with more to see":           {hybrid(true), "normalise.readers"},
		"two objects of one number":         {moved(), "normalise.readers"},
		"nothing but damage":                {[]byte("%PDF-1.7\n" + strings.Repeat("x", 3000)), "normalise.unwritable"},
		"no PDF":                            {[]byte("plain text"), "file.not_pdf"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bench{t, t.TempDir()}
			in, out := b.write("in.pdf", c.raw), filepath.Join(b.dir, "out.pdf")
			r, err := File(t.Context(), in, out, nil)
			if err == nil || explain.Error(err).Key != c.key {
				t.Errorf("%+v, %v (%s), want %s", r, err, explain.Error(err).Key, c.key)
			}
			if left, err := os.ReadDir(b.dir); err != nil || len(left) != 1 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestFile_nothingIsWrittenOver(t *testing.T) {
	b := &bench{t, t.TempDir()}
	in, out := b.write("in.pdf", shifted()), b.write("out.pdf", []byte("mine"))
	if _, err := File(t.Context(), in, out, nil); !errors.Is(err, pdfseal.ErrOutputExists) {
		t.Errorf("got %v", err)
	}
	if _, err := File(t.Context(), in, in, nil); !errors.Is(err, pdfseal.ErrOutputExists) {
		t.Errorf("over the input: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := File(ctx, in, filepath.Join(b.dir, "new.pdf"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if left, err := os.ReadDir(b.dir); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v", left)
	}
	encrypted := filepath.Join(b.dir, "encrypted.pdf")
	b.run("qpdf", "--encrypt", "", "owner", "256", "--", b.write("plain.pdf", plain()), encrypted)
	if _, err := File(t.Context(), encrypted, filepath.Join(b.dir, "new.pdf"), nil); !errors.Is(err, pdfseal.ErrEncrypted) {
		t.Errorf("encrypted: %v", err)
	}
}
