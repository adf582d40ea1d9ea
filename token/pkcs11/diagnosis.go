package pkcs11

import "sealdesk/token"

// Diagnosis is what a key and its library say of themselves without a PIN. It is how the numbers of a new kind of UsbKey get from
// the field into a profile. It holds no secret; certificates and public keys are public.
type Diagnosis struct {
	Module      string      `json:"module"` // path
	Library     Library     `json:"library"`
	Token       token.Info  `json:"token"`
	Flags       []string    `json:"flags"` // CKF_… names, unknown bits as hexadecimal
	Mechanisms  []Mechanism `json:"mechanisms"`
	Objects     []Attribute `json:"objects"`
	Profile     string      `json:"profile"` // "" if none fits
	Ways        []string    `json:"ways"`    // how the key would be asked for a signature, in order
	Problems    []string    `json:"problems"`
	MayMakeSM2  bool        `json:"mayMakeSM2"` // at least one way is left; only a signature proves it
	PublicMatch []string    `json:"publicKeys"` // per certificate: whether the key's own public key agrees
}

// Library is what C_GetInfo tells.
type Library struct {
	Manufacturer string `json:"manufacturer"`
	Description  string `json:"description"`
	Version      string `json:"version"`
	Cryptoki     string `json:"cryptoki"` // version of the specification
}

// Mechanism is one entry of the mechanism list.
type Mechanism struct {
	Number  string `json:"number"` // hexadecimal
	Flags   string `json:"flags"`  // hexadecimal CKF_ flags
	MinSize uint   `json:"minSize"`
	MaxSize uint   `json:"maxSize"`
}

// Attribute is an attribute of one object, as stored.
type Attribute struct {
	Object int    `json:"object"` // number within the diagnosis
	Name   string `json:"name"`   // CKA_…
	Value  string `json:"value"`  // text, number or hexadecimal; long values cut
	Size   int    `json:"size"`   // bytes
}
