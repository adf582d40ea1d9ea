package pdfseal_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"sealdesk/pdfseal"
)

// ranged makes a seal with another /ByteRange, which its holder signs.
func ranged(text func(b, c, d int64) string) func(testing.TB, *kitBase) []byte {
	return func(t testing.TB, b *kitBase) []byte {
		k := b.reseal(t)
		k.Sig.Range = func(r [4]int64) string { return text(r[1], r[2], r[3]) }
		return k.bytes()
	}
}

// rangeText gives a ByteRange of four numbers.
func rangeOf(n ...int64) string {
	return "/ByteRange" + strings.ReplaceAll(fmt.Sprint(n), ", ", " ")
}

func rangeMutants() []mutantClass {
	var out []mutantClass
	add := func(name, want string, text func(b, c, d int64) string) {
		out = append(out, mutantClass{"ByteRange", name, want, ranged(text)})
	}
	add("starts late", "B2", func(b, c, d int64) string { return rangeOf(4, b-4, c, d) })
	add("parts overlap", "B3", func(b, c, d int64) string { return rangeOf(0, b, b-10, d) })
	add("second part in the gap", "B4", func(b, c, d int64) string { return rangeOf(0, b, c-10, d+10) })
	add("part before the gap cut", "B4", func(b, c, d int64) string { return rangeOf(0, b-10, c, d) })
	add("gap grown", "B4", func(b, c, d int64) string { return rangeOf(0, b, c+10, d-10) })
	add("gap one byte smaller", "B4", func(b, c, d int64) string { return rangeOf(0, b+1, c-1, d+1) })
	add("ends early", "B6", func(b, c, d int64) string { return rangeOf(0, b, c, d-20) })
	add("ends at the objects", "B6", func(b, c, d int64) string { return rangeOf(0, b, c, 20) })
	add("beyond the file", "B3", func(b, c, d int64) string { return rangeOf(0, b, c, d+1000) })
	add("negative", "B2", func(b, c, d int64) string { return rangeOf(0, -b, c, d) })
	add("negative length", "B2", func(b, c, d int64) string { return rangeOf(0, b, c, -d) })
	add("huge", "B3", func(b, c, d int64) string { return rangeOf(0, b, c, 1<<62) })
	add("sum overflows", "B3", func(b, c, d int64) string { return rangeOf(0, b, 1<<63-10, 1<<63-10) })
	add("beyond 64 bits", "S2", func(b, c, d int64) string { return fmt.Sprintf("/ByteRange[0 %d %d 18446744073709551617]", b, c) })
	add("zeros", "B3", func(b, c, d int64) string { return rangeOf(0, 0, 0, 0) })
	add("deleted", "B1", func(b, c, d int64) string { return "" })
	add("null", "B1", func(b, c, d int64) string { return "/ByteRange null" })
	add("reference", "B1", func(b, c, d int64) string { return "/ByteRange 3 0 R" })
	add("string", "B2", func(b, c, d int64) string { return fmt.Sprintf("/ByteRange(0 %d %d %d)", b, c, d) })
	add("empty", "B2", func(b, c, d int64) string { return rangeOf() })
	add("one number", "B2", func(b, c, d int64) string { return rangeOf(0) })
	add("two numbers", "B2", func(b, c, d int64) string { return rangeOf(0, c+d) })
	add("three numbers", "B2", func(b, c, d int64) string { return rangeOf(0, b, c) })
	add("six numbers", "B2", func(b, c, d int64) string { return rangeOf(0, b, c, d-9, c+d-5, 5) })
	add("real numbers", "B2", func(b, c, d int64) string { return fmt.Sprintf("/ByteRange[0 %d.0 %d.0 %d.0]", b, c, d) })
	add("references inside", "B2", func(b, c, d int64) string { return fmt.Sprintf("/ByteRange[0 %d %d 3 0 R]", b, c) })
	add("array inside", "B2", func(b, c, d int64) string { return fmt.Sprintf("/ByteRange[[0 %d] [%d %d]]", b, c, d) })
	add("twice", "S7", func(b, c, d int64) string { return rangeOf(0, b, c, d) + rangeOf(0, b, c, d) })
	add("twice, once escaped", "S7", func(b, c, d int64) string { return rangeOf(0, b, c, d) + "/#42yteRange[0 1 2 3]" })
	add("of another revision", "B4", func(b, c, d int64) string { return rangeOf(0, b/2, c/2, d) })
	return out
}

// gapped makes a seal with something else as /Contents; key and value together keep their length.
func gapped(edit func(entry string) string) func(testing.TB, *kitBase) []byte {
	return func(t testing.TB, b *kitBase) []byte {
		k := b.reseal(t)
		k.Sig.Contents = func(entry string) string {
			now := edit(entry)
			return now + strings.Repeat(" ", len(entry)-len(now))
		}
		return k.bytes()
	}
}

// reber writes the outermost SEQUENCE in another way, which BER allows and DER does not.
func reber(how func(content []byte) []byte) func(testing.TB, *kitBase) []byte {
	return func(t testing.TB, b *kitBase) []byte {
		k := b.reseal(t)
		k.seal.der = func(der []byte) []byte { return how(der[4:]) } // two bytes of length
		return k.bytes()
	}
}

func contentsMutants() []mutantClass {
	const key = "/Contents"
	var out []mutantClass
	add := func(name, want string, edit func(entry string) string) {
		out = append(out, mutantClass{"Contents", name, want, gapped(edit)})
	}
	add("literal string (SWA-2)", "B4", func(e string) string { return key + "(" + e[len(key)+1:len(e)-1] + ")" })
	add("shorter literal string, objects in the room (SWA-2)", "B4", func(e string) string {
		return key + "(" + e[len(key)+1:len(e)/2] + ")/Evil [" + strings.Repeat(" ", 40) + "]"
	})
	add("data in the padding (SWA-3)", "B5", func(e string) string { return e[:len(e)-3] + "01>" })
	add("much data in the padding (SWA-3)", "B5", func(e string) string { return e[:len(e)-401] + strings.Repeat("5A", 200) + ">" })
	add("empty", "B4", func(string) string { return key + "<>" })
	add("empty literal", "B4", func(string) string { return key + "()" })
	add("one zero byte", "B4", func(string) string { return key + "<00>" })
	add("null", "B1", func(string) string { return key + " null" })
	add("deleted", "B1", func(string) string { return "" })
	add("without a value", "S2", func(string) string { return key })
	add("reference", "B1", func(string) string { return key + " 3 0 R" })
	add("all zero", "B5", func(e string) string { return key + "<" + strings.Repeat("0", len(e)-len(key)-2) + ">" })
	add("white space between digits", "B4", func(e string) string { return e[:len(e)-3] + " 0>" })
	add("odd number of digits", "B4", func(e string) string { return e[:len(e)-2] + "> " })
	add("twice", "S7", func(e string) string { return e[:len(e)-len(key)-5] + ">" + key + "<00>" })
	add("comment behind it", "S2", func(e string) string { return e[:len(e)-9] + ">%comment" })
	for _, n := range []int{0, 1, 4, 30, 120, 400} {
		add(fmt.Sprintf("cut after %d bytes", n), map[bool]string{true: "B5", false: "E8"}[n == 0], func(e string) string {
			n := len(key) + 1 + 2*n
			return e[:n] + strings.Repeat("0", len(e)-n-1) + ">"
		})
	}
	more := func(name, want string, how func([]byte) []byte) {
		out = append(out, mutantClass{"Contents", name, want, reber(how)})
	}
	more("BER, indefinite length", "B5", func(c []byte) []byte { return append(append([]byte{0x30, 0x80}, c...), 0, 0) })
	more("BER, length with a leading zero", "B5", func(c []byte) []byte {
		return append([]byte{0x30, 0x83, 0, byte(len(c) >> 8), byte(len(c))}, c...)
	})
	more("BER, constructed OCTET STRING outside", "B5", func(c []byte) []byte {
		return append([]byte{0x24, 0x82, byte(len(c) >> 8), byte(len(c))}, c...)
	})
	more("a second DER object behind it", "B5", func(c []byte) []byte {
		return append(append([]byte{0x30, 0x82, byte(len(c) >> 8), byte(len(c))}, c...), 0x30, 3, 2, 1, 1)
	})
	more("nested a thousand deep", "B5", func([]byte) []byte { return bytes.Repeat([]byte{0x30, 0x80}, 1000) })
	return out
}

// FuzzByteRange moves the four numbers of /ByteRange in a seal that its holder signs anew: every other range is refused by a rule of its own,
// without a look at the digest.
func FuzzByteRange(f *testing.F) {
	o := newOffice(f)
	b := o.newBase(f, "ranges", document(a4), 1, 1, false)
	for _, n := range []int64{1, -1, 10, 1 << 31, 1<<63 - 1, -1 << 63} {
		f.Add(n, int64(0), int64(0), int64(0))
		f.Add(int64(0), n, int64(0), int64(0))
		f.Add(int64(0), int64(0), n, -n)
		f.Add(int64(0), int64(0), int64(0), n)
		f.Add(int64(0), n, n, n)
	}
	f.Fuzz(func(t *testing.T, da, db, dc, dd int64) {
		doc := ranged(func(b, c, d int64) string { return rangeOf(da, b+db, c+dc, d+dd) })(t, b)
		rep, err := b.judge(doc)
		if err != nil {
			t.Fatal(err)
		}
		if da == 0 && db == 0 && dc == 0 && dd == 0 {
			wantAccepted(t, rep, 1)
			return
		}
		if rep.Verdict != pdfseal.VerdictInvalid || len(rep.Seals) != 1 || !strings.HasPrefix(rep.Seals[0].Reasons[0].Rule, "B") {
			t.Fatalf("%s by %d %d %d %d\n%s", rep.Verdict, da, db, dc, dd, failures(rep))
		}
	})
}
