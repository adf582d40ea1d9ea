package explain_test

import (
	"errors"
	"fmt"
	"testing"

	"sealdesk/pdfseal/trust"
	"sealdesk/ui/explain"
)

// TestError_trust: every reason why a bundle is refused has its text and exit code.
func TestError_trust(t *testing.T) {
	if len(trust.Reasons()) == 0 {
		t.Fatal("no reasons")
	}
	for _, r := range trust.Reasons() {
		m := explain.Error(fmt.Errorf("import: %w", &trust.Refusal{Reason: r, Err: errors.New("x")}))
		if m.Key != "trust."+string(r) || m.Exit != explain.ExitRefused && m.Exit != explain.ExitUnreadable {
			t.Errorf("%s: %+v", r, m)
		}
	}
}
