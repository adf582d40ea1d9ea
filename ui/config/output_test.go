package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOutput_Name(t *testing.T) {
	dir, in := t.TempDir(), filepath.Join("in", "批复.v2.pdf")
	there := filepath.Join(dir, "批复.v2_s.pdf")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken := map[string]bool{filepath.Join(dir, "批复.v2_s-2.pdf"): true}
	for want, o := range map[string]Output{
		filepath.Join("in", "批复.v2_s.pdf"):  {Suffix: "_s", Existing: "error"},
		filepath.Join("in", "批复.v2_t.pdf"):  {Suffix: "_t", Existing: "number"},
		there:                               {Suffix: "_s", Existing: "error", Dir: dir},
		filepath.Join(dir, "批复.v2_s-3.pdf"): {Suffix: "_s", Existing: "number", Dir: dir},
	} {
		if got := o.Name(in, taken); got != want {
			t.Errorf("%+v: %s, want %s", o, got, want)
		}
	}
}
