package store

import (
	"fmt"
	"slices"
)

// form is what a signing mechanism of the module takes and gives.
type form struct {
	mech uint64
	in   string // e: 32 bytes; msg: SM3 of the message without Z; msgz: with Z; ecdsa: no SM2 at all
	out  string // raw, der, der-negative (no sign byte)
	id   bool   // the user ID must come as mechanism parameter
}

// profile is one way of being a vendor's key. Numbers: usbkey.md §2 and §3.
type profile struct {
	name         string
	manufacturer string // follows "TRAINING KEY "
	keyType      uint64
	keyGen       uint64
	digest       uint64
	sign         []form
	point        string // der (default), raw, none, value-xy, sm2-xy
	gbk          bool
	flags        []string // boolean keys of token.ini
}

var sansec = profile{
	name: "sansec", manufacturer: "Sansec style", keyType: 0x80000004, keyGen: 0x80008001, digest: 0x80009000,
	sign: []form{
		{mech: 0x80008105, in: "e", out: "raw"}, {mech: 0x80008104, in: "e", out: "der"},
		{mech: 0x80008102, in: "msgz", out: "raw"}, {mech: 0x80008103, in: "msgz", out: "der"},
		{mech: 0x80008100, in: "msg", out: "raw"}, {mech: 0x80008101, in: "msg", out: "der"},
	},
}

// as gives a variant of the Sansec profile.
func (p profile) as(name string, change func(*profile)) profile {
	p.name = name
	change(&p)
	return p
}

func only(f ...form) func(*profile) { return func(p *profile) { p.sign = f } }
func point(s string) func(*profile) { return func(p *profile) { p.point = s } }
func flag(s string) func(*profile)  { return func(p *profile) { p.flags = []string{s} } }

var profiles = []profile{
	sansec,
	{
		name: "tass", manufacturer: "TASS style", keyType: 0x80000004, keyGen: 0x80008001, digest: 0x80000005,
		sign:  []form{{mech: 0x80008000, in: "e", out: "der"}, {mech: 0x80008100, in: "msgz", out: "der"}},
		flags: []string{"ec-point-on-private"},
	},
	{
		name: "koal", manufacturer: "Koal style", keyType: 0x80000004, keyGen: 0x80008001, digest: 0x80000005,
		sign: []form{
			{mech: 0x80008104, in: "e", out: "der"}, {mech: 0x80008100, in: "msg", out: "raw"},
			{mech: 0x80008101, in: "msg", out: "der"},
		},
	},
	{
		name: "yw", manufacturer: "yw style", keyType: 0x80000004, keyGen: 0x80008001, digest: 0x8000000c,
		sign: []form{{mech: 0x80008100, in: "msgz", out: "raw"}},
	},
	{
		name: "westone", manufacturer: "Westone style", keyType: 0x80000001, keyGen: 0x80000003, digest: 0x8000001f,
		sign:  []form{{mech: 0x80000004, in: "e", out: "raw"}, {mech: 0x80000002, in: "e", out: "raw"}},
		point: "value-xy",
	},
	{
		name: "luna", manufacturer: "SafeNet style", keyType: 0x80000016, keyGen: 0x80000b20, digest: 0x80000b01,
		sign: []form{{mech: 0x80000b21, in: "e", out: "raw"}, {mech: 0x80000b22, in: "msgz", out: "raw"}},
	},
	{
		name: "ibm-ep11", manufacturer: "IBM style", keyType: 0x80050002, keyGen: 0x8005000a, digest: 0x8005000e,
		sign: []form{
			{mech: 0x8005000b, in: "e", out: "raw"}, {mech: 0x8005000f, in: "msgz", out: "raw"},
			{mech: 0x8005000c, in: "msg", out: "raw"},
		},
	},
	{
		name: "mk1", manufacturer: "MK-1 style", keyType: 0x00010001, keyGen: 0x00010009, digest: 0x00010005,
		sign:  []form{{mech: 0x00010002, in: "e", out: "raw"}, {mech: 0x00010004, in: "msgz", out: "raw"}},
		point: "sm2-xy",
	},
	{ // CKM_ECDSA works, as in SoftHSM2, and is not SM2
		name: "ec-sm2", manufacturer: "EC style", keyType: 3, keyGen: 0x1040,
		sign: []form{{mech: 0x1041, in: "ecdsa", out: "raw"}},
	},
	{
		name: "ec-sm2-vendor", manufacturer: "EC style", keyType: 3, keyGen: 0x1040,
		sign: []form{{mech: 0x1041, in: "ecdsa", out: "raw"}, {mech: 0x80001041, in: "e", out: "raw"}},
	},
	{ // the internal numbers of xipki; the message mechanism wants the user ID
		name: "custom", manufacturer: "custom", keyType: 0xfffff001, keyGen: 0xfffff001, digest: 0xfffff005,
		sign: []form{{mech: 0xfffff002, in: "e", out: "raw"}, {mech: 0xfffff003, in: "msgz", out: "raw", id: true}},
	},
	sansec.as("sansec-noz", only(form{mech: 0x80008100, in: "msg", out: "raw"})),
	sansec.as("sansec-msgz", only(form{mech: 0x80008102, in: "msgz", out: "raw"})),
	sansec.as("sansec-der-negative", only(
		form{mech: 0x80008104, in: "e", out: "der-negative"}, form{mech: 0x80008103, in: "msgz", out: "der-negative"})),
	sansec.as("consume-on-length-query", flag("consume-on-length-query")),
	sansec.as("empty-mechanism-list", flag("empty-mechanism-list")),
	sansec.as("gbk", func(p *profile) { p.gbk, p.flags = true, []string{"pad-with-nul"} }),
	sansec.as("point-raw", point("raw")),
	sansec.as("point-none", point("none")),
	sansec.as("point-value-xy", point("value-xy")),
	sansec.as("generic-ec-params", flag("generic-ec-params")),
	sansec.as("hide-pin-flags", flag("hide-pin-flags")),
}

// Profiles names the vendor profiles that TokenSpec.Profile may ask for: one for each row of the
// table in usbkey.md §3, then the traps and oddities.
func Profiles() []string {
	names := make([]string, len(profiles))
	for i, p := range profiles {
		names[i] = p.name
	}
	return names
}

func findProfile(name string) (profile, error) {
	i := slices.IndexFunc(profiles, func(p profile) bool { return p.name == name })
	if i < 0 {
		return profile{}, fmt.Errorf("softkey: no profile %q (have %v)", name, Profiles())
	}
	return profiles[i], nil
}
