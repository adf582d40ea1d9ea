package config

import (
	"reflect"
	"slices"
	"testing"

	"sealdesk/pdfseal/rules"
	"sealdesk/pdfseal/trust"
)

const pin = "sha256:0000000000000000000000000000000000000000000000000000000000000000"

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
		"refused":            {"policy.refuse", "blank_page seal_size", true},
		"refused already":    {"policy.refuse", "date", false},
		"unknown check":      {"policy.refuse", "blank_page weather", false},
		"address":            {"center.url", "https://other.example", true},
		"plain address":      {"center.url", "http://other.example", false},
		"named user":         {"center.url", "https://me:x@other.example", false},
		"transport":          {"center.transport", "tlcp", true},
		"unknown transport":  {"center.transport", "quic", false},
		"pins":               {"center.pins", pin + " " + pin, true},
		"half a pin":         {"center.pins", "sha256:00", false},
		"authority":          {"center.ca", "/etc/ca.pem", false},
		"a library":          {"key.module", "/tmp/x.so", false},
		"unknown":            {"x", "y", false},
	}
	for name, c := range cases {
		from := Config{Output: Output{Suffix: "_a", Existing: "error"}, Policy: Policy{SealWithoutTrust: true, Refuse: []rules.Check{rules.CheckDate}}, Center: Center{URL: "https://centre.example", CA: "/ca.pem"}}
		got, err := from.WithLocked(c.name, c.value)
		changed := got.Output != from.Output || got.Place != from.Place || !reflect.DeepEqual(got.Policy, from.Policy) || !reflect.DeepEqual(got.Center, from.Center)
		if (err == nil) != (c.ok || name == "refused already") || !slices.Contains(got.Policy.Refuse, rules.CheckDate) || changed != c.ok {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// What is left of a policy when some of its lines cannot be fixed holds all the same.
func TestUnder(t *testing.T) {
	from := Config{Output: Output{Existing: "error"}}
	got, locks := from.Under(trust.Policy{Locked: []trust.Setting{{Name: "key.module", Value: "/x.so"}, {Name: "center.url", Value: "https://centre.example"}, {Name: "output.existing", Value: "number"}}})
	if got.Output.Existing != "number" || got.Center.Configured() || got.Key.Module != "" {
		t.Errorf("%+v", got)
	}
	if len(locks) != 3 || locks[0].Err == nil || locks[1].Err == nil || locks[2].Err != nil || locks[2].Name != "output.existing" {
		t.Errorf("%+v", locks)
	}
}
