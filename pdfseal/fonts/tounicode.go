package fonts

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// ToUnicode gives the CMap that makes text in the subset searchable (ISO 32000-2, 9.10.3). Where two characters share a glyph, it
// stands for the one used first.
func (s *Subset) ToUnicode() []byte {
	const perBlock = 100
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	first := map[int]bool{}
	var lines []string
	for _, r := range s.runes {
		if n := s.number[r]; !first[n] {
			first[n] = true
			lines = append(lines, fmt.Sprintf("<%04X> <%s>\n", n, utf16Hex(r)))
		}
	}
	for len(lines) > 0 {
		n := min(perBlock, len(lines))
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", n, strings.Join(lines[:n], ""))
		lines = lines[n:]
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return []byte(b.String())
}

func utf16Hex(r rune) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune{r}) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}
