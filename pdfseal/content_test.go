package pdfseal

import (
	"fmt"
	"strings"
	"testing"
)

func TestContentLexer(t *testing.T) {
	var write func(b *strings.Builder, args []operand)
	write = func(b *strings.Builder, args []operand) {
		for _, o := range args {
			switch o.kind {
			case operandNumber:
				fmt.Fprintf(b, " %v", o.num)
			case operandName:
				fmt.Fprintf(b, " /%s", o.text)
			case operandString:
				fmt.Fprintf(b, " (%s)", o.text)
			case operandArray:
				b.WriteString(" [")
				write(b, o.array)
				b.WriteString(" ]")
			default:
				b.WriteString(" ?")
			}
		}
	}
	for in, want := range map[string]string{
		"/A#20b 1 -.5 Tf % ) \n +2. 3 m":               "Tf /A b 1 -0.5|m 2 3|",
		"[(a\\)(b)) 12 <6 1 7>] TJ":                    "TJ [ (a)(b)) 12 (ap) ]|",
		"(\\101\\n\\\n\\q) ' <</M (>>) /N <<>> >> BDC": "' (A\nq)|BDC ?|",
		"1.2.3 0x10 +Inf 1e3 1 rg true gs":             "rg ? ? ? ? 1|gs ?|",
		"/#4 /#4g /#41# Do } { f":                      "Do /#4 /#4g /A#|f|",
		"' (open":                                      "'|",
		"":                                             "",
		strings.Repeat("1 ", maxOperands+5) + "l":      "l" + strings.Repeat(" 1", maxOperands) + "|",
	} {
		var got strings.Builder
		l := &contentLexer{b: []byte(in)}
		for op, args := l.next(); op != ""; op, args = l.next() {
			got.WriteString(op)
			write(&got, args)
			got.WriteString("|")
		}
		if got.String() != want {
			t.Errorf("%.60q: %.200q, want %.200q", in, got.String(), want)
		}
	}
}

func TestContentLexer_inlineImage(t *testing.T) {
	for in, mask := range map[string]bool{
		"BI /W 1 /H 1 /BPC 8 /CS /G ID xEIx EI f":         false,
		"BI /W 1 /H 1 /ImageMask true /D[1 0] ID x\nEI f": true,
	} {
		l := &contentLexer{b: []byte(in)}
		if op, _ := l.next(); op != "BI" {
			t.Fatalf("%q begins with %q", in, op)
		}
		if got := l.inlineImage(); got != mask {
			t.Errorf("%q: mask %v", in, got)
		}
		if op, args := l.next(); op != "f" || len(args) != 0 {
			t.Errorf("%q goes on with %q", in, op)
		}
	}
}
