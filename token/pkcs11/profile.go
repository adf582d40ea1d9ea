// Package pkcs11 drives UsbKeys through their PKCS#11 library (OASIS PKCS#11 2.40) and knows how each maker's library is asked for
// an SM2 signature, for which the specification has no numbers.
package pkcs11

import "fmt"

// InKind says what a mechanism is given.
type InKind int

// The kinds of input. M is the message, Z the ZA value, e = SM3(Z‖M).
const (
	InDigest InKind = iota // e, 32 bytes
	InMsgZ                 // M; the module adds Z
	InMsgNoZ               // Z‖M; the module only hashes
)

// OutKind says in which form a mechanism answers.
type OutKind int

// The forms of output. OutAuto recognises the form by its length and first bytes.
const (
	OutAuto OutKind = iota
	OutRaw          // r‖s, 64 bytes
	OutDER          // SEQUENCE { r, s }, read leniently
)

// PubKind says where a public key may be found beside the certificate.
type PubKind int

// The places of a public key.
const (
	PubECPoint PubKind = iota // CKA_EC_POINT
	PubValueXY                // x‖y in CKA_VALUE
	PubXY                     // vendor attributes for x and y
)

// Quirk is a set of oddities.
type Quirk uint

// The oddities that a profile can state.
const (
	NoOSLocking Quirk = 1 << iota // C_Initialize is called without CKF_OS_LOCKING_OK at once, not only after a refusal
)

// SM2Sign is one way to ask for a signature. Param is nil or the user ID.
type SM2Sign struct {
	Mech  uint
	In    InKind
	Out   OutKind
	Param []byte
}

// Profile describes a family of UsbKeys: how it is recognised and how it is asked for SM2 signatures. Lib, Manufacturer and Model
// are substrings compared without case; a profile fits if every list that is not empty has a hit.
type Profile struct {
	Name                     string
	Lib, Manufacturer, Model []string
	KeyType                  uint      // CKA_KEY_TYPE of its private keys; 0 = any
	Sign                     []SM2Sign // tried in this order
	PubFrom                  []PubKind // after the certificate, which always comes first
	SealLabel, SealApp       []string  // shell patterns that narrow the search for seals
	Flags                    Quirk
}

// String names the way for logs: "0x80008105 digest".
func (w SM2Sign) String() string { return fmt.Sprintf("0x%08X %s", w.Mech, w.In) }

// String names the input for logs.
func (k InKind) String() string {
	switch k {
	case InMsgZ:
		return "message"
	case InMsgNoZ:
		return "Z and message"
	default:
		return "digest"
	}
}
