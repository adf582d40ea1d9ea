package pdfseal_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// careless seals a base that our own tools refuse to seal: the table base is edited without changing its length, and the holder signs the
// result, so that nothing but the structure is wrong. Where there is no rule for a base, nothing is said of it.
func careless(name, want string, edit func(doc []byte) []byte) mutantClass {
	return mutantClass{"Base", name, want, onlyOnce(func(t testing.TB, b *kitBase) []byte {
		from, to := gapOf(t, b.clean)
		doc := edit(bytes.Clone(b.clean))
		if doc == nil || len(doc) != len(b.clean) || bytes.Equal(doc, b.clean) {
			t.Fatalf("%s: edit gives %d bytes of %d", name, len(doc), len(b.clean))
		}
		der, err := b.o.parts(0).container(doc[:from], doc[to:], [4]int64{0, int64(from), int64(to), int64(len(doc) - to)})
		if err != nil {
			t.Fatal(err)
		}
		copy(doc[from+1:to-1], bytes.Repeat([]byte("0"), to-from-2))
		copy(doc[from+1:], strings.ToUpper(hex.EncodeToString(der)))
		return doc
	})}
}

// room is the text in the catalogue of the base that makes room for edits.
var room = "/Lang (" + strings.Repeat("zh", 80) + ")"

// roomFor puts entries into the catalogue in place of the room.
func roomFor(entries string) func([]byte) []byte {
	return func(doc []byte) []byte {
		return bytes.ReplaceAll(doc, []byte(room), []byte(entries+strings.Repeat(" ", len(room)-len(entries))))
	}
}

// exact replaces the first occurrence of a text by another of the same length.
func exact(old, now string) func([]byte) []byte {
	return func(doc []byte) []byte {
		i := bytes.Index(doc, []byte(old))
		if i < 0 || len(old) != len(now) {
			return nil
		}
		copy(doc[i:], now)
		return doc
	}
}

// final is exact for the last occurrence.
func final(old, now string) func([]byte) []byte {
	return func(doc []byte) []byte {
		i := bytes.LastIndex(doc, []byte(old))
		if i < 0 || len(old) != len(now) {
			return nil
		}
		copy(doc[i:], now)
		return doc
	}
}

// startElsewhere lets the last startxref lead into the middle of a word.
func startElsewhere(doc []byte) []byte {
	i := bytes.LastIndex(doc, []byte("startxref"))
	return append(doc[:i], strings.Replace(shiftStart(1)(nil, string(doc[i:])), "\r", "", 1)...)
}

// baseMutants are sealed documents that cannot be read in one way only.
func baseMutants() []mutantClass {
	out := []mutantClass{
		careless("unknown version", "S1", exact("%PDF-1.7", "%PDF-3.0")),
		careless("header in small letters", "error", exact("%PDF-1.7", "%pdf-1.7")),
		careless("catalogue with a bad number", "S2", roomFor("/A 1.2.3")),
		careless("catalogue with an escaped zero", "S2", roomFor("/A#00 1")),
		careless("catalogue with a capital keyword", "S2", roomFor("/A TRUE")),
		careless("catalogue with a string that has no end", "S2", roomFor("/A (x")),
		careless("%%EOF in small letters", "S3", final("%%EOF", "%%eof")),
		careless("startxref in capitals", "S3", final("startxref", "STARTXREF")),
		careless("startxref elsewhere", "S4", startElsewhere),
		careless("entry elsewhere", "S5", exact("0000000015 00000 n", "0000000016 00000 n")),
		careless("entries exchanged", "S5", func(doc []byte) []byte {
			i := bytes.Index(doc, []byte("65535 f\r\n")) + 9
			a, b := bytes.Clone(doc[i:i+20]), bytes.Clone(doc[i+20:i+40])
			copy(doc[i:], b)
			copy(doc[i+20:], a)
			return doc
		}),
		careless("key of the catalogue twice", "S7", roomFor("/Lang (zh)/Lang (mn)")),
		careless("key of the catalogue twice, once escaped", "S7", roomFor("/Pa#67es 3 0 R")),
		careless("key of a page twice", "S7", final("/MediaBox [0 0 595.276 841.89]", "/Parent 2 0 R /MediaBox[0 0 9]")),
		careless("first object that claims the length of the file", "S4", func(doc []byte) []byte {
			return roomFor(fmt.Sprintf("/Linearized 1/L %d", len(doc)))(doc)
		}),
		careless("object inside a text, for readers whom a reference to nothing makes rebuild the table", "S5", roomFor("/Y 900 0 R/X(\n5 0 obj<<>>)")),
		careless("trailer inside a text, for the same readers", "S5", roomFor("/Y 900 0 R/X(\ntrailer<<>>)")),
		careless("root elsewhere", "S8", final("/Root 1 0 R", "/Root 2 0 R")),
		careless("pages counted wrongly", "S10", exact("/Count 3", "/Count 2")),
		careless("page twice in the tree", "S10", exact("/Kids [4 0 R 6 0 R 8 0 R]", "/Kids [4 0 R 4 0 R 8 0 R]")),
		careless("tree that contains itself", "S10", exact("/Kids [4 0 R 6 0 R 8 0 R]", "/Kids [4 0 R 2 0 R 8 0 R]")),
		careless("page that is none", "S10", exact("/Kids [4 0 R 6 0 R 8 0 R]", "/Kids [4 0 R 3 0 R 8 0 R]")),
		careless("box of three numbers", "S10", final("/MediaBox [0 0 595.276 841.89]", "/MediaBox [0 0 595.276       ]")),
		careless("too deep", "R1", roomFor("/A"+strings.Repeat("[", 70)+strings.Repeat("]", 70))),
	}
	for _, x := range []struct{ name, want, now string }{{"hybrid", "S6", "/XRefStm 9"}, {"encrypted", "S8", "/Encrypt 3 0 R"}, {"key of the trailer twice", "S7", "/Root 1 0 R"}} {
		out = append(out, careless(x.name, x.want, func(doc []byte) []byte {
			i := bytes.Index(doc, []byte("/ID [<"))
			j := i + bytes.Index(doc[i:], []byte("]")) + 1
			copy(doc[i:j], fmt.Sprintf("%-*s", j-i, x.now))
			return doc
		}))
	}
	return append(out, edited("Base", "bytes before the header", "S1", func(_ testing.TB, b *kitBase) []byte { return append([]byte("junk\n"), b.doc...) }))
}
