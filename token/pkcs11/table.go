package pkcs11

import "slices"

// The key types that the table knows (usbkey.md, §2 and §3).
const (
	keyEC      = 0x00000003 // CKK_EC, with the SM2 OID in CKA_EC_PARAMS
	keyMK1     = 0x00010001
	keyWestone = 0x80000001
	keySansec  = 0x80000004 // also TASS, Koal, ChainMaker
	keyLuna    = 0x80000016
	keyIBM     = 0x80050002
)

// byConfiguration marks rows that only a configuration can choose, by their name.
const byConfiguration Quirk = 1 << 31

// table holds one row for each family of UsbKeys that numbers are known for. The evidence for each row is in usbkey.md, §3.
var table = []Profile{
	{
		Name: "sansec", Lib: []string{"upkcs11", "swcsm", "sansec"}, KeyType: keySansec, Sign: signSansec,
		PubFrom: []PubKind{PubECPoint},
	},
	{
		Name: "tass", Lib: []string{"tass"}, KeyType: keySansec,
		Sign:    append([]SM2Sign{{Mech: 0x80008000, In: InDigest, Out: OutDER}}, either(0x80008100, OutDER)...),
		PubFrom: []PubKind{PubECPoint}, // also on the private key
	},
	{
		// ECC_CALC +2 is the older number of the same act.
		Name: "westone", Manufacturer: []string{"westone", "卫士通"}, KeyType: keyWestone,
		Sign: []SM2Sign{
			{Mech: 0x80000004, In: InDigest, Out: OutRaw},
			{Mech: 0x80000002, In: InDigest, Out: OutRaw},
		},
		PubFrom: []PubKind{PubValueXY},
	},
	{
		Name: "luna", Manufacturer: []string{"safenet", "chrystoki"}, KeyType: keyLuna,
		Sign:    append([]SM2Sign{{Mech: 0x80000B21, In: InDigest}}, either(0x80000B22, OutAuto)...),
		PubFrom: []PubKind{PubECPoint},
	},
	{
		Name: "ibm-ep11", Manufacturer: []string{"ibm"}, KeyType: keyIBM,
		Sign: slices.Concat([]SM2Sign{{Mech: 0x8005000B, In: InDigest}},
			either(0x8005000F, OutAuto), either(0x8005000C, OutAuto)),
		PubFrom: []PubKind{PubECPoint},
	},
	{
		// The numbers lie outside the vendor range, so nothing but a configuration may choose them.
		Name: "mk1", KeyType: keyMK1,
		Sign:    append([]SM2Sign{{Mech: 0x00010002, In: InDigest}}, either(0x00010004, OutAuto)...),
		PubFrom: []PubKind{PubXY}, Flags: byConfiguration,
	},
	{
		// CKM_ECDSA on an SM2 key makes ECDSA signatures (SoftHSM2 does), so only a configured mechanism can be used.
		Name: "ec-sm2", KeyType: keyEC, PubFrom: []PubKind{PubECPoint}, Flags: byConfiguration,
	},
}

// signSansec is the order for Sansec and for keys that use the same numbers. 0x80008100 hashes without Z, so it is fed Z‖M.
var signSansec = []SM2Sign{
	{Mech: 0x80008105, In: InDigest, Out: OutRaw},
	{Mech: 0x80008104, In: InDigest, Out: OutDER},
	{Mech: 0x80008102, In: InMsgZ, Out: OutRaw},
	{Mech: 0x80008103, In: InMsgZ, Out: OutDER},
	{Mech: 0x80008100, In: InMsgNoZ, Out: OutRaw},
}

// koalLike stands for keys with Sansec's key type and numbers whose maker is not in the table.
var koalLike = Profile{Name: "koal-like", KeyType: keySansec, Sign: signSansec, PubFrom: []PubKind{PubECPoint}}

// either is for message mechanisms of which it is not known whether they add Z: the verification decides.
func either(mech uint, out OutKind) []SM2Sign {
	return []SM2Sign{{Mech: mech, In: InMsgZ, Out: out}, {Mech: mech, In: InMsgNoZ, Out: out}}
}

// Profiles returns the built-in table, in the order in which it is searched, with "koal-like" last. The caller may change the copy.
func Profiles() []Profile {
	out := make([]Profile, 0, len(table)+1)
	for _, p := range append(slices.Clone(table), koalLike) {
		p.Lib, p.Manufacturer, p.Model = slices.Clone(p.Lib), slices.Clone(p.Manufacturer), slices.Clone(p.Model)
		p.Sign, p.PubFrom = slices.Clone(p.Sign), slices.Clone(p.PubFrom)
		p.Flags &^= byConfiguration
		out = append(out, p)
	}
	return out
}
