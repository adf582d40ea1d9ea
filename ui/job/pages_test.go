package job

import (
	"slices"
	"testing"
)

func TestPageRange(t *testing.T) {
	for text, want := range map[string][]int{
		"1": {1}, "last": {12}, "all": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, "3-6,8,10--1": {3, 4, 5, 6, 8, 10, 11, 12},
		"-1": {12}, "-3--2": {10, 11}, "2-last": {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, " 3 , 3": {3}, "4,1": {1, 4}, "１，３－４、１２": {1, 3, 4, 12},
	} {
		r, err := ParsePages(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, err := r.Resolve(12); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q of 12 pages: %v, %v; want %v", text, got, err, want)
		}
	}
	if got, err := (PageRange{}).Resolve(5); err != nil || !slices.Equal(got, []int{5}) {
		t.Errorf("zero value: %v, %v", got, err)
	}
}

func TestPageRange_refused(t *testing.T) {
	for _, text := range []string{"", "0", "x", "1,", "1-", "-", "--1", "1-2-3", "+1", "1.5", "99999999"} {
		if r, err := ParsePages(text); err == nil {
			t.Errorf("%q was read as %+v", text, r)
		}
	}
	for _, text := range []string{"13", "-13", "6-3", "10-13", "-1-1"} {
		r, err := ParsePages(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, err := r.Resolve(12); !isSituation(err, "place.page_range") {
			t.Errorf("%q of 12 pages: %v, %v", text, got, err)
		}
	}
}

func TestParsePoint(t *testing.T) {
	if p, err := ParsePoint("105, 148.5"); err != nil || p.X != 105 || p.Y != 148.5 {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := ParsePoint("１０５，148．5"); err != nil || p.X != 105 || p.Y != 148.5 {
		t.Errorf("wide signs: %+v, %v", p, err)
	}
	for _, text := range []string{"", "1", "1,2,3", "a,b", "-1,5", "NaN,1", "1,Inf", "1e9,1"} {
		if p, err := ParsePoint(text); err == nil {
			t.Errorf("%q was read as %+v", text, p)
		}
	}
}

func FuzzParsePages(f *testing.F) {
	for _, s := range []string{"1", "last", "all", "3-6,8,10--1", "-3--2", "", "-", "1-,", "\xff"} {
		f.Add(s, 12)
	}
	f.Fuzz(func(t *testing.T, s string, count int) {
		r, err := ParsePages(s)
		if err != nil || count < 0 || count > 10000 {
			return
		}
		got, err := r.Resolve(count)
		if err != nil {
			return
		}
		if len(got) == 0 || !slices.IsSorted(got) || got[0] < 1 || got[len(got)-1] > count {
			t.Fatalf("%q of %d pages: %v", s, count, got)
		}
	})
}
