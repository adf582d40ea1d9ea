package config

import "testing"

func TestWithLocked(t *testing.T) {
	cases := map[string]struct {
		name, value string
		ok          bool
	}{
		"existing":           {"output.existing", "number", true},
		"suffix":             {"output.suffix", "_sealed", true},
		"rule":               {"place.rule", "hand", true},
		"tightened":          {"policy.seal_without_trust", "false", true},
		"relaxed":            {"policy.seal_without_trust", "true", false},
		"unknown value":      {"output.existing", "overwrite", false},
		"no value":           {"output.existing", "", false},
		"suffix with a path": {"output.suffix", "/../x", false},
		"a library":          {"key.module", "/tmp/x.so", false},
		"unknown":            {"x", "y", false},
	}
	for name, c := range cases {
		from := Config{Output: Output{Suffix: "_a", Existing: "error"}, Policy: Policy{SealWithoutTrust: true}}
		got, err := from.WithLocked(c.name, c.value)
		changed := got.Output != from.Output || got.Place != from.Place || got.Policy != from.Policy
		if (err == nil) != c.ok || changed != c.ok {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
