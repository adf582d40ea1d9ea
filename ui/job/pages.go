package job

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/width"
)

// PageRange is a choice of pages such as "1", "last", "all" or "3-6,8,10--1"; negative numbers count from the end. The zero value
// means the last page.
type PageRange struct {
	text  string
	spans []span
}

// span is a closed interval; negative ends count from the last page, -1 being the last.
type span struct{ from, to int }

const maxSpans = 1000

// ParsePages reads a page range. It does not know the document, so it cannot tell whether the pages exist: only the form can be
// wrong.
func ParsePages(s string) (PageRange, error) {
	s = narrow(s)
	r := PageRange{text: s}
	parts := strings.Split(s, ",")
	if len(parts) > maxSpans {
		return PageRange{}, fmt.Errorf("job: page range with more than %d parts", maxSpans)
	}
	for _, part := range parts {
		sp, err := parseSpan(strings.TrimSpace(part))
		if err != nil {
			return PageRange{}, err
		}
		r.spans = append(r.spans, sp)
	}
	return r, nil
}

// narrow turns what an input method for Chinese writes, such as "１，３、５", into "1,3,5".
func narrow(s string) string { return strings.ReplaceAll(width.Narrow.String(s), "､", ",") }

func parseSpan(s string) (span, error) {
	switch s {
	case "all":
		return span{1, -1}, nil
	case "last":
		return span{-1, -1}, nil
	case "":
		return span{}, fmt.Errorf("job: empty part in page range")
	}
	from, to := s, s
	if i := strings.Index(s[1:], "-"); i >= 0 {
		from, to = s[:i+1], s[i+2:]
	}
	a, err := parsePage(from)
	if err != nil {
		return span{}, err
	}
	b, err := parsePage(to)
	return span{a, b}, err
}

func parsePage(s string) (int, error) {
	if s == "last" {
		return -1, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n == 0 || n > 1e6 || n < -1e6 || strings.HasPrefix(s, "+") {
		return 0, fmt.Errorf("job: %q is no page number", s)
	}
	return n, nil
}

// Resolve answers the pages of a document with count pages, ascending and without repetition. A page that does not exist, and an
// interval that runs backwards, is an error, never cut down in silence.
func (r PageRange) Resolve(count int) ([]int, error) {
	spans := r.spans
	if len(spans) == 0 {
		spans = []span{{-1, -1}}
	}
	chosen := map[int]bool{}
	for _, s := range spans {
		from, to := fromEnd(s.from, count), fromEnd(s.to, count)
		if from < 1 || to > count || from > to {
			return nil, situation("place.page_range", nil, "Range", r.String(), "Pages", strconv.Itoa(count))
		}
		for p := from; p <= to; p++ {
			chosen[p] = true
		}
	}
	pages := make([]int, 0, len(chosen))
	for p := range chosen {
		pages = append(pages, p)
	}
	slices.Sort(pages)
	return pages, nil
}

func fromEnd(n, count int) int {
	if n < 0 {
		return count + 1 + n
	}
	return n
}

// String returns the range as it was written.
func (r PageRange) String() string {
	if len(r.spans) == 0 {
		return "last"
	}
	return r.text
}
