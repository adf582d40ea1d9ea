package pdfseal_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center/receipt"
)

// enriched is a small document with one seal, and the same with evidence.
func (o *office) enriched(t testing.TB) (sealed, doc []byte) {
	t.Helper()
	sealed = o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	e := o.evidence(t, sealed, 0, nil)
	e.CRLs = e.CRLs[:2]
	return sealed, o.add(t, sealed, e)
}

// TestEvidence_everyByteChange changes every third byte of the evidence at the end of a file to another value; in the long run it flips every
// bit of the whole file: in the evidence nothing but what our writer makes of it is accepted, though no seal covers it.
func TestEvidence_everyByteChange(t *testing.T) {
	o := newOffice(t)
	sealed, doc := o.enriched(t)
	wantProven(t, o.at(t, doc, checked), 0)
	from, to := gapOf(t, doc)
	start, step := len(sealed), 3
	if isLong() {
		start, step = 0, 1
	}
	values := func(i int) []byte {
		if isLong() {
			out := make([]byte, 0, 8)
			for bit := range 8 {
				out = append(out, doc[i]^1<<bit)
			}
			return out
		}
		r := rand.New(rand.NewPCG(uint64(i), 3161))
		return []byte{doc[i] ^ byte(1+r.IntN(255))}
	}
	var tried atomic.Int64
	parallel((len(doc)-start+step-1)/step, func(next func() (int, bool)) {
		b := bytes.Clone(doc)
		for k, ok := next(); ok; k, ok = next() {
			i := start + k*step
			for _, v := range values(i) {
				if i > from && i < to-1 && hexCaseOnly(doc[i], v) {
					continue
				}
				b[i] = v
				tried.Add(1)
				if got := o.verdict(b); got.Accepted() {
					t.Errorf("byte %d (%d of the evidence) changed from %#02x to %#02x: %s", i, i-len(sealed), doc[i], v, got)
				}
			}
			b[i] = doc[i]
		}
	})
	t.Logf("%d changes of a file of %d bytes, %d of them evidence", tried.Load(), len(doc), len(doc)-len(sealed))
}

// TestEvidence_everyTruncation cuts the file at every place of the evidence. What is left at its start is the sealed file as it was: accepted
// again, with a time that is only claimed.
func TestEvidence_everyTruncation(t *testing.T) {
	o := newOffice(t)
	sealed, doc := o.enriched(t)
	if rep := o.verify(t, doc[:len(sealed)]); rep.Verdict != pdfseal.VerdictValidNotice || rep.Seals[0].Time.Source != pdfseal.TimeClaimed {
		t.Errorf("without the evidence: %s", rep.Verdict)
	}
	step := 1
	if !isLong() {
		step = 5
	}
	parallel((len(doc)-len(sealed)-1)/step, func(next func() (int, bool)) {
		for i, ok := next(); ok; i, ok = next() {
			if got := o.verdict(doc[:len(sealed)+1+i*step]); got.Accepted() {
				t.Errorf("with %d bytes of the evidence: %s", i*step+1, got)
			}
		}
	})
	for cut := 1; cut < 40; cut++ {
		if got := o.verdict(doc[:len(doc)-cut]); got.Accepted() {
			t.Errorf("without the last %d bytes: %s", cut, got)
		}
	}
	for _, tail := range []string{"\n", " ", "\r", "%", "% comment\n", "%%EOF\n", "x", string(doc[len(sealed):])} {
		if got := o.verdict(append(bytes.Clone(doc), tail...)); got.Accepted() {
			t.Errorf("with %.20q behind it: %s", tail, got)
		}
	}
}

// TestEvidence_shape writes the evidence increment again with one thing changed: only the unchanged one passes.
func TestEvidence_shape(t *testing.T) {
	o := newOffice(t)
	sealed, doc := o.enriched(t)
	inc := doc[len(sealed):]
	other := o.affix(t, document(a4, a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	foreign := o.evidence(t, other, 0, nil)
	tail := func(num int) func(*update) int {
		return func(u *update) int { nums := slices.Sorted(maps.Keys(u.objects)); return nums[len(nums)-num] }
	}
	receiptNum, next := tail(1), func(u *update) int { return tail(1)(u) + 1 }
	replace := func(num int, old, now string) func(*update) {
		return func(u *update) {
			if !strings.Contains(u.objects[num], old) {
				t.Fatalf("object %d has no %s: %.200s", num, old, u.objects[num])
			}
			u.objects[num] = strings.Replace(u.objects[num], old, now, 1)
		}
	}
	cases := map[string]func(*update){
		"nothing":                       func(*update) {},
		"catalogue with an open action": replace(1, "/Pages", "/OpenAction <</S /URI/URI (x)>>/Pages"),
		"catalogue with another key":    replace(1, "/Type /Catalog", "/PageMode /UseNone/Type /Catalog"),
		"catalogue with other pages":    replace(1, "/Pages 2 0 R", "/Pages 3 0 R"),
		"catalogue without its form": func(u *update) {
			u.objects[1] = regexp.MustCompile(`/AcroForm <<.*?>>`).ReplaceAllString(u.objects[1], "")
		},
		"catalogue with permissions":        replace(1, "/Pages", "/Perms <<>>/Pages"),
		"store with another key":            replace(1, "/Type /DSS", "/Type /DSS/VRI <<>>"),
		"store with an empty list":          replace(1, "/Type /DSS", "/OCSPs []/Type /DSS"),
		"store without a type":              replace(1, "/Type /DSS", ""),
		"store written with a space":        replace(1, "/DSS <<", "/DSS << "),
		"store that names the page content": replace(1, "/Certs [", "/Certs [5 0 R "),
		"store that names the receipt twice": func(u *update) {
			n := receiptNum(u)
			replace(1, fmt.Sprintf("/SDSK_Receipts [%d 0 R]", n), fmt.Sprintf("/SDSK_Receipts [%d 0 R %d 0 R]", n, n))(u)
		},
		"a certificate among the lists": func(u *update) {
			m := regexp.MustCompile(`/CRLs \[`).FindString(u.objects[1])
			replace(1, m, m+regexp.MustCompile(`/Certs \[(\d+ 0 R)`).FindStringSubmatch(u.objects[1])[1]+" ")(u)
		},
		"store as an object of its own": func(u *update) {
			i := strings.Index(u.objects[1], "/DSS ") + 5
			j := strings.Index(u.objects[1][i:], ">>") + i + 2
			u.objects[next(u)] = u.objects[1][i:j]
			u.objects[1] = u.objects[1][:i] + fmt.Sprintf("%d 0 R", receiptNum(u)) + u.objects[1][j:]
		},
		"a page redefined as it was":  func(u *update) { u.objects[4] = objectOf(t, sealed, 4) },
		"a page redefined with a key": func(u *update) { u.objects[4] = strings.Replace(objectOf(t, sealed, 4), "/Type", "/Tabs /S/Type", 1) },
		"the page content redefined":  func(u *update) { u.objects[5] = "<</Length 1>>\nstream\nq\nendstream" },
		"a font redefined as it was":  func(u *update) { u.objects[3] = objectOf(t, sealed, 3) },
		"another object":              func(u *update) { u.objects[next(u)] = "<</Hello /World>>" },
		"another stream":              func(u *update) { u.objects[next(u)] = stream([]byte("hello")) },
		"a stream with another key":   func(u *update) { replace(receiptNum(u), "<</Length", "<</Filter []/Length")(u) },
		"a stream of another type":    func(u *update) { replace(receiptNum(u), "/SDSK_SM3", "/Type /XObject/SDSK_SM3")(u) },
		"a stream without a digest": func(u *update) {
			n := receiptNum(u)
			u.objects[n] = regexp.MustCompile(`/SDSK_SM3 <[^>]*>`).ReplaceAllString(u.objects[n], "")
		},
		"the receipt left out": func(u *update) {
			n := receiptNum(u)
			delete(u.objects, n)
			replace(1, fmt.Sprintf("/SDSK_Receipts [%d 0 R]", n), "")(u)
		},
		"the receipt twice": func(u *update) {
			n := receiptNum(u)
			u.objects[n+1] = u.objects[n]
			replace(1, fmt.Sprintf("[%d 0 R]", n), fmt.Sprintf("[%d 0 R %d 0 R]", n, n+1))(u)
		},
		"a receipt of another file": func(u *update) { u.objects[receiptNum(u)] = stream(foreign.Receipt) },
		"rubbish for the receipt":   func(u *update) { u.objects[receiptNum(u)] = stream([]byte("receipt")) },
		"rubbish for a certificate": func(u *update) { u.objects[firstStream(u)] = stream([]byte("certificate")) },
		"a certificate of nobody":   func(u *update) { u.objects[firstStream(u)] = stream(o.holder[2].SignCert) },
		"a certificate with a tail": func(u *update) { u.objects[firstStream(u)] = stream(append(bytes.Clone(o.pki.SignerCACert), 0)) },
		"a comment between objects": func(u *update) { u.glue = "% hello\n" },
		"a line between objects":    func(u *update) { u.glue = "\n" },
		"objects in another order":  func(u *update) { u.order = slices.Sorted(maps.Keys(u.objects)); slices.Reverse(u.order) },
		"a number left out": func(u *update) {
			n := receiptNum(u)
			u.objects[n+1] = u.objects[n]
			delete(u.objects, n)
			replace(1, fmt.Sprintf("[%d 0 R]", n), fmt.Sprintf("[%d 0 R]", n+1))(u)
		},
		"an object freed":            func(u *update) { u.objects[3] = ""; u.free = 3 },
		"a trailer with another key": func(u *update) { u.trailer += "/Secret (x)" },
		"a trailer with information": func(u *update) { u.trailer = strings.Replace(u.trailer, "|", "/Info 3 0 R|", 1) },
		"a trailer with another /ID": func(u *update) { u.trailer = strings.Replace(u.trailer, "00112233", "00112234", 1) },
		"a trailer with a free new ID": func(u *update) {
			u.trailer = regexp.MustCompile(`> <[0-9A-Fa-f]{8}`).ReplaceAllString(u.trailer, "> <00000000")
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			u := takeApart(t, inc)
			change(u)
			if !strings.Contains(name, "ID") {
				u.reID()
			}
			got := u.write(sealed)
			if name == "nothing" {
				if !bytes.Equal(got, doc) {
					t.Fatalf("written again, the increment is\n%q\ninstead of\n%q", got[len(sealed):], inc)
				}
				return
			}
			if bytes.Equal(got, doc) {
				t.Fatal("nothing was changed")
			}
			if rep := wantChanged(t, o, got); rep.Seals[0].Time.Source != pdfseal.TimeClaimed {
				t.Errorf("the time is that of the %s", rep.Seals[0].Time.Source)
			}
		})
	}
}

// TestEvidence_thenChanged appends the changes of any PDF program to a file with evidence.
func TestEvidence_thenChanged(t *testing.T) {
	o := newOffice(t)
	sealed, doc := o.enriched(t)
	twice := o.add(t, doc, o.evidence(t, doc, 0, func(r *receipt.Receipt) { r.ID = "R-2" }))
	second := takeApart(t, twice[len(doc):])
	page := objectOf(t, doc, 4)
	for name, changed := range map[string][]byte{
		"content":                  increment(doc, 1, map[int]string{5: "<< /Length 1 >>\nstream\nq\nendstream"}),
		"annotation":               increment(doc, 1, map[int]string{4: strings.Replace(page, "/Annots [", "/Annots [90 0 R ", 1), 90: "<< /Type /Annot /Subtype /FreeText /Rect [ 10 10 200 200 ] /Contents (x) >>"}),
		"nothing but a table":      increment(doc, 1, nil),
		"orphan":                   increment(doc, 1, map[int]string{90: "<< /A 1 >>"}),
		"store taken away":         increment(doc, 1, map[int]string{1: objectOf(t, sealed, 1)}),
		"store of the file before": second.write(sealed),
		"both in the other order":  takeApart(t, doc[len(sealed):]).write(second.write(sealed)),
	} {
		t.Run(name, func(t *testing.T) { wantChanged(t, o, changed) })
	}
}

// TestEvidence_undefinedNumbers prepares a document whose page refers to numbers that nothing defines, where evidence would be written next: our
// writer takes other numbers, and evidence under one of these is refused.
func TestEvidence_undefinedNumbers(t *testing.T) {
	o := newOffice(t)
	var refs []string
	for n := 6; n < 40; n += 2 {
		refs = append(refs, fmt.Sprintf("%d 0 R", n))
	}
	base := bytes.Replace(document(a4), []byte("/Contents 5 0 R"), []byte("/Contents [ 5 0 R "+strings.Join(refs, " ")+" ]"), 1)
	sealed := o.affix(t, retable(base), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	doc := o.add(t, sealed, o.evidence(t, sealed, 0, nil))
	wantProven(t, o.at(t, doc, checked), 0)
	u := takeApart(t, doc[len(sealed):])
	for num := range u.objects {
		if num >= 6 && num < 40 && num%2 == 0 {
			t.Errorf("object %d was taken", num)
		}
	}
	nums := slices.Sorted(maps.Keys(u.objects))
	last := nums[len(nums)-1]
	u.objects[last-1+(last%2)*2] = u.objects[last] // an even number
	delete(u.objects, last)
	u.objects[1] = strings.Replace(u.objects[1], fmt.Sprintf("/SDSK_Receipts [%d 0 R]", last), fmt.Sprintf("/SDSK_Receipts [%d 0 R]", last-1+(last%2)*2), 1)
	wantChanged(t, o, u.write(sealed))
}

// TestEvidence_storeOfOthers keeps a document security store that the document had before it was sealed.
func TestEvidence_storeOfOthers(t *testing.T) {
	o := newOffice(t)
	base := bytes.Replace(document(a4), []byte("/Type /Catalog"), []byte("/Type /Catalog /DSS << /Certs 3 0 R /VRI << /A << >> >> /CRLs [ 3 0 R ] >>"), 1)
	base = bytes.Replace(base, []byte("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"), []byte("[ 5 0 R ]"), 1)
	sealed := o.affix(t, retable(base), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	doc := o.add(t, sealed, o.evidence(t, sealed, 0, nil))
	wantProven(t, o.at(t, doc, checked), 0)
	if !bytes.Contains(doc[len(sealed):], []byte("/CRLs [3 0 R ")) || !bytes.Contains(doc[len(sealed):], []byte("/VRI <</A <<>>>>")) {
		t.Error("the store that was there is gone")
	}
}

// FuzzEvidence overwrites, inserts or cuts bytes of a file with evidence: it is never valid again, unless it is the sealed file as it was before.
func FuzzEvidence(f *testing.F) {
	o := newOffice(f)
	sealed, doc := o.enriched(f)
	f.Add(len(sealed)+100, 0, []byte("x"))
	f.Add(len(sealed), len(doc)-len(sealed), []byte{})
	f.Add(len(doc)-6, 6, []byte{})
	f.Add(len(doc), 0, doc[len(sealed):])
	f.Fuzz(func(t *testing.T, at, cut int, put []byte) {
		if at < 0 || cut < 0 || at > len(doc) || cut > len(doc)-at || len(put) > 1<<16 {
			return
		}
		b := append(append(bytes.Clone(doc[:at]), put...), doc[at+cut:]...)
		if bytes.Equal(b, sealed) || len(b) == len(doc) && bytes.Equal(b[len(sealed):], doc[len(sealed):]) && bytes.Equal(bytes.ToLower(b), bytes.ToLower(doc)) {
			return
		}
		if v := o.verdict(b); v.Accepted() {
			t.Fatalf("%s after %d bytes at %d were replaced by %q", v, cut, at, put)
		}
	})
}
