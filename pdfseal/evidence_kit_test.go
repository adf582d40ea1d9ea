package pdfseal_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/gm"
)

// update is an increment taken apart, to be written again in the style of our writer with one thing changed.
type update struct {
	objects map[int]string // body, without "N 0 obj" and "endobj"
	order   []int          // of writing; nil is by number
	trailer string         // without /Prev and /Size
	glue    string         // between the objects
	free    int            // an entry to be marked free
}

var trailerRE = regexp.MustCompile(`(?s)trailer\n<<(.*?)/Prev \d+(.*?)/Size \d+>>`)

// takeApart reads the last increment of a document with a cross-reference table.
func takeApart(t testing.TB, inc []byte) *update {
	t.Helper()
	u := &update{objects: map[int]string{}}
	rest := inc[:bytes.LastIndex(inc, []byte("xref\n"))]
	rest = rest[:bytes.LastIndex(rest, []byte("endobj\n"))+7]
	for len(rest) > 0 {
		head := regexp.MustCompile(`^(\d+) 0 obj\n`).FindSubmatch(rest)
		if head == nil {
			t.Fatalf("no object at %.40q", rest)
		}
		num, _ := strconv.Atoi(string(head[1]))
		body := rest[len(head[0]):]
		end := bytes.Index(body, []byte("\nendobj\n"))
		if m := regexp.MustCompile(`^<</Length (\d+).*?>>\nstream\n`).FindSubmatch(body); m != nil {
			n, _ := strconv.Atoi(string(m[1]))
			end = len(m[0]) + n + len("\nendstream")
		}
		u.objects[num] = string(body[:end])
		rest = body[end+len("\nendobj\n"):]
	}
	m := trailerRE.FindSubmatch(inc)
	if m == nil {
		t.Fatal("no trailer")
	}
	u.trailer = string(m[1]) + "|" + string(m[2])
	return u
}

// write appends the update to doc.
func (u *update) write(doc []byte) []byte {
	b := bytes.NewBuffer(bytes.Clone(doc))
	prev := regexp.MustCompile(`startxref\s+(\d+)`).FindAllSubmatch(doc, -1)
	nums, offs := slices.Sorted(maps.Keys(u.objects)), map[int]int{}
	order := u.order
	if order == nil {
		order = nums
	}
	for _, num := range order {
		offs[num] = b.Len()
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n%s", num, u.objects[num], u.glue)
	}
	xref := b.Len()
	b.WriteString("xref\n")
	for i := 0; i < len(nums); {
		n := 1
		for i+n < len(nums) && nums[i+n] == nums[i]+n {
			n++
		}
		fmt.Fprintf(b, "%d %d\n", nums[i], n)
		for _, num := range nums[i : i+n] {
			kind := "n"
			if num == u.free {
				kind = "f"
			}
			fmt.Fprintf(b, "%010d 00000 %s\r\n", offs[num], kind)
		}
		i += n
	}
	before, after, _ := strings.Cut(u.trailer, "|")
	fmt.Fprintf(b, "trailer\n<<%s/Prev %s%s/Size %d>>\nstartxref\n%d\n%%%%EOF\n", before, prev[len(prev)-1][1], after, nums[len(nums)-1]+1, xref)
	return b.Bytes()
}

// stream is a stream as our writer makes it.
func stream(data []byte) string {
	h := gm.SM3(data)
	return fmt.Sprintf("<</Length %d/SDSK_SM3 <%s>>>\nstream\n%s\nendstream", len(data), hex.EncodeToString(h[:]), data)
}

// reID states the second /ID element that belongs to the streams of the update, so that only the change under test is wrong.
func (u *update) reID() {
	var items [][]byte
	for _, num := range slices.Sorted(maps.Keys(u.objects)) {
		if _, data, ok := strings.Cut(u.objects[num], ">>\nstream\n"); ok {
			items = append(items, []byte(strings.TrimSuffix(data, "\nendstream")))
		}
	}
	id := gm.SM3(items...)
	u.trailer = regexp.MustCompile(`> <[0-9A-Fa-f]+>\]`).ReplaceAllString(u.trailer, "> <"+hex.EncodeToString(id[:16])+">]")
}

// objectOf returns the body of an object as it was last defined.
func objectOf(t testing.TB, doc []byte, num int) string {
	t.Helper()
	all := regexp.MustCompile(fmt.Sprintf(`(?s)\n%d 0 obj\n(.*?)\nendobj`, num)).FindAllSubmatch(doc, -1)
	if len(all) == 0 {
		t.Fatalf("no object %d", num)
	}
	return string(all[len(all)-1][1])
}

func firstStream(u *update) int {
	for _, num := range slices.Sorted(maps.Keys(u.objects)) {
		if strings.Contains(u.objects[num], "\nstream\n") {
			return num
		}
	}
	return 0
}

// wantChanged fails unless the first seal is called changed after sealing.
func wantChanged(t testing.TB, o *office, doc []byte) *pdfseal.Report {
	t.Helper()
	rep, err := pdfseal.Verify(context.Background(), bytes.NewReader(doc), pdfseal.VerifyOptions{Trust: o.trust, Now: checked})
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Seals) == 0 || rep.Verdict != pdfseal.VerdictInvalid {
		t.Fatalf("verdict %s\n%s", rep.Verdict, failures(rep))
	}
	for _, r := range rep.Seals[0].Reasons {
		if r.Key == pdfseal.ReasonChanged {
			return rep
		}
	}
	t.Errorf("not called changed after sealing:\n%s", failures(rep))
	return rep
}
