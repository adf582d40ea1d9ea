package token

import (
	"context"
	"time"
)

// ID names one UsbKey: it holds the serial number and a digest of the certificates, so that another key in the same slot has
// another ID. It stays the same over insertions, never holds a slot number, and is opaque to callers.
type ID string

// PINState is what a UsbKey tells about its user PIN. All flags may legally stay false; no number of tries is ever known.
type PINState struct {
	Low           bool // at least one wrong try since the last good one
	FinalTry      bool // one more wrong PIN locks the key
	Locked        bool // no PIN is accepted until the issuing department unlocks the key
	ToBeChanged   bool // the PIN is the initial one or has expired
	Uninitialised bool // no user PIN was ever set
}

// Warns reports whether the user should see a remark before typing.
func (s PINState) Warns() bool { return s != PINState{} }

// Info describes a UsbKey that is plugged in. Texts are UTF-8, trimmed, without control characters.
type Info struct {
	ID                                                   ID
	Label, Manufacturer, Model, Serial, Firmware, Module string // Module is the base name of the driver library
	Slot                                                 uint   // for logs only
	Insertion                                            uint64 // tells two insertions of one key apart; 0 if the driver cannot
	PIN                                                  PINState
	ProtectedPath                                        bool // the PIN is typed on the key itself
	Training                                             bool // a training key: what it seals is never real
	PINMin, PINMax                                       int  // length in bytes; 0 if the key does not say
	Profile                                              string
}

// Certificate is a certificate on a UsbKey.
type Certificate struct {
	DER                 []byte
	KeyID               []byte // pairs it with its private key; may be empty
	HasPrivateKey       bool   // a private key of the same KeyID is on the key; true as well where private keys show only after log-in
	Subject, SerialHex  string
	NotBefore, NotAfter time.Time
	Signing             bool // by KeyUsage: digitalSignature or nonRepudiation
	SM2                 bool // its public key lies on the SM2 curve
	Defects             []string
}

// MaxObject bounds a data object in bytes; larger ones are left out.
const MaxObject = 256 << 10

// Object is a data object on a UsbKey. Label and Application are UTF-8, whatever the key stores.
type Object struct {
	Label, Application string
	Value              []byte
	Private            bool // visible only after log-in
}

// Provider reaches the UsbKeys of one driver.
type Provider interface {
	// Tokens lists the keys that are plugged in, in the order of the driver. No key is an empty list, not an error.
	Tokens(ctx context.Context) ([]Info, error)
	// Open opens the key called id: ErrNoToken if it is not plugged in, ErrAmbiguousKey if two keys answer to that name.
	Open(ctx context.Context, id ID) (Token, error)
	// Close lets go of the driver. Tokens still open are logged out and closed.
	Close() error
}

// Token is an open UsbKey.
type Token interface {
	// Info reads the key's description and PIN state anew.
	Info(ctx context.Context) (Info, error)
	// Certificates lists the certificates in the key's order. Unreadable ones are listed with a defect.
	Certificates(ctx context.Context) ([]Certificate, error)
	// Objects lists the data objects of up to MaxObject bytes; private ones only after Login.
	Objects(ctx context.Context) ([]Object, error)
	// CheckSM2 tells, without a PIN, whether the key can be asked for an SM2 signature with this certificate. ErrNoSM2: it has no
	// mechanism that is known; ErrNoKey: no private key, or a certificate that may not sign; ErrAmbiguousKey: two private keys.
	CheckSM2(ctx context.Context, cert []byte) error
	// Login asks for the PIN and sends it once. Nothing is asked where the key is locked (*PINError) or already logged in.
	Login(ctx context.Context, pin PINFunc) error
	// Logout ends the log-in. Logging out twice is no error.
	Logout(ctx context.Context) error
	// Signer lends the private key of cert: ErrNotLoggedIn before Login, else the errors of CheckSM2.
	Signer(ctx context.Context, cert []byte) (Signer, error)
	// Close logs out and closes. A closed Token answers ErrClosed.
	Close() error
}

// Signer makes SM2 signatures (GB/T 32918.2) with the user ID 1234567812345678.
type Signer interface {
	// Certificate returns the signing certificate in DER.
	Certificate() []byte
	// SignSM2 signs the message m, not its digest: some keys take only the message. It answers strict DER SEQUENCE { r, s } that
	// was verified with the certificate. ErrBadSignature: the key gave none that verifies.
	SignSM2(ctx context.Context, m []byte) ([]byte, error)
}
