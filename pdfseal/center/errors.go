package center

import (
	"fmt"
	"strconv"
	"time"
)

// Kind says which situation an Error is.
type Kind string

// The situations.
const (
	KindSettings          Kind = "settings"           // the client's own settings cannot be used
	KindUnreachable       Kind = "unreachable"        // no connection: name unknown, refused, no route
	KindProxy             Kind = "proxy"              // the proxy of the settings does not let the connection through
	KindSlow              Kind = "slow"               // no whole answer within the time limit
	KindProtocol          Kind = "protocol"           // what answers does not speak the transport of the settings
	KindAuthority         Kind = "authority"          // its certificate is of an authority that the settings do not name
	KindName              Kind = "name"               // its certificate is made out to another host
	KindPin               Kind = "pin"                // none of its keys is among the pins of the settings
	KindExpired           Kind = "expired"            // its certificate has expired
	KindNotYetValid       Kind = "not_yet_valid"      // its certificate is not valid yet
	KindUsage             Kind = "usage"              // its certificate is not for a server, or is unreadable
	KindClock             Kind = "clock"              // the clock of this computer and the centre's differ too much
	KindClientCertificate Kind = "client_certificate" // it does not admit this computer's certificate
	KindRedirect          Kind = "redirect"           // it points elsewhere
	KindGarbage           Kind = "garbage"            // the answer is not that of the contract
	KindReceipt           Kind = "receipt"            // the receipt is not about what was asked, or is none
	KindHalf              Kind = "half"               // the connection ended inside the answer
	KindTooLarge          Kind = "too_large"          // the answer is larger than any honest one
	KindUnknownSeal       Kind = "unknown_seal"       // it does not know the seal
	KindConflict          Kind = "conflict"           // it knows the request's number, or a larger register, with other content
	KindRefused           Kind = "refused"            // it refuses the request
	KindBusy              Kind = "busy"               // it, or what stands before it, asks to come back later
	KindFault             Kind = "fault"              // it has a fault of its own
)

// Kinds lists all situations, for the completeness test of the catalogues.
func Kinds() []Kind {
	return []Kind{KindSettings, KindUnreachable, KindProxy, KindSlow, KindProtocol, KindAuthority, KindName, KindPin, KindExpired, KindNotYetValid,
		KindUsage, KindClock, KindClientCertificate, KindRedirect, KindGarbage, KindReceipt, KindHalf, KindTooLarge, KindUnknownSeal, KindConflict,
		KindRefused, KindBusy, KindFault}
}

// Error is what went wrong between this computer and the centre.
type Error struct {
	Kind Kind
	Host string // of the configuration, with port

	Stage  string // KindSlow: connection, answer or body; KindSettings: the setting
	Status int    // HTTP status, 0 where there was none
	Code   string // of the centre's problem document, cleaned and cut
	Title  string // likewise

	NotBefore, NotAfter time.Time     // of the certificate in question
	Skew                time.Duration // KindClock: centre's clock minus this computer's

	Err        error
	retryAfter time.Duration
}

// Error says it in English.
func (e *Error) Error() string {
	s := "center: " + string(e.Kind)
	if e.Host != "" {
		s += " (" + e.Host + ")"
	}
	for _, part := range []string{e.Stage, e.Code} {
		if part != "" {
			s += ": " + part
		}
	}
	if e.Status != 0 {
		s += ": status " + strconv.Itoa(e.Status)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Situation names the text for people and its values.
func (e *Error) Situation() (key string, data map[string]string) {
	detail := e.Title
	if detail == "" && e.Err != nil {
		detail = e.Err.Error()
	}
	return "center." + string(e.Kind), map[string]string{"Host": e.Host, "Stage": e.Stage, "Status": strconv.Itoa(e.Status), "Code": e.Code,
		"Detail": detail, "From": date(e.NotBefore), "Until": date(e.NotAfter), "Offset": Offset(e.Skew)}
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04")
}

// Offset writes a difference of clocks in hours and minutes, with its sign: "+24:00".
func Offset(d time.Duration) string {
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	minutes := int(d.Round(time.Minute).Minutes())
	return fmt.Sprintf("%s%d:%02d", sign, minutes/60, minutes%60)
}

// again reports whether the same request may find another answer in a moment.
func (e *Error) again() bool {
	return e.Kind == KindUnreachable || e.Kind == KindHalf || e.Kind == KindBusy
}
