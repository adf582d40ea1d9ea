package pdfseal_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/internal/pdf"
)

var theStraddleBases = struct {
	once sync.Once
	all  []*kitBase
}{}

// straddleBases are sealed with a straddle seal: on the three pages of the usual document besides one ordinary mark, and alone on eight pages
// in two groups; each with and without evidence.
func straddleBases(t testing.TB) []*kitBase {
	t.Helper()
	o := newOffice(t)
	theStraddleBases.once.Do(func() {
		for _, kind := range []struct {
			name    string
			doc     []byte
			options []string
		}{{"table", kitDocument(false), nil}, {"stream", kitDocument(true), []string{"--object-streams=generate"}}, {"linearised", kitDocument(false), []string{"--linearize"}},
			{"alone", sheets(8, a4), nil}} {
			doc := viaQPDF(t, kind.doc, kind.options)
			for _, dss := range []bool{false, true} {
				b := &kitBase{name: kind.name + ", straddle", seals: 1, marks: 1, dss: dss, o: o}
				if kind.name == "alone" {
					b.clean, _ = o.straddled(t, doc, 0, pdfseal.Straddle{Edge: pdfseal.EdgeRight, Pages: upTo(8)})
				} else {
					b.clean, _ = o.straddled(t, doc, 0, pdfseal.Straddle{Edge: pdfseal.EdgeRight, Pages: upTo(3)}, kitMarks(0, 1)...)
				}
				b.doc = b.clean
				if dss {
					b.doc = o.add(t, b.clean, o.evidence(t, b.clean, 0, nil))
				}
				theStraddleBases.all = append(theStraddleBases.all, b)
			}
		}
	})
	if len(theStraddleBases.all) != 8 {
		t.Fatal("the bases could not be made")
	}
	return theStraddleBases.all
}

// alone tells whether the base has nothing but slices.
func (b *kitBase) alone() bool { return strings.HasPrefix(b.name, "alone") }

// bases are those that a class is tried on.
func (c *mutantClass) bases(t testing.TB) []*kitBase {
	if strings.HasPrefix(c.group, "Straddle") {
		return straddleBases(t)
	}
	return kitBases(t)
}

// also is a base with a straddle seal and an ordinary mark on which the n-th of the other classes is tried in the long run.
func (c *mutantClass) also(t testing.TB, n int) *kitBase {
	if strings.HasPrefix(c.group, "Straddle") {
		return nil
	}
	return straddleBases(t)[n%6]
}

// straddledAgain makes the straddle seal again with something wrong about it, signed by its holder.
func straddledAgain(name, want string, change func(k *kitUpdate)) mutantClass {
	return mutantClass{"Straddle", name, want, func(t testing.TB, b *kitBase) []byte {
		k := b.reseal(t)
		change(k)
		return k.bytes()
	}}
}

// grouped is straddledAgain for the base with several groups alone.
func grouped(name, want string, change func(k *kitUpdate)) mutantClass {
	c := straddledAgain(name, want, change)
	on := c.make
	c.make = func(t testing.TB, b *kitBase) []byte {
		if !b.alone() {
			return nil
		}
		return on(t, b)
	}
	return c
}

var (
	planRE      = regexp.MustCompile(`/SDSK_Straddle <<.*?>>`)
	groupsRE    = regexp.MustCompile(`/Groups \[(\[.*?\])\]`)
	planEntryRE = regexp.MustCompile(`(\d+) (\d+ 0 R)`)
)

// plan replaces what the plan says; old occurs in it.
func (k *kitUpdate) plan(old, now string) {
	k.t.Helper()
	before := planRE.FindString(k.Sig.Entries)
	after := regexp.MustCompile(old).ReplaceAllString(before, now)
	if before == after || before == "" {
		k.t.Fatalf("the plan %s has no %s", before, old)
	}
	k.Sig.Entries = strings.Replace(k.Sig.Entries, before, after, 1)
}

// entries are the pages and marks of the plan as they are written.
func (k *kitUpdate) entries() [][]string {
	k.t.Helper()
	m := groupsRE.FindStringSubmatch(k.Sig.Entries)
	if m == nil {
		k.t.Fatalf("no plan in %s", k.Sig.Entries)
	}
	return planEntryRE.FindAllStringSubmatch(m[1], -1)
}

// slice gives the object of the slice of page n.
func (k *kitUpdate) slice(n int) int { return k.number(k.entries()[n-1][2]) }

// unlist takes a mark off the list of further marks.
func (k *kitUpdate) unlist(num int) {
	k.Sig.Entries = regexp.MustCompile(`(SDSK_Marks \[[^\]]*?) ?\b`+k.Ref(num)+`\b`).ReplaceAllString(k.Sig.Entries, "$1")
}

// drop takes a mark off its page.
func (k *kitUpdate) drop(page, num int) {
	k.t.Helper()
	k.replace(k.page(page), ` ?\b`+k.Ref(num)+`\b`, "")
}

// copyOf adds a mark like another one, listed and on a page, with something replaced.
func (k *kitUpdate) copyOf(num, page int, old, now string) int {
	k.t.Helper()
	body := k.Bodies[num]
	if !regexp.MustCompile(old).MatchString(body) {
		k.t.Fatalf("%s has no %s", body, old)
	}
	copied := k.Add(regexp.MustCompile(`/P \d+ 0 R`).ReplaceAllString(regexp.MustCompile(old).ReplaceAllString(body, now), "/P "+k.Ref(k.page(page))))
	k.Sig.Entries = strings.Replace(k.Sig.Entries, "SDSK_Marks [", "SDSK_Marks ["+k.Ref(copied)+" ", 1)
	k.annotate(k.page(page), k.Ref(copied))
	return copied
}

// formOf gives the appearance of a mark.
func (k *kitUpdate) formOf(num int) int {
	k.t.Helper()
	return k.number(regexp.MustCompile(`/N (\d+ 0 R)`).FindStringSubmatch(k.Bodies[num])[1])
}

// draws makes a mark draw a form of its own, with something replaced.
func (k *kitUpdate) draws(num int, old, now string) {
	k.t.Helper()
	form := k.Bodies[k.formOf(num)]
	changed := regexp.MustCompile(old).ReplaceAllString(form, now)
	if changed == form {
		k.t.Fatalf("%s has no %s", form, old)
	}
	k.replace(num, `/AP <<.*?>>`, fmt.Sprintf("/AP <</N %s>>", k.Ref(k.Add(changed))))
}

// moved shifts the rectangle of a mark, and grows it.
func (k *kitUpdate) moved(num int, dx, dy, dw float64) {
	k.t.Helper()
	var r [4]float64
	if _, err := fmt.Sscanf(rectRE.FindString(k.Bodies[num]), "/Rect [%f %f %f %f]", &r[0], &r[1], &r[2], &r[3]); err != nil {
		k.t.Fatal(err)
	}
	k.replace(num, `/Rect \[.*?\]`, fmt.Sprintf("/Rect [%.4f %.4f %.4f %.4f]", r[0]+dx-dw, r[1]+dy, r[2]+dx, r[3]+dy))
}

const mm = 72 / 25.4

// straddleMutants are straddle seals that do not come together: signed by the holder, as by a tool that is careless or worse.
func straddleMutants() []mutantClass {
	return slices.Concat([]mutantClass{
		straddledAgain("slice missing", "E5", func(k *kitUpdate) {
			num := k.slice(2)
			k.unlist(num)
			k.drop(2, num)
			delete(k.Bodies, num)
		}),
		straddledAgain("slice on no page", "E5", func(k *kitUpdate) { k.drop(2, k.slice(2)) }),
		straddledAgain("slice not listed", "E5", func(k *kitUpdate) { k.unlist(k.slice(2)) }),
		straddledAgain("slice missing, plan without it", "I5", func(k *kitUpdate) {
			num := k.slice(2)
			k.unlist(num)
			k.drop(2, num)
			delete(k.Bodies, num)
			k.plan(` ?\b2 \d+ 0 R`, "")
		}),
		straddledAgain("slice doubled on another page", "I5", func(k *kitUpdate) { k.annotate(k.page(1), k.Ref(k.slice(2))) }),
		straddledAgain("slice doubled by a copy elsewhere on its page", "E5", func(k *kitUpdate) {
			k.copyOf(k.slice(2), 2, `/Rect \[.*?\]`, "/Rect [10 10 28.8976 66.6929]")
		}),
		straddledAgain("slices exchanged", "E5", func(k *kitUpdate) {
			a, b := k.slice(1), k.slice(2)
			x, y := k.Ref(k.formOf(a)), k.Ref(k.formOf(b))
			k.replace(a, `/N \d+ 0 R`, "/N "+y)
			k.replace(b, `/N \d+ 0 R`, "/N "+x)
		}),
		straddledAgain("one slice shown twice", "E5", func(k *kitUpdate) { k.replace(k.slice(2), `/N \d+ 0 R`, "/N "+k.Ref(k.formOf(k.slice(1)))) }),
		straddledAgain("slice of another seal", "E5", func(k *kitUpdate) {
			dict, data, _ := strings.Cut(k.Bodies[k.made(aImage, 0)], "\nstream\n")
			other := pdf.Flate([]byte(strings.Repeat("\xe6\x00\x10", 24*24)))
			dict = regexp.MustCompile(`/Length \d+`).ReplaceAllString(dict, fmt.Sprintf("/Length %d", len(other)))
			if len(data) == 0 {
				k.t.Fatal("no picture")
			}
			k.draws(k.slice(2), `/Im \d+ 0 R`, "/Im "+k.Ref(k.Add(dict+"\nstream\n"+string(other)+"\nendstream")))
		}),
		straddledAgain("slice shows the whole picture", "E5", func(k *kitUpdate) { k.draws(k.slice(2), `/BBox \[.*?\]`, "/BBox [0 0 56.6929 56.6929]") }),
		straddledAgain("slice shows a little more", "E5", func(k *kitUpdate) { k.draws(k.slice(2), `/BBox \[(\S+) (\S+) (\d+)\.`, "/BBox [$1 $2 ${3}9.") }),
		straddledAgain("whole seal in place of a slice", "I5", func(k *kitUpdate) {
			k.draws(k.slice(2), `/BBox \[.*?\]`, "/BBox [0 0 56.6929 56.6929]")
			k.moved(k.slice(2), 0, 0, 56.6929*2/3)
		}),
		straddledAgain("slice turned", "P2", func(k *kitUpdate) { k.draws(k.slice(2), `/Matrix \[.*?\]`, "/Matrix [0 1 -1 0 0 0]") }),
		straddledAgain("slice hidden", "I5", func(k *kitUpdate) { k.replace(k.slice(2), `/F 644`, "/F 646") }),
		straddledAgain("slice turned into a widget", "I5", func(k *kitUpdate) { k.replace(k.slice(2), `/Subtype /Stamp`, "/Subtype /Widget") }),
		straddledAgain("slice names another page", "I5", func(k *kitUpdate) { k.replace(k.slice(2), `/P \d+ 0 R`, "/P "+k.Ref(k.page(3))) }),
		straddledAgain("slice on another page", "I5", func(k *kitUpdate) {
			num := k.slice(2)
			k.drop(2, num)
			k.replace(num, `/P \d+ 0 R`, "/P "+k.Ref(k.page(1)))
			k.moved(num, 0, 200, 0)
			k.annotate(k.page(1), k.Ref(num))
		}),
	}, edgeMutants(), planMutants(), laterStraddleMutants())
}

// edgeMutants put slices elsewhere.
func edgeMutants() []mutantClass {
	var out []mutantClass
	for _, x := range []struct {
		name       string
		dx, dy, dw float64
	}{{"inwards by 3 mm", -3 * mm, 0, 0}, {"inwards by 0.3 mm", -0.3 * mm, 0, 0}, {"over the edge", 3 * mm, 0, 0}, {"along the edge", 0, -0.3 * mm, 0}, {"wider by 0.3 mm", 0, 0, 0.3 * mm}} {
		out = append(out, straddledAgain("slice "+x.name, "I5", func(k *kitUpdate) { k.moved(k.slice(2), x.dx, x.dy, x.dw) }))
	}
	return append(out,
		straddledAgain("slice on another edge", "I5", func(k *kitUpdate) { k.moved(k.slice(2), -595.276+56.6929/3, 0, 0) }),
		straddledAgain("all slices along the edge", "I5", func(k *kitUpdate) {
			for n := range k.entries() {
				k.moved(k.slice(n+1), 0, -10, 0)
			}
		}),
	)
}

// planMutants have a plan that is not that of the slices.
func planMutants() []mutantClass {
	out := []mutantClass{
		straddledAgain("no plan", "E5", func(k *kitUpdate) { k.Sig.Entries = planRE.ReplaceAllString(k.Sig.Entries, "") }),
		straddledAgain("plan of an object of its own", "I5", func(k *kitUpdate) {
			num := k.Add(strings.TrimPrefix(planRE.FindString(k.Sig.Entries), "/SDSK_Straddle "))
			k.Sig.Entries = planRE.ReplaceAllString(k.Sig.Entries, "/SDSK_Straddle "+k.Ref(num))
		}),
		straddledAgain("marks exchanged in the plan", "I5", func(k *kitUpdate) {
			a, b := k.entries()[0][2], k.entries()[1][2]
			k.plan(`\b1 `+a+` 2 `+b, "1 "+b+" 2 "+a)
		}),
		straddledAgain("plan lists a page that is no mark", "E5", func(k *kitUpdate) { k.plan(`\b2 \d+ 0 R`, "2 "+k.Ref(k.page(2))) }),
		straddledAgain("plan lists a mark twice", "I5", func(k *kitUpdate) { k.plan(`\b2 \d+ 0 R`, "2 "+k.entries()[0][2]) }),
		straddledAgain("plan with a further page", "E5", func(k *kitUpdate) { k.plan(`\]\]`, fmt.Sprintf(" 9 %s]]", k.Ref(k.page(1)))) }),
		grouped("two groups as one", "I5", func(k *kitUpdate) { k.plan(`\] ?\[`, " ") }),
		grouped("page in another group", "I5", func(k *kitUpdate) { k.plan(`(4 \d+ 0 R)\] ?\[`, "] [$1 ") }),
		grouped("slice of another group", "E5", func(k *kitUpdate) {
			k.replace(k.slice(2), `/N \d+ 0 R`, "/N "+k.Ref(k.formOf(k.slice(7))))
		}),
	}
	for _, x := range [][3]string{{"of another edge", `/right`, "/left"}, {"of no edge", `/right`, "/middle"}, {"with another centre", `/Centre `, "/Centre 1"}, {"without a centre", `/Centre \S+?/`, "/"},
		{"with more keys", `/Edge`, "/Top 1/Edge"}, {"without groups", `/Groups \[.*\]`, "/Groups []"}, {"of empty groups", `/Groups \[.*\]`, "/Groups [[]]"},
		{"of one page", `/Groups \[\[(\d+ \d+ 0 R).*\]`, "/Groups [[$1]]"}, {"out of order", `\[\[1 (\d+ 0 R) 2 (\d+ 0 R)`, "[[2 $2 1 $1"}, {"with other pages", `\[\[1 `, "[[0 "},
		{"without a page", `\[\[1 `, "[["}} {
		out = append(out, straddledAgain("plan "+x[0], "I5", func(k *kitUpdate) { k.plan(x[1], x[2]) }))
	}
	return out
}

// laterStraddleMutants touch the slices in a later revision.
func laterStraddleMutants() []mutantClass {
	slice := func(k *kitUpdate, b *kitBase) int {
		num, err := k.Find(func(d types.Dict) bool {
			return d["Subtype"] == types.Name("Stamp") && d["SDSK_Seal"] != nil && d["P"] == *types.NewIndirectRef(k.page(2), 0)
		})
		if err != nil || num == 0 {
			k.t.Fatalf("no slice on page 2 of %s: %v", b.name, err)
		}
		return num
	}
	var out []mutantClass
	add := func(name, want string, change func(k *kitUpdate, b *kitBase)) {
		out = append(out, both("Straddle later", name, want, want, change)...)
	}
	add("slice removed from its page", "I2", func(k *kitUpdate, b *kitBase) { k.drop(2, slice(k, b)) })
	add("slice moved", "I1", func(k *kitUpdate, b *kitBase) {
		k.replace(slice(k, b), `/Rect \[.*?\]`, "/Rect [400 60 456.6929 116.6929]")
	})
	add("slice hidden", "I1", func(k *kitUpdate, b *kitBase) { k.replace(slice(k, b), `/F 644`, "/F 646") })
	add("slice on another page as well", "I5", func(k *kitUpdate, b *kitBase) { k.annotate(k.page(1), k.Ref(slice(k, b))) })
	add("slice freed", "I3", func(k *kitUpdate, b *kitBase) { k.Entries[slice(k, b)] = pdf.Entry{Kind: pdf.Free, Gen: 1} })
	return append(out,
		sealedToo("Straddle later", "mark over a slice", "I5", func(k *kitUpdate, b *kitBase) {
			low := 500.0 // the slice of page 1 stands in the middle of an edge of 297 mm, or of one as short as that of page 3
			if b.alone() {
				low = 400
			}
			k.replace(k.mark(), `/Rect \[.*?\]`, fmt.Sprintf("/Rect [%.4f %.4f %.4f %.4f]", 595.276-20*mm, low, 595.276, low+20*mm))
		}),
		sealedToo("Straddle later", "slice listed by another seal", "I5", func(k *kitUpdate, b *kitBase) {
			k.Sig.Entries += fmt.Sprintf("/SDSK_Marks [%s]", k.Ref(slice(k, b)))
		}),
		sealedToo("Straddle later", "slice in the plan of another seal", "E5", func(k *kitUpdate, b *kitBase) {
			k.Sig.Entries += fmt.Sprintf("/SDSK_Straddle <</Centre 148.5/Edge /right/Groups [[1 %s 2 %s]]>>", k.Ref(k.mark()), k.Ref(slice(k, b)))
		}),
	)
}
