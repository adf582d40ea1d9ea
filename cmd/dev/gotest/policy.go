package gotest

import "strings"

// Policy says which skips are in order.
type Policy struct {
	Long bool // the long run: what the short run leaves out must not be left out here
}

// Unexplained gives the skips that the policy does not allow. The short run may
// leave out what the long run does; everything else has what it needs.
func (p Policy) Unexplained(skips []Test) []Test {
	var out []Test
	for _, t := range skips {
		if p.Long || !strings.HasPrefix(t.Reason, "long:") {
			out = append(out, t)
		}
	}
	return out
}
