package rules

import "regexp"

// marking matches a secret marking as GB/T 9704-2012, 7.2.2 writes it: the degree with a star or a period, or both; or one that is announced.
var marking = regexp.MustCompile(`^(?:密级[:：](?:绝密|机密|秘密)|(?:绝密|机密|秘密)(?:[★☆⭐✭✩*＊].{0,8}|[0-9０-９一二三四五六七八九十]{1,3}(?:年|个?月|天)|长期))$`)

// bareMarking matches a degree without any of that, which counts only where nothing else stands in its line.
var bareMarking = regexp.MustCompile(`^(?:绝密|机密|秘密)$`)

// The head of a page, where a marking stands, is the upper part of its height; a bare one stands at the left edge of the type area.
const (
	headShare = 0.3
	headLeft  = 45.0 // millimetres
)

// checkSecret looks for a secret marking in the head of a page: what is secret is not sealed here (GB/T 33481-2016 covers uses that are
// not classified). Text that speaks of secrets is no marking. A marking in a picture, as on a scan, is not seen.
func checkSecret(s Sheet, rows []line) []Finding {
	for _, row := range rows {
		if row.middle > headShare*s.Height {
			break
		}
		parts := row.segments(headGap)
		for _, p := range parts {
			bare := len(parts) == 1 && p.left < headLeft && bareMarking.MatchString(p.text())
			if bare || marking.MatchString(p.text()) {
				return []Finding{{Check: CheckSecret, Clause: clauseSecret, Level: Refuse, Key: FindingSecret, Page: s.Page, Data: map[string]string{"text": p.text()}}}
			}
		}
	}
	return nil
}
