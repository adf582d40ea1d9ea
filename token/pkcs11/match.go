package pkcs11

import (
	"slices"
	"strings"
)

// subject is what a UsbKey shows of itself before log-in.
type subject struct {
	lib          string   // base name of the library
	manufacturer []string // of the token and of the library, and the library's description
	model        string
	keyTypes     []uint // of the keys that are visible; empty if none is
	mechanisms   []uint // empty: the library gives none, which says nothing
}

// offers reports whether the key can be asked for a mechanism.
func (s subject) offers(mech uint) bool {
	return len(s.mechanisms) == 0 || slices.Contains(s.mechanisms, mech)
}

// choice is a profile that fits a key, with the ways of signing that the key offers.
type choice struct {
	Profile
	ways []SM2Sign
}

// choose finds the profile of a key: the configuration first, then the rows that recognise the maker, then the numbers themselves.
// ok is false if nothing fits; a choice without ways fits, but cannot sign.
func choose(s subject, configured []Profile) (choice, bool) {
	for _, p := range configured {
		if p = inherit(p); p.fits(s) {
			return s.narrow(p), true
		}
	}
	for _, p := range table {
		if p.Flags&byConfiguration == 0 && p.fits(s) {
			return s.narrow(p), true
		}
	}
	return byNumbers(s)
}

// inherit fills what a configured profile leaves open from the row of the same name.
func inherit(p Profile) Profile {
	for _, row := range append(slices.Clone(table), koalLike) {
		if row.Name != p.Name {
			continue
		}
		if len(p.Lib)+len(p.Manufacturer)+len(p.Model) == 0 {
			p.Lib, p.Manufacturer, p.Model = row.Lib, row.Manufacturer, row.Model
		}
		if p.KeyType == 0 {
			p.KeyType = row.KeyType
		}
		if len(p.Sign) == 0 {
			p.Sign = row.Sign
		}
		if len(p.PubFrom) == 0 {
			p.PubFrom = row.PubFrom
		}
		p.Flags |= row.Flags &^ byConfiguration
	}
	return p
}

// fits reports whether the profile recognises the key.
func (p Profile) fits(s subject) bool {
	if p.KeyType != 0 && len(s.keyTypes) > 0 && !slices.Contains(s.keyTypes, p.KeyType) {
		return false
	}
	return hit(p.Lib, s.lib) && hit(p.Manufacturer, s.manufacturer...) && hit(p.Model, s.model)
}

// hit reports whether one of the patterns is part of one of the texts; no patterns hit everything.
func hit(patterns []string, texts ...string) bool {
	if len(patterns) == 0 {
		return true
	}
	for _, text := range texts {
		for _, p := range patterns {
			if p != "" && strings.Contains(strings.ToLower(text), strings.ToLower(p)) {
				return true
			}
		}
	}
	return false
}

func (s subject) narrow(p Profile) choice {
	c := choice{Profile: p}
	for _, w := range p.Sign {
		if s.offers(w.Mech) {
			c.ways = append(c.ways, w)
		}
	}
	return c
}

// byNumbers serves keys of unknown make whose key type and mechanism numbers are those of a row: makers copy each other's headers.
// Where several rows share a key type, the key is asked in the ways of all; the verification with the certificate decides. With an
// empty mechanism list the key type alone must do; with neither there is no evidence.
func byNumbers(s subject) (choice, bool) {
	if len(s.mechanisms) == 0 && len(s.keyTypes) == 0 {
		return choice{}, false
	}
	c := choice{}
	for _, p := range append([]Profile{koalLike}, table...) {
		if p.Flags&byConfiguration != 0 || !p.typed(s) {
			continue
		}
		for _, w := range s.narrow(p).ways {
			if c.Name == "" {
				c.Profile = p
			}
			if !slices.ContainsFunc(c.ways, func(o SM2Sign) bool { return o.Mech == w.Mech && o.In == w.In }) {
				c.ways = append(c.ways, w)
			}
		}
	}
	return c, c.Name != ""
}

// typed reports whether the key type fits. Where a key shows no private or public key before log-in, only numbers of the vendor
// range that no other maker is known to use for something else are evidence.
func (p Profile) typed(s subject) bool {
	if len(s.keyTypes) > 0 {
		return slices.Contains(s.keyTypes, p.KeyType)
	}
	return p.KeyType != keyWestone
}
