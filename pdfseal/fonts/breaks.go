package fonts

import "github.com/go-text/typesetting/segmenter"

// Breaks gives the places where a line of text may end: the numbers of characters before each, ascending, the last being len(text)
// (Unicode Standard Annex #14). An empty text has none.
func Breaks(text []rune) []int {
	if len(text) == 0 {
		return nil
	}
	var seg segmenter.Segmenter
	seg.Init(text)
	var out []int
	for it := seg.LineIterator(); it.Next(); {
		line := it.Line()
		out = append(out, line.Offset+len(line.Text))
	}
	return out
}
