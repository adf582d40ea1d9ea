package config

import (
	"fmt"
	"slices"
	"strings"

	"sealdesk/pdfseal/rules"
	"sealdesk/pdfseal/trust"
)

// lockable are the settings that a centre may fix for its offices, by their names in the settings file. The language and the look of
// the window and the library that is loaded into the program are none of its business.
var lockable = map[string]func(c *Config, value string) error{
	"output.suffix":   func(c *Config, v string) error { c.Output.Suffix = v; return filled(v) },
	"output.existing": func(c *Config, v string) error { c.Output.Existing = v; return filled(v) },
	"place.rule":      func(c *Config, v string) error { c.Place.Rule = v; return filled(v) },
	"policy.seal_without_trust": func(c *Config, v string) error {
		c.Policy.SealWithoutTrust = false
		return oneOf("policy.seal_without_trust", v, "false") // a policy tightens
	},
	"policy.refuse": func(c *Config, v string) error {
		c.Policy.Refuse = slices.Clone(c.Policy.Refuse) // what the office refuses besides stays refused
		for _, check := range strings.Fields(v) {
			if !slices.Contains(c.Policy.Refuse, rules.Check(check)) {
				c.Policy.Refuse = append(c.Policy.Refuse, rules.Check(check))
			}
		}
		return filled(v)
	},
	"center.url":       func(c *Config, v string) error { c.Center.URL = v; return filled(v) },
	"center.transport": func(c *Config, v string) error { c.Center.Transport = v; return filled(v) },
	"center.pins":      func(c *Config, v string) error { c.Center.Pins = strings.Fields(v); return filled(v) },
}

// Lock is a line of the centre's policy: the setting that it fixes, and why it could not be fixed; nil where it is.
type Lock struct {
	trust.Setting
	Err error
}

// Under returns the settings as they are under a policy, and what became of each of its lines. What cannot be fixed is left alone.
func (c Config) Under(policy trust.Policy) (Config, []Lock) {
	locks := make([]Lock, 0, len(policy.Locked))
	for _, s := range policy.Locked {
		next, err := c.WithLocked(s.Name, s.Value)
		if err == nil {
			c = next
		}
		locks = append(locks, Lock{Setting: s, Err: err})
	}
	return c, locks
}

func filled(v string) error {
	if v == "" {
		return fmt.Errorf("the value is empty")
	}
	return nil
}

// WithLocked returns the settings with one of them fixed. The error says that it cannot be fixed, or not to this value.
func (c Config) WithLocked(name, value string) (Config, error) {
	set, ok := lockable[name]
	if !ok {
		return c, fmt.Errorf("config: %s cannot be fixed", name)
	}
	fixed := c
	if err := set(&fixed, value); err != nil {
		return c, fmt.Errorf("config: %s: %w", name, err)
	}
	if err := fixed.check(); err != nil {
		return c, fmt.Errorf("config: %w", err)
	}
	return fixed, nil
}
