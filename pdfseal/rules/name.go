package rules

import (
	"strconv"
	"strings"
	"time"
)

// checkName compares the seal's name with those of the organs that sign (users.md, §11.4). Of several that sign jointly one has to agree.
// Names
// that do not read like those of organs, such as a person's, are not judged.
func checkName(closings []closing, seal Seal) []Finding {
	var names []string
	page := 0
	for _, c := range closings {
		if _, ok := c.named(seal.Name); ok {
			return nil
		}
		for _, row := range c.names {
			for _, n := range row {
				if name := organName(n.text()); organ.MatchString(name) {
					names, page = append(names, name), c.page
				}
			}
		}
	}
	if len(names) == 0 || !organ.MatchString(sealOwner(seal.Name)) {
		return nil
	}
	return []Finding{{Check: CheckName, Clause: clauseLetter, Level: Warn, Key: FindingName, Page: page,
		Data: map[string]string{"seal": seal.Name, "names": strings.Join(names, "、")}}}
}

// oldest is the age from which a date is too old for a document that is sealed today.
const oldest = 180 * 24 * time.Hour

// checkDate holds the dates of a document against the day of today.
func checkDate(closings []closing, today time.Time) []Finding {
	var out []Finding
	y, m, d := today.Date()
	today = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	for _, c := range closings {
		date, ok := readDate(c.date.text())
		f := Finding{Check: CheckDate, Clause: clauseLetter, Level: Warn, Page: c.page, Data: map[string]string{"date": c.date.text()}}
		switch {
		case !ok:
			continue
		case date.After(today):
			f.Key = FindingDateFuture
		case today.Sub(date) > oldest:
			f.Key = FindingDateOld
		default:
			continue
		}
		out = append(out, f)
	}
	return out
}

// readDate reads the text of a date line; not ok where it names no day of the calendar.
func readDate(s string) (time.Time, bool) {
	year, rest, _ := strings.Cut(s, "年")
	month, rest, _ := strings.Cut(rest, "月")
	y, m, d := numeral(year), numeral(month), numeral(strings.TrimSuffix(rest, "日"))
	date := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return date, date.Year() == y && int(date.Month()) == m && date.Day() == d
}

// numeral reads digits of any of the three kinds, and Chinese numbers below a hundred such as 三十一; -1 for anything else.
func numeral(s string) int {
	if tens, ones, ok := strings.Cut(s, "十"); ok {
		t, o := 1, 0
		if tens != "" {
			t = numeral(tens)
		}
		if ones != "" {
			o = numeral(ones)
		}
		if t < 0 || o < 0 {
			return -1
		}
		return 10*t + o
	}
	var b strings.Builder
	for _, r := range s {
		switch at := strings.IndexRune("〇一二三四五六七八九", r); {
		case r == '○' || r == '零':
			b.WriteByte('0')
		case at >= 0:
			b.WriteByte('0' + byte(at/3))
		case r >= '０' && r <= '９':
			b.WriteRune(r - '０' + '0')
		default:
			b.WriteRune(r)
		}
	}
	n, err := strconv.Atoi(b.String())
	if err != nil {
		return -1
	}
	return n
}
