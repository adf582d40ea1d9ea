package center

import (
	"errors"
	"io"
	"net"
	"reflect"
	"strings"
	"unicode"
)

// maxText bounds what a centre or a proxy may add to a message.
const maxText = 200

// peerAlert is the number of the alert by which the server ended the
// connection, 0 where it did not. crypto/tls does not export the type of an
// alert, which is a byte.
func peerAlert(err error) uint64 {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" || op.Err == nil {
		return 0
	}
	if v := reflect.ValueOf(op.Err); v.Kind() == reflect.Uint8 {
		return v.Uint()
	}
	return 0
}

// aboutCertificate reports whether an alert speaks of this side's certificate (RFC 8446, 6.2).
func aboutCertificate(code uint64) bool { return code >= 42 && code <= 49 || code == 116 }

// netFault reports an end of the connection that the network brought about, or a peer that hung up.
func netFault(err error) bool {
	var op *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &op) && op.Op != "remote error" && op.Op != "local error"
}

// printable makes a foreign text fit for a message: one line, no control or direction characters.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText]) + "…"
	}
	return s
}
