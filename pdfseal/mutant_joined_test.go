package pdfseal_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"sealdesk/pdfseal"
)

// joined is the sealed document with a document of one page behind it that does not lead back to it, so that no revision shows a seal. lines
// stand in a stream of that document; at gives the place of each.
func joined(b *kitBase, n int, line func(at int) string) []byte {
	text := func(at int) string {
		var out strings.Builder
		for range n {
			out.WriteString(line(at + out.Len()))
		}
		return out.String()
	}
	size := len(text(0))
	behind := func(lines string) []byte {
		return writeTable([]string{"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Count 1 /Kids [3 0 R]>>", "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>>",
			fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", size, lines)}, "")
	}
	doc := behind(strings.Repeat("x", size))
	head := bytes.Index(doc, []byte("1 0 obj"))
	shift := len(b.doc) - head
	doc = behind(text(bytes.Index(doc, []byte("xx")) + shift))[head:]
	doc = entryRE.ReplaceAllFunc(doc, func(e []byte) []byte {
		var at int
		_, _ = fmt.Sscanf(string(e), "%d", &at)
		return fmt.Appendf(nil, "%010d%s", at+shift, e[10:])
	})
	doc = startRE.ReplaceAllFunc(doc, func(e []byte) []byte {
		var at int
		_, _ = fmt.Sscanf(string(e), "startxref\n%d", &at)
		return fmt.Appendf(nil, "startxref\n%d", at+shift)
	})
	return append(bytes.Clone(b.doc), doc...)
}

// ends are words that end a file.
func ends(int) string { return "%%EOF\n" }

// namedEnds are ends to which a /ByteRange of the attacker reaches.
func namedEnds(at int) string {
	const line = "/ByteRange [0 1 2 %010d]%%%%EOF\n"
	return fmt.Sprintf(line, at+len(fmt.Sprintf(line, 0))-2)
}

func joinedMutants() []mutantClass {
	join := func(name, want string, n int, line func(int) string) mutantClass {
		return edited("Joined", name, want, func(_ testing.TB, b *kitBase) []byte {
			return joined(b, n, line)
		})
	}
	return []mutantClass{
		join("a document that does not lead back", "V4", 0, ends),
		join("with a thousand ends of files", "V4", 1000, ends),
		join("with thirty ends that a range names", "V4", 30, namedEnds),
		join("with a hundred ends that ranges name", "R1", 100, namedEnds),
	}
}

// TestInspect_hiddenSeal: a document whose seal no revision leads to is not sealed again.
func TestInspect_hiddenSeal(t *testing.T) {
	b := plainBase(t)
	inv, err := pdfseal.Inspect(context.Background(), bytes.NewReader(joined(b, 1000, ends)), b.o.trust)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range inv.Refused() {
		if f.Rule == "W3" && f.Key == pdfseal.FindingSealNotValid && f.Data["seal"] != "" {
			return
		}
	}
	t.Errorf("%+v", inv.Findings)
}
