package pdfseal_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"sealdesk/pdfseal"
)

// TestAffixFile_hundredMillion: eight digits hold offsets below 100,000,000; at that border other writers have damaged files. The sizes
// are those of the document; with the last one, the border falls between the two numbers around /Contents.
func TestAffixFile_hundredMillion(t *testing.T) {
	if !isLong() {
		t.Skip("long: run with go run ./cmd/dev test --long")
	}
	o := newOffice(t)
	for _, size := range []int64{99_999_999, 100_000_001, 99_992_000} {
		dir := t.TempDir()
		in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
		writePadded(t, in, size)
		done, err := pdfseal.AffixFile(context.Background(), out, in, o.request(0, pdfseal.Mark{Page: 1, X: 60, Y: 60}))
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		r := done.ByteRange
		if crossed := r[1] < 100_000_000 && r[2] > 100_000_000; crossed != (size == 99_992_000) {
			t.Errorf("%d bytes: /Contents from %d to %d", size, r[1], r[2])
		}
		rep, err := pdfseal.VerifyFile(context.Background(), out, pdfseal.VerifyOptions{Trust: o.trust, Now: now})
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		wantAccepted(t, rep, 1)
		samePart(t, in, out, size)
		os.RemoveAll(dir)
	}
}

// writePadded writes a document of one page and exactly size bytes, nearly all of them a stream of zeros that nothing draws.
func writePadded(t *testing.T, path string, size int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var head bytes.Buffer
	var offs []int64
	obj := func(text string) {
		offs = append(offs, int64(head.Len()))
		fmt.Fprintf(&head, "%d 0 obj\n%s", len(offs), text)
	}
	head.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	obj("<< /Type /Catalog /Pages 2 0 R /Padding 4 0 R >>\nendobj\n")
	obj("<< /Type /Pages /Count 1 /Kids [ 3 0 R ] >>\nendobj\n")
	obj("<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 595.276 841.89 ] /Contents 5 0 R >>\nendobj\n")
	text := "10 10 m 100 100 l S"
	content := fmt.Sprintf("5 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n", len(text), text)
	at5 := int64(head.Len())
	head.WriteString(content)
	const rest = "\nendstream\nendobj\n"
	tail := func(pad int64) string {
		xref := int64(head.Len()) + pad + int64(len(rest))
		s := "xref\n0 6\n0000000000 65535 f \n"
		for _, off := range append(append([]int64{}, offs...), at5) {
			s += fmt.Sprintf("%010d 00000 n \n", off)
		}
		return rest + s + fmt.Sprintf("trailer\n<< /Size 6 /Root 1 0 R /ID [ <00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff> ] >>\nstartxref\n%010d\n%%%%EOF\n", xref)
	}
	length := head.Len()
	obj(fmt.Sprintf("<< /Length %010d >>\nstream\n", 0))
	pad := size - int64(head.Len()) - int64(len(tail(0)))
	head.Truncate(length)
	offs = offs[:3]
	obj(fmt.Sprintf("<< /Length %010d >>\nstream\n", pad))
	for _, step := range []struct {
		at   int64
		data string
	}{{0, head.String()}, {int64(head.Len()) + pad, tail(pad)}} {
		if _, err := f.WriteAt([]byte(step.data), step.at); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := f.Stat(); err != nil || info.Size() != size {
		t.Fatalf("%v bytes written, want %d (%v)", info.Size(), size, err)
	}
}

// samePart compares the first n bytes of two files.
func samePart(t *testing.T, a, b string, n int64) {
	t.Helper()
	var data [2]*os.File
	for i, path := range []string{a, b} {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		data[i] = f
	}
	left, right := make([]byte, 1<<20), make([]byte, 1<<20)
	for off := int64(0); off < n; off += int64(len(left)) {
		part := min(n-off, int64(len(left)))
		_, errLeft := io.ReadFull(io.NewSectionReader(data[0], off, part), left[:part])
		_, errRight := io.ReadFull(io.NewSectionReader(data[1], off, part), right[:part])
		if errLeft != nil || errRight != nil || !bytes.Equal(left[:part], right[:part]) {
			t.Fatalf("the input is no prefix of the output near byte %d: %v, %v", off, errLeft, errRight)
		}
	}
}
