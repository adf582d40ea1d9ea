package rules

import (
	"regexp"
	"slices"
	"strings"
)

// closing (落款) is the end of an official document: the names of the organs that sign and the date under the last of them.
type closing struct {
	page   int
	sealed bool
	names  [][]line // rows from top to bottom, in each from left to right
	under  line     // the name of the last row under which the date stands
	date   line
	text   line // the last line above the names; without glyphs if there is none
}

// organ matches how the name of an organ ends.
var organ = regexp.MustCompile(`\p{Han}(?:政府|公署|办公室|办公厅|委员会|工委|党委|政协|人大|法院|检察院|[局厅部委署院会处科股室组团]|中心|公司|集团|学校|大学|学院|[中小]学|幼儿园|医院|银行|[支分]行|[所站队馆社台园场厂店校]|街道)$`)

// rowMost bounds the distance between rows of names of a joint document, in millimetres: seals of up to 50 mm stand on them.
const rowMost = 75.0

// readClosing finds the last date line of a page that has a name right above it.
func readClosing(rows []line) (closing, bool) {
	for i := len(rows) - 1; i >= 1; i-- {
		date := rows[i]
		if !dateLine.MatchString(date.text()) {
			continue
		}
		names := rows[i-1].segments(nameGap)
		under := slices.IndexFunc(names, func(n line) bool { return n.right >= date.left && date.right >= n.left })
		if p := date.middle - rows[i-1].middle; p < pitchLeast || p > pitchMost || under < 0 {
			continue
		}
		c := closing{names: [][]line{names}, under: names[under], date: date}
		for i -= 2; i >= 0; i-- {
			above, d := rows[i].segments(nameGap), c.names[0][0].middle-rows[i].middle
			if d < pitchLeast || d > rowMost || !organs(above) {
				c.text = rows[i]
				break
			}
			c.names = slices.Insert(c.names, 0, above)
		}
		return c, true
	}
	return closing{}, false
}

// organs tells whether all of a row are names of organs.
func organs(row []line) bool {
	return !slices.ContainsFunc(row, func(l line) bool { return !organ.MatchString(l.text()) })
}

// named finds the place of an organ among those that sign.
func (c closing) named(seal string) (line, bool) {
	for _, row := range c.names {
		for _, n := range row {
			if sameOrgan(sealOwner(seal), organName(n.text())) {
				return n, true
			}
		}
	}
	return line{}, false
}

// Gaps that part a row, in heights of its characters beyond the distance that they commonly have: the names of organs stand close to each
// other, the parts of a head far apart.
const (
	nameGap = 0.6
	headGap = 2.0
)

// segments cuts a row where a gap parts it.
func (l line) segments(gap float64) []line {
	gaps := make([]float64, 0, len(l.glyphs))
	for i := 1; i < len(l.glyphs); i++ {
		gaps = append(gaps, l.glyphs[i].x-l.glyphs[i-1].x-l.glyphs[i-1].w)
	}
	if len(gaps) == 0 {
		return []line{l}
	}
	wide := max(0, slices.Sorted(slices.Values(gaps))[len(gaps)/2]) + gap*(l.bottom-l.top)
	var out []line
	from := 0
	for i, g := range gaps {
		if g > wide {
			out = append(out, newLine(l.glyphs[from:i+1]))
			from = i + 1
		}
	}
	return append(out, newLine(l.glyphs[from:]))
}

// remark matches what is put in brackets behind a name, as in （样章） or （盖章）.
var remark = regexp.MustCompile(`[（(][^（()）]*[)）]`)

// organName is a name without white space and remarks in brackets.
func organName(s string) string {
	return remark.ReplaceAllString(strings.Join(strings.Fields(s), ""), "")
}

// purpose matches what a seal says behind the name of its owner, above all one that serves a single purpose (国发〔1999〕25号, article 22).
var purpose = regexp.MustCompile(`(?:合同|财务|发票|人事|档案|业务|审批|行政|政务服务|公文|收文|发文|文件|会议|电子|许可|执法|处罚|登记|受理|证照|介绍信|户口)*(?:专用)?(?:公?章|印章)$`)

// sealOwner is the name of the organ to which a seal belongs: what stands before the purpose.
func sealOwner(name string) string {
	name = organName(name)
	owner := []rune(purpose.ReplaceAllString(name, ""))
	if !forPurpose.MatchString(name) {
		return string(owner)
	}
	for n := len(owner); n > 0; n-- {
		if organ.MatchString(string(owner[:n])) {
			return string(owner[:n])
		}
	}
	return string(owner)
}

// sameOrgan tells whether a document signed with a name takes the seal of an owner. Either may leave out what stands above it: 教育厅 and
// 内蒙古自治区教育厅 agree, the government and its office do not.
func sameOrgan(owner, signed string) bool {
	short := min(len([]rune(owner)), len([]rune(signed)))
	return short >= 3 && (strings.HasSuffix(owner, signed) || strings.HasSuffix(signed, owner))
}
