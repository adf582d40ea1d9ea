package rules

import (
	"math"
	"regexp"
	"strconv"
)

// kind is a kind of organ with the diameter that the State Council gives to its seal, in millimetres (国发〔1999〕25号; standards.md §5.1).
type kind struct {
	name    *regexp.Regexp // of the owner
	legal   float64
	most    bool // legal is an upper bound
	article string
}

// kinds are tried in this order; the last one takes the rest: inner bodies, institutions, enterprises, organisations.
var kinds = []kind{
	{regexp.MustCompile(`国务院$`), 60, false, "2"},
	{regexp.MustCompile(`(?:自治区|省|^(?:北京|天津|上海|重庆)市)人民政府$|国务院办公厅$|^中华人民共和国\p{Han}{2,12}(?:部|委员会)$`), 50, false, "3"},
	{regexp.MustCompile(`(?:大使馆|领事馆)$`), 42, false, "12"},
	{regexp.MustCompile(`(?:乡|镇|苏木)(?:人民政府)$`), 42, false, "11"},
	{regexp.MustCompile(`(?:自治州|[市县旗区盟])人民政府$`), 45, false, "9"},
	{regexp.MustCompile(`(?:盟|地区)(?:行政)?公署$`), 45, false, "10"},
	{regexp.MustCompile(`^中华人民共和国|^国家`), 50, true, "4–8"},
	{regexp.MustCompile(``), 45, true, "13, 14"},
}

// forPurpose matches seals that must differ from the organ's own (article 22): no diameter is set for them but the general bound.
var forPurpose = regexp.MustCompile(`专用章`)

// sizeSlack is what a seal may differ: pictures are measured in whole millimetres.
const sizeSlack = 0.5

// checkSize holds the seal against the diameter for its owner. A size outside the table warns, because real seals differ and local rules
// add to it; a policy may refuse.
func checkSize(seal Seal) []Finding {
	owner := sealOwner(seal.Name)
	if owner == "" || !(seal.Width > 0 && seal.Height > 0) {
		return nil
	}
	k := kinds[len(kinds)-1]
	for i := 0; i < len(kinds) && !forPurpose.MatchString(seal.Name); i++ {
		if kinds[i].name.MatchString(owner) {
			k = kinds[i]
			break
		}
	}
	key, size := FindingSize, math.Max(seal.Width, seal.Height)
	bad := math.Abs(seal.Width-k.legal) > sizeSlack || math.Abs(seal.Height-k.legal) > sizeSlack
	if k.most {
		key, bad = FindingSizeMost, size > k.legal+sizeSlack
	}
	if !bad {
		return nil
	}
	return []Finding{{Check: CheckSize, Clause: clauseSize + " " + k.article, Level: Warn, Key: key, Data: map[string]string{"seal": seal.Name,
		"size": millimetres(seal.Width) + "×" + millimetres(seal.Height), "legal": millimetres(k.legal), "article": k.article}}}
}

func millimetres(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
