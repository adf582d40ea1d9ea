package pdfseal

import (
	"strconv"
	"strings"
)

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
	operations(b, func(operator string, operands []contentToken) bool {
		n := len(operands)
		if operator == "Tf" && n >= 2 && operands[n-2].kind == nameToken {
			da.font, da.size = operands[n-2].text, fontSize(operands[n-1].text)
		}
		if c, ok := colorOperators[operator]; ok && n >= c {
			if values := colorComponents(operands[n-c:]); values != "" {
				da.color = values + operator
			}
		}
		return true
	})
	return da
}

func fontSize(tok string) float64 {
	size, err := strconv.ParseFloat(tok, 64)
	if err != nil || !(size > 0 && size <= maxFontSize) {
		return 0
	}
	return size
}

// colorComponents writes operands that are numbers from 0 to 1, each followed by a space.
func colorComponents(operands []contentToken) string {
	var b strings.Builder
	for _, t := range operands {
		x, err := strconv.ParseFloat(t.text, 64)
		if err != nil || x != x || t.kind != otherToken {
			return ""
		}
		b.WriteString(decimal(min(1, max(0, x))) + " ")
	}
	return b.String()
}
