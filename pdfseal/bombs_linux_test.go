package pdfseal_test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sealdesk/pdfseal/internal/mutant"
	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/sealtest"
)

// bombSize is what each bomb decodes to.
const bombSize = 10 << 30

// zeros is a zlib stream that begins with head and decodes to bombSize bytes, zeros but for that.
func zeros(t testing.TB, head []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	b.Write([]byte{0x78, 0x9c})
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	const piece = 1 << 20
	write := func(p []byte) {
		if _, err := w.Write(p); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	write(append(bytes.Clone(head), make([]byte, piece)...))
	from := b.Len()
	write(make([]byte, piece))
	again := bytes.Clone(b.Bytes()[from:]) // refers to zeros alone, and ends at a byte
	b.Write(bytes.Repeat(again, bombSize/piece-1))
	b.Write([]byte{1, 0, 0, 0xff, 0xff}) // an empty last block
	return binary.BigEndian.AppendUint32(b.Bytes(), uint32(bombSize%65521)<<16|1)
}

// bomb is a sealed file, or one that shows a seal, with a stream of 10 GB. Nothing of it is kept.
type bomb struct {
	name string
	want string // the verdict
	make func(t testing.TB, o *office) []byte
}

var bombs = []bomb{
	{"cross-reference stream", "invalid", func(t testing.TB, o *office) []byte {
		return streamUpdate(t, o, "/Filter /FlateDecode", zeros(t, nil))
	}},
	{"cross-reference stream with a predictor", "invalid", func(t testing.TB, o *office) []byte {
		return streamUpdate(t, o, "/Filter /FlateDecode/DecodeParms <</Predictor 12/Columns 7>>", zeros(t, nil))
	}},
	{"object stream", "invalid", func(t testing.TB, o *office) []byte { return packedBomb(t, o) }},
	{"content of a page", "valid_with_notice", func(t testing.TB, o *office) []byte {
		return o.affix(t, writeTable([]string{"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Count 1 /Kids [3 0 R]>>",
			"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R>>", mutant.Stream("/Filter /FlateDecode", string(zeros(t, nil)))}, ""), 0, kitMarks(0, 1)...)
	}},
	{"image of a mark", "invalid", func(t testing.TB, o *office) []byte {
		b := o.newBase(t, "bomb", document(a4), 1, 1, false)
		k := b.reseal(t)
		num := k.made(aImage, 0)
		dict, _, _ := strings.Cut(k.Bodies[num], "\nstream\n")
		data := zeros(t, nil)
		k.Bodies[num] = regexp.MustCompile(`/Length \d+`).ReplaceAllString(dict, fmt.Sprintf("/Length %d", len(data))) + "\nstream\n" + string(data) + "\nendstream"
		return k.bytes()
	}},
	{"picture of the seal", "indeterminate", func(t testing.TB, o *office) []byte {
		b := o.newBase(t, "bomb", document(a4), 1, 1, false)
		k := b.reseal(t)
		k.seal.seal = otherSeal(t, b, o.pki, func(s *sealtest.SealSpec) { s.Picture = hugePNG(100_000, 34_000) }) // 10 GB as RGB
		return k.bytes()
	}},
}

// streamUpdate puts a cross-reference stream of an attacker behind a sealed file.
func streamUpdate(t testing.TB, o *office, filter string, data []byte) []byte {
	sealed := o.affix(t, document(a4), 0, kitMarks(0, 1)...)
	k := newKitUpdate(t, sealed)
	at := len(sealed)
	dict := fmt.Sprintf("/Type /XRef/W [1 4 2]/Size %d/Root 1 0 R/Prev %d/ID [<00112233445566778899aabbccddeeff><00>]%s", k.Size+1, k.Prev, filter)
	return fmt.Appendf(bytes.Clone(sealed), "%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", k.Size, mutant.Stream(dict, string(data)), at)
}

// packedBomb puts an object stream of an attacker, with the catalogue in it, behind a sealed file with cross-reference streams.
func packedBomb(t testing.TB, o *office) []byte {
	sealed := o.affix(t, viaQPDF(t, document(a4), []string{"--object-streams=generate"}), 0, kitMarks(0, 1)...)
	k := newKitUpdate(t, sealed)
	head := fmt.Sprintf("%d 0 <</Type /Catalog>>", k.catalog())
	self := k.Add(mutant.Stream("/Type /ObjStm/N 1/First 4/Filter /FlateDecode", string(zeros(t, []byte(head)))))
	k.Entries[k.catalog()] = pdf.Entry{Kind: pdf.Compressed, Stream: self}
	return k.bytes()
}

// hugePNG is the beginning of a PNG file of that many pixels.
func hugePNG(w, h uint32) []byte {
	chunk := func(kind string, data []byte) []byte {
		out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		out = append(append(out, kind...), data...)
		return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
	}
	size := append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h), 8, 2, 0, 0, 0)
	return append(append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", size)...), chunk("IDAT", []byte{0x78, 0x9c, 0x63, 0, 0})...)
}

// TestRobust_bombs verifies six files of some megabytes with 10 GB in them, each in a process of its own.
func TestRobust_bombs(t *testing.T) {
	o, p := newOffice(t), newProber(t)
	rows := map[string]*robustRow{}
	for _, b := range bombs {
		doc := b.make(t, o)
		path := filepath.Join(t.TempDir(), "bomb.pdf")
		if err := os.WriteFile(path, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		got := p.probe(path)
		rows[b.name] = &robustRow{faults: map[string]int{}, verdicts: map[string]int{}}
		rows[b.name].add(got, int64(len(doc)))
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
		if f := got.fault(int64(len(doc))); f != "" || got.Verdict != b.want {
			t.Errorf("%s (%d bytes): %s %s, want %s; %v, %d MB, %s %s", b.name, len(doc), got.Verdict, got.Detail, b.want, got.Took, got.Peak>>20, f, got.Fate)
		}
	}
	logRobust(t, rows)
}
