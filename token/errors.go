package token

import (
	"errors"
	"fmt"
)

// The situations that a UsbKey can be in, for errors.Is.
var (
	ErrNoToken      = errors.New("token: no UsbKey is plugged in")
	ErrRemoved      = errors.New("token: the UsbKey was pulled out")
	ErrClosed       = errors.New("token: closed")
	ErrPINCancelled = errors.New("token: PIN entry was cancelled")
	ErrNotLoggedIn  = errors.New("token: not logged in")
	ErrNoKey        = errors.New("token: no signing certificate with a private key")
	ErrAmbiguousKey = errors.New("token: two private keys, UsbKeys or certificates answer to one name")
	ErrNoSM2        = errors.New("token: this UsbKey has no SM2 mechanism that is known")
	ErrBadSignature = errors.New("token: the UsbKey gave no valid SM2 signature")
	ErrUnsupported  = errors.New("token: not supported by this driver")
	ErrFinalTry     = errors.New("token: the last PIN try needs an explicit confirmation")
	ErrTimeout      = errors.New("token: the UsbKey does not answer")
)

// PINError says that the PIN was not accepted, or not even sent. At most one of Wrong, Expired and Length is true.
type PINError struct {
	Wrong   bool     // the key refused the PIN
	Locked  bool     // the key is locked: with Wrong by this very try, else before it, and no PIN was sent
	Expired bool     // the PIN must be changed first
	Length  bool     // length or characters do not fit
	State   PINState // read after the attempt

	Min, Max int // with Length: the limits in bytes, 0 if unknown
}

func (e *PINError) Error() string {
	switch {
	case e.Wrong && e.Locked:
		return "token: wrong PIN, the UsbKey is now locked"
	case e.Locked:
		return "token: the UsbKey is locked"
	case e.Expired:
		return "token: the PIN must be changed first"
	case e.Length && e.Max > 0:
		return fmt.Sprintf("token: a PIN of %d to %d bytes is needed", e.Min, e.Max)
	case e.Length:
		return "token: the length or the characters of the PIN do not fit"
	case e.Wrong && e.State.FinalTry:
		return "token: wrong PIN, one try is left"
	case e.Wrong:
		return "token: wrong PIN"
	case e.State.Uninitialised:
		return "token: no user PIN was ever set on this UsbKey"
	default:
		return "token: PIN not accepted"
	}
}

// Reasons why a driver library cannot be used.
const (
	ReasonNone       = "no driver is configured"
	ReasonPath       = "the path must be absolute"
	ReasonMissing    = "the file does not exist"
	ReasonNotFile    = "not a file that can be read"
	ReasonNotLibrary = "not a shared library"
	ReasonWrongClass = "made for another processor or word size"
	ReasonNoEntry    = "not a PKCS#11 library: C_GetFunctionList is missing"
	ReasonLoad       = "the system cannot load it"
	ReasonTable      = "its function table is incomplete"
	ReasonInitialise = "it refuses to start"
	ReasonNoCgo      = "this program was built without support for driver libraries"
)

// ModuleError says why a driver library cannot be used.
type ModuleError struct {
	Path   string // "" if none is configured
	Reason string // one of the Reason constants
	Err    error  // the cause, may be nil
}

func (e *ModuleError) Error() string {
	s := "token: driver"
	if e.Path != "" {
		s += " " + e.Path
	}
	s += ": " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *ModuleError) Unwrap() error { return e.Err }

// OpError is what goes into the log: the call and the code that the driver answered. It unwraps to the situation, if the code
// tells one.
type OpError struct {
	Op   string // "C_Login"
	Code uint32
	Name string // "CKR_FUNCTION_FAILED", "" for codes of a vendor
	Err  error  // situation, may be nil
}

func (e *OpError) Error() string {
	s := fmt.Sprintf("%s: 0x%08X", e.Op, e.Code)
	if e.Name != "" {
		s += " " + e.Name
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the situation.
func (e *OpError) Unwrap() error { return e.Err }
