package desk

import (
	"os"
	"strings"
	"testing"

	"sealdesk/pdfseal/trust"
)

func TestLocked(t *testing.T) {
	o := newOffice(t)
	if got := o.ReadOptions(t.Context()); len(got.Locked) != 0 || got.Existing != "error" {
		t.Fatalf("without a policy: %+v", got)
	}
	o.lock(trust.Setting{Name: "output.existing", Value: "number"}, trust.Setting{Name: "key.module", Value: "/x.so"})
	got := o.ReadOptions(t.Context())
	if got.Existing != "number" || len(got.Locked) != 1 || !strings.Contains(got.Locked["existing"], "5") || got.Module == "/x.so" {
		t.Fatalf("%+v", got)
	}
	got.Existing, got.Suffix = "error", "_s"
	if err := o.SaveOptions(t.Context(), got); err != nil {
		t.Fatal(err)
	}
	if after := o.ReadOptions(t.Context()); after.Existing != "number" || after.Suffix != "_s" {
		t.Errorf("a locked setting was changed: %+v", after)
	}
	file, err := os.ReadFile(got.Path)
	if err != nil || !strings.Contains(string(file), `existing = "error"`) {
		t.Errorf("the policy was written into the settings: %s, %v", file, err)
	}
}
