package pdfseal_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"sealdesk/pdfseal"
)

// mutantClass is one way to attack a sealed file.
type mutantClass struct {
	group, name string
	want        string // the rules that object, joined by "+", and nothing else; other sets that are right as well behind "|"
	// make answers the attacked file, nil where the class does not apply to the base.
	make func(t testing.TB, b *kitBase) []byte
}

// mutantClasses is the whole kit (docs/verification.md, 4.4).
func mutantClasses() []mutantClass {
	return slices.Concat(rangeMutants(), contentsMutants(), sealMutants(), cmsMutants(), attackMutants(), shadowMutants(), annotationMutants(),
		pageMutants(), catalogMutants(), markMutants(), spreadMutants(), straddleMutants(), insiderMutants(), joinedMutants(), appendedMutants(), trailerMutants(), baseMutants())
}

// brokenRules lists the rules by which a report is not valid, those of changes included, without what an earlier seal has only because a
// later one is not valid.
func brokenRules(rep *pdfseal.Report) []string {
	found := map[string]bool{}
	for _, s := range rep.Seals {
		for _, c := range s.Checks {
			if c.Status == pdfseal.CheckFailed && !strings.HasPrefix(c.Detail, "a later seal ") {
				found[c.ID] = true
			}
		}
	}
	for _, c := range rep.Changes {
		if !c.Permitted() {
			found[c.Data["rule"]] = true
		}
	}
	if len(rep.Seals) == 0 {
		for _, r := range rep.Reasons {
			found[r.Rule] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// tried is what became of one mutant.
type tried struct {
	class    *mutantClass
	base     *kitBase
	doc      []byte
	verdict  pdfseal.Verdict
	rules    string
	accepted bool
}

// tryMutant makes one mutant and judges it; nil where the class does not apply.
func tryMutant(t testing.TB, c *mutantClass, b *kitBase) *tried {
	doc := c.make(t, b)
	if doc == nil {
		return nil
	}
	out := &tried{class: c, base: b, doc: doc}
	rep, err := b.judge(doc)
	if err != nil {
		out.verdict, out.rules = "error", "error"
		return out
	}
	out.verdict, out.rules = rep.Verdict, strings.Join(brokenRules(rep), "+")
	out.accepted = rep.Verdict.Accepted() || rep.Verdict == pdfseal.VerdictUnsealed || rep.Reasons[0].Key == ""
	return out
}

// right tells whether the rules that objected are those expected.
func (x *tried) right() bool { return slices.Contains(strings.Split(x.class.want, "|"), x.rules) }

// kitSample is how many bases each class gets in the short run.
const kitSample = 2

// tryAll makes the mutants of all classes, in the short run with some of the bases each, in the long one also with one that has a straddle seal.
func tryAll(t testing.TB, classes []mutantClass, perClass int, each func(x *tried)) {
	kitBases(t)
	straddleBases(t)
	var mu sync.Mutex
	parallel(len(classes), func(next func() (int, bool)) {
		for i, ok := next(); ok; i, ok = next() {
			made := 0
			bases := classes[i].bases(t)
			list := make([]*kitBase, 0, len(bases)+1)
			for j := range bases {
				list = append(list, bases[(j*7+i)%len(bases)])
			}
			if b := classes[i].also(t, i); b != nil && perClass > kitSample {
				list = append(list, b)
			}
			for _, b := range list {
				if made >= perClass {
					break
				}
				x := tryMutant(t, &classes[i], b)
				if x == nil {
					continue
				}
				made++
				mu.Lock()
				each(x)
				mu.Unlock()
			}
			if made == 0 {
				t.Errorf("%s, %s: applies to no base", classes[i].group, classes[i].name)
			}
		}
	})
}

// TestMutants_bases shows that the bases themselves are valid: what is rejected below is rejected for what was done to it.
func TestMutants_bases(t *testing.T) {
	for _, b := range slices.Concat(kitBases(t), straddleBases(t)) {
		rep, err := b.judge(b.doc)
		if err != nil {
			t.Fatal(err)
		}
		wantAccepted(t, rep, b.seals)
		k := b.reseal(t)
		if rep, err = b.judge(k.bytes()); err != nil {
			t.Fatal(err)
		}
		wantAccepted(t, rep, b.seals)
		if rules := brokenRules(rep); len(rules) > 0 {
			t.Errorf("%s: %v", b.name, rules)
		}
	}
}

// TestMutants_rejected makes every class of mutant: none is accepted, and each is rejected for the rules expected.
func TestMutants_rejected(t *testing.T) {
	type row struct {
		class           *mutantClass
		count, accepted int
		got             map[string]int
	}
	rows := map[string]*row{}
	perClass := kitSample
	if isLong() {
		perClass = len(kitBases(t)) + 1
	}
	classes := mutantClasses()
	tryAll(t, classes, perClass, func(x *tried) {
		key := x.class.group + ", " + x.class.name
		r := rows[key]
		if r == nil {
			r = &row{class: x.class, got: map[string]int{}}
			rows[key] = r
		}
		r.count++
		r.got[x.rules]++
		if x.accepted {
			r.accepted++
			t.Errorf("%s of %s: %s", key, x.base.name, x.verdict)
		} else if !x.right() {
			t.Errorf("%s of %s: %s by %s, want %s", key, x.base.name, x.verdict, x.rules, x.class.want)
		}
	})
	total, accepted := 0, 0
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		r := rows[key]
		total, accepted = total+r.count, accepted+r.accepted
		got := slices.SortedFunc(maps.Keys(r.got), func(x, y string) int { return cmp.Compare(r.got[y], r.got[x]) })
		fmt.Fprintf(&b, "%-58s %5d %9d   %-18s %s\n", key, r.count, r.accepted, r.class.want, strings.Join(got, " "))
	}
	t.Logf("%d mutants in %d classes, %d accepted\n%-58s %5s %9s   %-18s %s\n%s", total, len(rows), accepted, "class", "count", "accepted", "expected", "got", b.String())
	if len(rows) != len(classes) {
		t.Errorf("%d of %d classes were made: two have the same name", len(rows), len(classes))
	}
}
