package pdfseal_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/mutant"
	"sealdesk/pdfseal/internal/pdf"
)

// rewritten is an attacker's increment with its bytes changed after they were written; change gets them alone.
func rewritten(name, want string, change func(k *kitUpdate, inc string) string) mutantClass {
	return mutantClass{"Parser", name, want, func(t testing.TB, b *kitBase) []byte {
		k := b.update(t)
		k.Put(k.content(1), mutant.Stream("", evil))
		inc := string(k.bytes()[len(b.doc):])
		now := change(k, inc)
		if now == "" {
			return nil
		}
		if now == inc {
			t.Errorf("%s: nothing was changed", name)
		}
		return append(bytes.Clone(b.doc), now...)
	}}
}

// once replaces the last occurrence of old; where there is none the class does not apply.
func once(old, now string) func(*kitUpdate, string) string {
	return func(_ *kitUpdate, inc string) string {
		i := strings.LastIndex(inc, old)
		if i < 0 {
			return ""
		}
		return inc[:i] + now + inc[i+len(old):]
	}
}

// tableOnly is once for updates with a cross-reference table.
func tableOnly(change func(*kitUpdate, string) string) func(*kitUpdate, string) string {
	return func(k *kitUpdate, inc string) string {
		if k.Kind != pdf.Table {
			return ""
		}
		return change(k, inc)
	}
}

// objectLike defines an object of the attacker with this body.
func objectLike(name, want, body string) mutantClass {
	return appended("Parser", name, want, func(k *kitUpdate, _ *kitBase) { k.Add(body) })
}

// appendedMutants are increments that different readers read differently, or not at all (docs/verification.md, 1.5).
func appendedMutants() []mutantClass {
	return []mutantClass{
		objectLike("stream length too long", "S2", "<</Length 9>>\nstream\nxyz\nendstream"),
		objectLike("stream length too short", "S2", "<</Length 1>>\nstream\nxyz\nendstream"),
		objectLike("stream length missing", "S2", "<<>>\nstream\nxyz\nendstream"),
		objectLike("stream length twice", "S7", "<</Length 3/Length 3>>\nstream\nxyz\nendstream"),
		objectLike("stream length negative", "S2", "<</Length -3>>\nstream\nxyz\nendstream"),
		objectLike("stream followed by CR alone", "S2", "<</Length 3>>\nstream\rxyz\nendstream"),
		objectLike("stream keyword in capitals", "S5", "<</Length 3>>\nSTREAM\nxyz\nENDSTREAM"),
		objectLike("words after endstream", "S5", "<</Length 3>>\nstream\nxyz\nendstream garbage"),
		objectLike("two objects in one", "S5", "<</A 1>><</B 2>>"),
		objectLike("document in a stream", "I8", mutant.Stream("", string(document(a4)))),
		objectLike("key twice", "S7", "<</A 1/A 2>>"),
		objectLike("key twice, once escaped", "S7", "<</Type /Page/#54ype /Catalog>>"),
		objectLike("name with a zero", "S2", "<</A#00 1>>"),
		objectLike("deep nesting", "R1", strings.Repeat("[", 100)+strings.Repeat("]", 100)),
		objectLike("string without end", "S2", "(text"),
		objectLike("array without end", "S2", "[1 2"),
		objectLike("huge number", "S2", "99999999999999999999999"),
		objectLike("long name", "R1", "/"+strings.Repeat("N", 5000)),
		objectLike("long string", "R1", "("+strings.Repeat("s", 70000)+")"),
		objectLike("hundred thousand spaces", "R1", "[1"+strings.Repeat(" ", 100_000)+"2]"),
		rewritten("endobj missing", "I1+S5|S5", once("\nendobj", "\n      ")),
		rewritten("endobj in capitals", "I1+S5|S5", once("endobj", "ENDOBJ")),
		rewritten("obj in capitals", "S5", once("0 obj\n<</Length", "0 OBJ\n<</Length")),
		rewritten("startxref off by one", "S4|I1+S11", shiftStart(1)),
		rewritten("startxref 0", "S4", func(_ *kitUpdate, inc string) string { return startRE.ReplaceAllString(inc, "startxref\n0") }),
		rewritten("startxref at the end", "S4", shiftStart(1<<20)),
		rewritten("startxref of the revision before", "B6+S11|I2+S11", func(k *kitUpdate, inc string) string {
			return startRE.ReplaceAllString(inc, fmt.Sprintf("startxref\n%d", k.Prev))
		}),
		rewritten("startxref missing", "S3", once("startxref", "")),
		rewritten("%%EOF missing", "S3", once("%%EOF\n", "")),
		rewritten("%%EOF in small letters", "S3", once("%%EOF", "%%eof")),
		rewritten("object after %%EOF", "S3", once("%%EOF\n", "%%EOF\n99 0 obj\n1\nendobj\n")),
		rewritten("word after %%EOF", "I1+S3", once("%%EOF\n", "%%EOF\nend")),
		rewritten("blank after %%EOF", "I1+S3", once("%%EOF\n", "%%EOF\n\n")),
		rewritten("second footer", "S4", once("%%EOF\n", "%%EOF\nstartxref\n9\n%%EOF\n")),
		rewritten("second header", "S4", func(_ *kitUpdate, inc string) string { return "%PDF-1.4\n" + inc }),
		rewritten("second header, offsets right", "I1+S11", func(k *kitUpdate, inc string) string { return reoffset(k, "%PDF-1.4\n", inc) }),
		rewritten("object that no table names", "I1+S11", func(k *kitUpdate, inc string) string {
			return reoffset(k, "1 0 obj\n<</Type /Catalog>>\nendobj\n", inc)
		}),
		rewritten("object in a comment", "I1+S11", func(k *kitUpdate, inc string) string {
			return reoffset(k, "% 1 0 obj <</Type /Catalog>> endobj\n", inc)
		}),
		rewritten("trailer keyword missing", "S4", tableOnly(once("trailer\n", "        "))),
		rewritten("xref keyword missing", "S4", tableOnly(func(_ *kitUpdate, inc string) string { return strings.Replace(inc, "\nxref\n", "\n    \n", 1) })),
		rewritten("xref keyword in capitals", "S4", tableOnly(func(_ *kitUpdate, inc string) string { return strings.Replace(inc, "\nxref\n", "\nXREF\n", 1) })),
		rewritten("two trailers", "I1+S3", tableOnly(once("startxref", "trailer\n<</Root 1 0 R/Size 99>>\nstartxref"))),
		rewritten("entry off by one", "S5", tableOnly(shiftEntry(1))),
		rewritten("entry in capitals", "S5", tableOnly(once(" n\r\n", " N\r\n"))),
		rewritten("entry of 19 bytes", "I1+S5", tableOnly(once(" n\r\n", " n\n"))),
		rewritten("generation in the entry alone", "S5", tableOnly(once("00000 n\r\n", "00001 n\r\n"))),
		rewritten("generation 65535", "S5", tableOnly(once("00000 n\r\n", "65535 n\r\n"))),
		rewritten("negative generation", "S5", tableOnly(once("00000 n\r\n", "-0001 n\r\n"))),
		rewritten("subsection of more entries", "S5", tableOnly(head(" 1\n", " 2\n"))),
		rewritten("subsection of no entries", "S4", tableOnly(head(" 1\n", " 0\n"))),
		rewritten("subsection of ten million entries", "R1", tableOnly(head(" 1\n", " 9999999\n"))),
		appended("Parser", "object at a place of the revision before", "S5", func(k *kitUpdate, _ *kitBase) {
			_, e, _ := k.View().Where(k.content(2))
			k.Entries[k.content(1)] = e
		}),
		appended("Parser", "two objects at one place", "S5", func(k *kitUpdate, b *kitBase) {
			k.Put(k.content(1), mutant.Stream("", evil))
			k.Entries[k.content(2)] = pdf.Entry{Kind: pdf.InUse, Offset: int64(len(b.doc))}
		}),
		appended("Parser", "object of another generation", "I3", func(k *kitUpdate, _ *kitBase) {
			k.Put(k.content(1), mutant.Stream("", evil))
			k.Gens[k.content(1)] = 1
		}),
		appended("Parser", "entry beyond the file", "S5", func(k *kitUpdate, _ *kitBase) { k.Entries[k.content(1)] = pdf.Entry{Kind: pdf.InUse, Offset: 1 << 30} }),
		sealedToo("Parser", "comment between the objects of a seal", "S11", func(k *kitUpdate, _ *kitBase) { k.Glue = "% note\n" }),
		sealedToo("Parser", "object of a seal that no table names", "S11", func(k *kitUpdate, _ *kitBase) { k.Glue = "97 0 obj\n1\nendobj\n" }),
	}
}

var startRE = regexp.MustCompile(`startxref\n\d+`)

func shiftStart(by int) func(*kitUpdate, string) string {
	return func(_ *kitUpdate, inc string) string {
		var at int
		_, _ = fmt.Sscanf(startRE.FindString(inc), "startxref\n%d", &at)
		return startRE.ReplaceAllString(inc, fmt.Sprintf("startxref\n%d", at+by))
	}
}

var entryRE = regexp.MustCompile(`(\d{10}) 00000 n\r\n`)

func shiftEntry(by int) func(*kitUpdate, string) string {
	return func(_ *kitUpdate, inc string) string {
		var at int
		_, _ = fmt.Sscanf(entryRE.FindString(inc), "%d", &at)
		return entryRE.ReplaceAllString(inc, fmt.Sprintf("%010d 00000 n\r\n", at+by))
	}
}

// head changes the head of the first subsection.
func head(old, now string) func(*kitUpdate, string) string {
	return func(_ *kitUpdate, inc string) string {
		i := strings.Index(inc, "\nxref\n")
		return inc[:i] + strings.Replace(inc[i:], old, now, 1)
	}
}

// reoffset puts text in front of an update of one object and keeps its offsets right.
func reoffset(k *kitUpdate, text, inc string) string {
	if k.Kind != pdf.Table {
		return ""
	}
	return text + shiftStart(len(text))(k, shiftEntry(len(text))(k, inc))
}

// packed adds an object stream to an update of a document with cross-reference streams.
func packed(name, want, dict, data string, entries func(k *kitUpdate, self int)) mutantClass {
	return mutantClass{"Object stream", name, want, func(t testing.TB, b *kitBase) []byte {
		k := b.update(t)
		if k.Kind != pdf.Stream {
			return nil
		}
		self := k.Add("")
		k.Bodies[self] = mutant.Stream("/Type /ObjStm"+dict, fmt.Sprintf(data, k.catalog()))
		entries(k, self)
		return k.bytes()
	}}
}

func catalogIn(k *kitUpdate, self int) {
	k.Entries[k.catalog()] = pdf.Entry{Kind: pdf.Compressed, Stream: self}
}

// trailerMutants change trailers and how revisions hang together.
func trailerMutants() []mutantClass {
	trailer := func(name, want string, change func(k *kitUpdate, b *kitBase)) mutantClass {
		return appended("Trailer", name, want, func(k *kitUpdate, b *kitBase) {
			change(k, b)
			if len(k.Bodies) == 0 {
				k.Put(k.content(1), mutant.Stream("", evil))
			}
		})
	}
	set := func(key string, o types.Object) func(*kitUpdate, *kitBase) {
		return func(k *kitUpdate, _ *kitBase) { k.Trailer[key] = o }
	}
	ref := func(n int) types.Object { return *types.NewIndirectRef(n, 0) }
	return []mutantClass{
		trailer("another root", "S8", func(k *kitUpdate, _ *kitBase) { k.Trailer["Root"] = ref(k.Add("<</Type /Catalog/Pages 2 0 R>>")) }),
		trailer("root is direct", "S8", set("Root", types.Dict{"Type": types.Name("Catalog")})),
		trailer("no root", "S8", set("Root", nil)),
		trailer("encrypted", "S8", set("Encrypt", types.Dict{"Filter": types.Name("Standard")})),
		trailer("another ID", "S8", set("ID", types.Array{types.HexLiteral("00"), types.HexLiteral("00")})),
		trailer("no ID", "I1+S8", func(k *kitUpdate, _ *kitBase) { delete(k.Trailer, "ID") }),
		trailer("information added", "I1+S8", func(k *kitUpdate, _ *kitBase) { k.Trailer["Info"] = ref(3) }),
		trailer("another key", "I1+S8", set("Secret", types.Integer(1))),
		trailer("size falls", "S4", set("Size", types.Integer(3))),
		trailer("size of two thousand million", "R1", set("Size", types.Integer(1<<31))),
		trailer("size is no number", "S4", set("Size", types.Name("A"))),
		trailer("hybrid", "S6", set("XRefStm", types.Integer(9))),
		trailer("prev to nothing", "S4", set("Prev", types.Integer(12))),
		trailer("prev to the file's start", "S4", set("Prev", types.Integer(0))),
		trailer("prev is a reference", "S4", set("Prev", ref(3))),
		trailer("prev negative", "S4", set("Prev", types.Integer(-5))),
		trailer("prev beyond the file", "S4", set("Prev", types.Integer(1<<30))),
		trailer("prev to its own section", "S4", func(k *kitUpdate, b *kitBase) {
			k.Put(k.content(1), mutant.Stream("", evil))
			out := k.bytes()
			k.Trailer["Prev"] = types.Integer(bytes.LastIndex(out, []byte(k.section())))
		}),
		trailer("no prev", "S8", func(k *kitUpdate, _ *kitBase) { k.Prev = -1 }),
		trailer("prev skips the seal", "V4|S4", func(k *kitUpdate, b *kitBase) {
			first := startRE.FindString(strings.ReplaceAll(string(b.doc), "\r", "\n"))
			var at int
			_, _ = fmt.Sscanf(first, "startxref\n%d", &at)
			k.Prev = int64(at)
		}),
		packed("overrides the catalogue", "I1+I2+S10+V4", "/N 1/First 4", "%d 0 <</Type /Catalog/Pages 2 0 R>>", catalogIn),
		packed("wrong /First", "S6", "/N 1/First 900", "%d 0 <</Type /Catalog/Pages 2 0 R>>", catalogIn),
		packed("wrong /N", "S6", "/N 9/First 4", "%d 0 <</Type /Catalog/Pages 2 0 R>>", catalogIn),
		packed("extends another", "I1+I2+S10+S6+V4", "/N 1/First 4/Extends 3 0 R", "%d 0 <</Type /Catalog/Pages 2 0 R>>", catalogIn),
		packed("in itself", "S6", "/N 1/First 4", "%d 0 <</Type /Catalog/Pages 2 0 R>>", func(k *kitUpdate, self int) {
			k.Entries[self] = pdf.Entry{Kind: pdf.Compressed, Stream: self}
		}),
		packed("holds an object that is not listed", "S11", "/N 1/First 4", "%d 0 <</Type /Catalog/Pages 2 0 R>>", func(*kitUpdate, int) {}),
		packed("of an object of its own", "S5", "/N 1/First 4", "%d 0 <</Type /Catalog/Pages 2 0 R>>", func(k *kitUpdate, self int) {
			k.Entries[k.catalog()] = pdf.Entry{Kind: pdf.Compressed, Stream: 9999}
		}),
	}
}

// section is how the section of the update begins.
func (k *kitUpdate) section() string {
	if k.Kind == pdf.Table {
		return "\nxref\n"[1:]
	}
	return fmt.Sprintf("%d 0 obj\n", k.Size)
}
