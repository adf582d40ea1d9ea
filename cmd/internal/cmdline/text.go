package cmdline

import (
	"strings"
	"time"
	"unicode"
)

// Clean replaces characters that could move the cursor, hide text or turn its direction: names come from keys, documents and networks.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsGraphic(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}

// Line is Clean for a value that stands within a line: a line break in the name of a file or seal could add a verdict of its own.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}

// Zone is the legal time of China, in which people read and write times; JSON is in UTC.
var Zone = time.FixedZone("CST", 8*3600)

// Time reads the value of a flag: RFC 3339, or a date or a date with time in Chinese legal time. The error is an *Error.
func Time(flag, s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, Zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, Usage("time", "Flag", flag, "Value", s)
}
