package training

import (
	"strings"
	"unicode"
)

// Characters that may not begin or end a line (GB/T 15834-2011, 5.1).
const (
	notFirst = "，。、；：？！）〕》」』”’…%"
	notLast  = "（〔《「『“‘"
)

// breakLines cuts a paragraph into lines of width half columns, the first of which is indented. A punctuation mark that would
// begin a line takes the character before along; numbers and words are kept whole.
func breakLines(text string, indent, width int) []string {
	words := tokens(text)
	var lines []string
	var cur strings.Builder
	used := indent
	end := func() {
		lines = append(lines, strings.TrimRight(cur.String(), " "))
		cur.Reset()
		used = 0
	}
	for i := 0; i < len(words); i++ {
		n := length(words[i])
		if i+1 < len(words) && strings.ContainsAny(words[i], notLast) {
			n += length(words[i+1])
		}
		if used+n > width && cur.Len() > 0 {
			carry := ""
			if strings.ContainsAny(words[i], notFirst) { // takes the character before along
				carry = cutLast(&cur)
			}
			end()
			cur.WriteString(carry)
			used += length(carry)
		}
		cur.WriteString(words[i])
		used += length(words[i])
	}
	end()
	return lines
}

// cutLast takes the last character or number, with the marks after it, off the line.
func cutLast(b *strings.Builder) string {
	rs := []rune(b.String())
	n := len(rs) - 1
	for n > 0 && (rs[n] < 0x80 && rs[n-1] < 0x80 || strings.ContainsRune(notFirst, rs[n])) {
		n--
	}
	if n == 0 {
		return ""
	}
	rest, last := string(rs[:n]), string(rs[n:])
	b.Reset()
	b.WriteString(rest)
	return last
}

// tokens cuts text into characters, but keeps numbers and Latin words whole.
func tokens(text string) []string {
	var out []string
	joined := false
	for _, r := range text {
		word := r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(".-%/", r))
		if word && joined {
			out[len(out)-1] += string(r)
			continue
		}
		out = append(out, string(r))
		joined = word
	}
	return out
}
