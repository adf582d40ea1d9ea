package pdfseal

import "strings"

// defaultAppearance is what is used of a default appearance string /DA (ISO 32000-2, 12.7.4.3): font, size and fill colour. Whatever
// else stands there is left out, so that nothing of it can reach the page.
type defaultAppearance struct {
	font  string  // resource name, "" if none is named
	size  float64 // 0: to be chosen
	color string  // operators that set the fill colour
}

// maxFontSize bounds the font size that a /DA may ask for; a larger one is chosen anew.
const maxFontSize = 2000

// colorOperators are the operators that set the fill colour, with the number of their operands.
var colorOperators = map[string]int{"g": 1, "rg": 3, "k": 4}

// parseDefaultAppearance reads a /DA. Of several fonts or colours the last counts, as it does when the string is executed.
func parseDefaultAppearance(b []byte) defaultAppearance {
	da := defaultAppearance{color: "0 g"}
	l := &contentLexer{b: b}
	for op, args := l.next(); op != ""; op, args = l.next() {
		n := len(args)
		if op == "Tf" && n >= 2 && args[n-2].kind == operandName {
			da.font, da.size = string(args[n-2].text), fontSize(args[n-1].num)
		}
		if c, ok := colorOperators[op]; ok && n >= c {
			if values := colorComponents(args[n-c:]); values != "" {
				da.color = values + op
			}
		}
	}
	return da
}

func fontSize(size float64) float64 {
	if !(size > 0 && size <= maxFontSize) {
		return 0
	}
	return size
}

// colorComponents writes operands, all of them numbers, as such from 0 to 1, each followed by a space.
func colorComponents(args []operand) string {
	var b strings.Builder
	for _, a := range args {
		if a.kind != operandNumber {
			return ""
		}
		b.WriteString(decimal(min(1, max(0, a.num))) + " ")
	}
	return b.String()
}
