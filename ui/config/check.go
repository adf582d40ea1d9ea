package config

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"sealdesk/pdfseal/rules"
	"sealdesk/pdfseal/trust"
)

// check refuses values that no part of the program understands.
func (c *Config) check() error {
	if err := oneOf("lang", c.Lang, "", "zh", "en"); err != nil {
		return err
	}
	if err := oneOf("output.existing", c.Output.Existing, "", "error", "number"); err != nil {
		return err
	}
	if err := oneOf("place.rule", c.Place.Rule, "", "date", "hand"); err != nil {
		return err
	}
	if err := oneOf("log.level", c.Log.Level, "", "error", "warn", "info", "debug"); err != nil {
		return err
	}
	if strings.ContainsAny(c.Output.Suffix, `/\:*?"<>|`) || strings.ContainsFunc(c.Output.Suffix, func(r rune) bool { return r < ' ' }) {
		return fmt.Errorf("output.suffix: %q cannot be part of a file name", c.Output.Suffix)
	}
	for key, name := range map[string]string{"seal.filter": c.Seal.Filter, "seal.subfilter": c.Seal.SubFilter} {
		if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("()<>[]{}/%#", r) }) {
			return fmt.Errorf("%s: %q is no plain PDF name", key, name)
		}
	}
	if root := c.TrustBundle.Root; root != "" {
		if _, err := trust.ParseFingerprint(root); err != nil {
			return fmt.Errorf("trust_bundle.root: %w", err)
		}
	}
	for _, check := range c.Policy.Refuse {
		if !slices.Contains(rules.Checks(), check) {
			return fmt.Errorf("policy.refuse: %q is none of %q", check, rules.Checks())
		}
	}
	if err := c.Center.check(); err != nil {
		return err
	}
	for i, p := range c.Key.Profiles {
		if err := p.check(); err != nil {
			return fmt.Errorf("key.profile %d: %w", i+1, err)
		}
	}
	return nil
}

func (p Profile) check() error {
	if p.Name == "" {
		return fmt.Errorf("name is missing")
	}
	if p.KeyType < 0 || p.KeyType > math.MaxUint32 {
		return fmt.Errorf("%s: key_type is no 32-bit number", p.Name)
	}
	for _, s := range p.Sign {
		if s.Mechanism <= 0 || s.Mechanism > math.MaxUint32 {
			return fmt.Errorf("%s: sign.mechanism is missing or no 32-bit number", p.Name)
		}
		if err := oneOf("sign.in", s.In, "digest", "message", "z-message"); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		if err := oneOf("sign.out", s.Out, "", "raw", "der"); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return nil
}

func oneOf(key, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s: %q is none of %s", key, value, strings.Join(allowed[slices.Index(allowed, "")+1:], ", "))
}
