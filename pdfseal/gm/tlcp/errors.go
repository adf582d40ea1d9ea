package tlcp

import (
	"fmt"
	"strconv"

	"sealdesk/pdfseal/gm"
)

// Reason says what is wrong with a certificate of the peer.
type Reason string

// The reasons of a CertificateError.
const (
	ReasonUnknownAuthority Reason = "unknown-authority" // no path to one of the roots given
	ReasonExpired          Reason = "expired"
	ReasonNotYetValid      Reason = "not-yet-valid"
	ReasonName             Reason = "name"       // made out to another host
	ReasonUsage            Reason = "usage"      // not for this purpose
	ReasonUnreadable       Reason = "unreadable" // not a certificate of SM2 in strict DER
	ReasonMissing          Reason = "missing"    // none sent, or one of the two
)

// CertificateError reports a certificate of the peer that is not accepted.
type CertificateError struct {
	Reason      Reason
	Certificate *gm.Certificate // nil where it could not be read
	Err         error           // may be nil
}

// Error names the certificate and the reason.
func (e *CertificateError) Error() string {
	s := "tlcp: certificate of the peer: " + string(e.Reason)
	if e.Certificate != nil {
		s += " (" + e.Certificate.Subject + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *CertificateError) Unwrap() error { return e.Err }

// Alerts that this package sends by itself (GB/T 38636-2020, 6.4.4.2.5).
const (
	alertFatal         = 2
	alertUnexpected    = 10
	alertBad           = 42
	alertUnsupported   = 43
	alertExpired       = 45
	alertUnknownIssuer = 48
)

func (e *CertificateError) alert() byte {
	switch e.Reason {
	case ReasonExpired, ReasonNotYetValid:
		return alertExpired
	case ReasonUnknownAuthority:
		return alertUnknownIssuer
	case ReasonUsage:
		return alertUnsupported
	}
	return alertBad
}

// AlertError reports that one side ended the handshake with an alert
// (GB/T 38636-2020, 6.4.4.2.5).
type AlertError struct {
	Code   byte   // 0 where it was sent encrypted
	Remote bool   // sent by the peer
	After  string // the last message that was understood
}

// Error names the side and the number.
func (e *AlertError) Error() string {
	side := "this side"
	if e.Remote {
		side = "the peer"
	}
	return fmt.Sprintf("tlcp: %s ended the handshake after %s: alert %d", side, e.After, e.Code)
}

// AboutCertificate reports whether the alert speaks of a certificate: bad,
// unsupported, revoked, expired, unknown, of an unknown authority, or missing.
func (e *AlertError) AboutCertificate() bool { return e.Code >= 41 && e.Code <= 49 }

// ProtocolError reports bytes that are no TLCP, or not those that may come next.
type ProtocolError struct {
	After string // the last message that was understood, "" before the first
	Err   error
}

// Error names the place and the reason.
func (e *ProtocolError) Error() string {
	return "tlcp: after " + strconv.Quote(e.After) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *ProtocolError) Unwrap() error { return e.Err }
