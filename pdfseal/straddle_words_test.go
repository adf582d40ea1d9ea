package pdfseal_test

import (
	"fmt"
	"strings"
	"testing"

	"sealdesk/pdfseal"
)

// TestStraddle_reasons shows what is said of a straddle seal that does not come together: which page, and what is wrong there.
func TestStraddle_reasons(t *testing.T) {
	for name, want := range map[string]struct {
		key  string
		data map[string]string
	}{
		"slice missing":                                 {pdfseal.ReasonSliceMissing, words{"count": "3", "pages": "2"}},
		"slice on no page":                              {pdfseal.ReasonSliceMissing, words{"count": "3", "pages": "2"}},
		"plan with a further page":                      {pdfseal.ReasonSliceMissing, words{"count": "4", "pages": "9"}},
		"one slice shown twice":                         {pdfseal.ReasonSlicePart, words{"page": "2"}},
		"slice shows the whole picture":                 {pdfseal.ReasonSlicePart, words{"page": "2"}},
		"slice of another seal":                         {pdfseal.ReasonImage, words{"page": "2"}},
		"slice inwards by 0.3 mm":                       {pdfseal.ReasonMark, words{"page": "2", "mark": "slice_place"}},
		"slice on another page":                         {pdfseal.ReasonMark, words{"page": "2", "mark": "slice_page"}},
		"slice doubled on another page":                 {pdfseal.ReasonMark, words{"page": "2", "mark": "pages"}},
		"slice hidden":                                  {pdfseal.ReasonMark, words{"page": "2", "mark": "flags"}},
		"marks exchanged in the plan":                   {pdfseal.ReasonMark, words{"page": "2", "mark": "slice_page"}},
		"no plan":                                       {pdfseal.ReasonImage, words{"page": "1"}},
		"plan out of order":                             {pdfseal.ReasonPlan, nil},
		"slice missing, plan without it":                {pdfseal.ReasonMark, words{"page": "1", "mark": "slice_place"}},
		"slice doubled by a copy elsewhere on its page": {pdfseal.ReasonImage, words{"page": "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			classes := straddleMutants()
			for i := range classes {
				if classes[i].name != name {
					continue
				}
				x := tryMutant(t, &classes[i], straddleBases(t)[0])
				rep, err := x.base.judge(x.doc)
				if err != nil {
					t.Fatal(err)
				}
				r := rep.Seals[0].Reasons[0]
				if rep.Verdict != pdfseal.VerdictInvalid || r.Key != want.key || fmt.Sprint(r.Data) != fmt.Sprint(want.data) {
					t.Errorf("%s %s %v", rep.Verdict, r.Key, r.Data)
				}
				return
			}
			t.Fatal("no such class")
		})
	}
}

// TestStraddle_pageLost takes a page out of straddled files of many sizes, puts another in its place, and exchanges two: the seal stays what it
// was, and the page is named.
func TestStraddle_pageLost(t *testing.T) {
	o := newOffice(t)
	for n := 3; n < 23; n++ {
		doc, _ := o.straddled(t, sheets(n, a4), 0, pdfseal.Straddle{Edge: pdfseal.EdgeRight, Pages: upTo(n)})
		lost := n/2 + 1
		for name, c := range map[string]struct {
			change func(k *kitUpdate)
			want   string
		}{
			"removed": {func(k *kitUpdate) {
				k.replace(k.tree(), ` ?\b`+k.Ref(k.page(lost))+`\b`, "")
				k.replace(k.tree(), fmt.Sprintf(`/Count %d\b`, n), fmt.Sprintf("/Count %d", n-1))
			}, fmt.Sprintf("%s page %d", pdfseal.ChangePageRemoved, lost)},
			"replaced": {func(k *kitUpdate) {
				other := k.Add(fmt.Sprintf("<</Type /Page/Parent %s/MediaBox [0 0 595.276 841.89]>>", k.Ref(k.tree())))
				k.replace(k.tree(), `\b`+k.Ref(k.page(lost))+`\b`, k.Ref(other))
			}, fmt.Sprintf("%s page %d", pdfseal.ChangePageRemoved, lost)},
			"exchanged": {func(k *kitUpdate) {
				a, b := k.Ref(k.page(lost-1)), k.Ref(k.page(lost))
				k.replace(k.tree(), `\b`+a+` `+b+`\b`, b+" "+a)
			}, fmt.Sprintf("%s pages %d–%d", pdfseal.ChangePagesMoved, lost-1, lost)},
		} {
			k := newKitUpdate(t, doc)
			c.change(k)
			rep := o.verify(t, k.bytes())
			var told []string
			for _, x := range rep.Changes {
				told = append(told, strings.TrimSuffix(fmt.Sprintf("%s page %d", x.Key, x.Page), " page 0")+strings.TrimSuffix(" pages "+x.Data["pages"], " pages "))
			}
			if rep.Verdict != pdfseal.VerdictInvalid || !strings.Contains(strings.Join(told, "; "), c.want) {
				t.Errorf("%d pages, %s: %s, %v, want %s", n, name, rep.Verdict, told, c.want)
			}
		}
	}
}
