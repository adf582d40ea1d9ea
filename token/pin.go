package token

import (
	"context"
	"fmt"
	"io"
	"log/slog"
)

// stars is how every PIN looks, whatever its length.
const stars = "****"

// PIN is a user PIN (口令). It prints as stars in every form. Copies share one secret: wiping one wipes all.
type PIN struct {
	// fmt reads an unexported field without calling its methods, and follows one pointer if the verb does not fit. It prints a
	// pointer to a pointer as an address, whatever the verb.
	secret **[]byte
	final  bool
}

// NewPIN takes ownership of b: the caller must not use it again, and Wipe clears it.
func NewPIN(b []byte) PIN {
	p := &b
	return PIN{secret: &p}
}

// Bytes returns the PIN itself, not a copy; nil after Wipe. It must not be turned into a string.
func (p PIN) Bytes() []byte {
	if p.secret == nil || *p.secret == nil {
		return nil
	}
	return **p.secret
}

// Wipe overwrites the PIN with zeros.
func (p PIN) Wipe() {
	if p.secret == nil || *p.secret == nil {
		return
	}
	clear(**p.secret)
	*p.secret = nil
}

// ConfirmFinal says that the user knows this to be the last try and wants it all the same.
func (p PIN) ConfirmFinal() PIN {
	p.final = true
	return p
}

// Final reports whether ConfirmFinal was called.
func (p PIN) Final() bool { return p.final }

// String returns stars.
func (p PIN) String() string { return stars }

// GoString returns stars.
func (p PIN) GoString() string { return stars }

// Format writes stars for every verb and flag.
func (p PIN) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, stars) }

// MarshalText returns stars.
func (p PIN) MarshalText() ([]byte, error) { return []byte(stars), nil }

// MarshalJSON returns stars in quotation marks.
func (p PIN) MarshalJSON() ([]byte, error) { return []byte(`"` + stars + `"`), nil }

// LogValue returns stars.
func (p PIN) LogValue() slog.Value { return slog.StringValue(stars) }

// PINRequest is what a PIN dialog says before anything is typed.
type PINRequest struct {
	Token     Info     // Token.ProtectedPath: nothing is to be typed here, the key asks by itself
	Warning   PINState // read just now; on FinalTry the answer must carry ConfirmFinal
	Reason    string
	SealName  string
	Documents int

	EachSignature bool // the key wants the PIN again for this one signature
	Attempt       int  // with EachSignature: 1 first; from 2 on, the former way of signing gave nothing usable
}

// PINFunc asks the user. It answers ErrPINCancelled to give up. The driver wipes the PIN, sends it once and never keeps it.
type PINFunc func(ctx context.Context, r PINRequest) (PIN, error)
