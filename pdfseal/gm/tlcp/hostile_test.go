package tlcp_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"sealdesk/pdfseal/gm/tlcp"
)

// between stands between client and server and hands every record of the one
// side to change, which answers the type and body that are sent on; nil drops it.
func between(t *testing.T, server string, fromServer bool, change changer) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		s, err := net.Dial("tcp", server)
		if err != nil {
			return
		}
		defer s.Close()
		from, to := net.Conn(c), s
		if fromServer {
			from, to = s, c
		}
		go func() {
			_, _ = io.Copy(from, to)
			from.Close()
		}()
		for {
			head := make([]byte, 5)
			if _, err := io.ReadFull(from, head); err != nil {
				return
			}
			body := make([]byte, binary.BigEndian.Uint16(head[3:]))
			if _, err := io.ReadFull(from, body); err != nil {
				return
			}
			head[0], body = change(head[0], body)
			if body == nil {
				continue
			}
			binary.BigEndian.PutUint16(head[3:], uint16(len(body)))
			if _, err := to.Write(append(head, body...)); err != nil {
				return
			}
		}
	}()
	return l.Addr().String()
}

// message wraps a body as handshake message.
func message(kind byte, body ...byte) []byte {
	n := len(body)
	return append([]byte{kind, byte(n >> 16), byte(n >> 8), byte(n)}, body...)
}

// TestClient_hostileServer changes one message of an honest server at a time.
func TestClient_hostileServer(t *testing.T) {
	o := newOffice(t)
	honest := o.server(t)
	honest.HandshakeTimeout = time.Second
	addr := echo(t, honest)
	cases := map[string]changer{
		"no key exchange":         replace(12, nil),
		"empty key exchange":      replace(12, message(12)),
		"short key exchange":      replace(12, message(12, 0)),
		"empty signature":         replace(12, message(12, 0, 0)),
		"signature flipped":       flip(12, 40),
		"random flipped":          flip(2, 20),
		"other version":           flip(2, 5),
		"other suite":             flip(2, 40),
		"ECDHE suite":             ecdhe(),
		"no certificate":          replace(11, message(11, 0, 0, 0)),
		"certificate list cut":    replace(11, message(11, 0, 0, 9, 0, 0, 1)),
		"one certificate":         replace(11, oneCertificate(o)),
		"garbage certificates":    replace(11, message(11, 0, 0, 8, 0, 0, 1, 48, 0, 0, 1, 48)),
		"signing name flipped":    flip(11, 200),
		"no hello done":           replace(14, message(0)),
		"done with a body":        replace(14, message(14, 1, 2, 3)),
		"request of a bad form":   replace(13, message(13, 5)),
		"certificate twice":       twice(11),
		"warning":                 insteadOf(12, 21, []byte{1, 100}),
		"fatal alert":             insteadOf(11, 21, []byte{2, 40}),
		"application data":        insteadOf(11, 23, []byte("x")),
		"finished flipped":        afterChange(),
		"huge message announced":  replace(11, []byte{11, 255, 255, 255, 0}),
		"large message announced": replace(11, []byte{11, 1, 0, 0, 0}),
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			c := o.clientConfig(t)
			conn, err := dial(t, between(t, addr, true, change), c)
			if err == nil {
				conn.Close()
				t.Fatal("accepted")
			}
			if !typed(err) {
				t.Errorf("%T is no error of this package: %v", err, err)
			}
			if d := time.Since(start); d > time.Minute {
				t.Errorf("took %v", d)
			}
		})
	}
}

func typed(err error) bool {
	var p *tlcp.ProtocolError
	var a *tlcp.AlertError
	var c *tlcp.CertificateError
	return errors.As(err, &p) || errors.As(err, &a) || errors.As(err, &c)
}

type changer = func(typ byte, body []byte) (byte, []byte)

// onMessage changes the message of the kind; the library writes every message in a record of its own.
func onMessage(kind byte, change changer) changer {
	encrypted := false
	return func(typ byte, b []byte) (byte, []byte) {
		encrypted = encrypted || typ == 20
		if !encrypted && typ == 22 && b[0] == kind {
			return change(typ, b)
		}
		return typ, b
	}
}

func replace(kind byte, with []byte) changer {
	return onMessage(kind, func(typ byte, _ []byte) (byte, []byte) { return typ, with })
}

func insteadOf(kind, typ byte, body []byte) changer {
	return onMessage(kind, func(byte, []byte) (byte, []byte) { return typ, body })
}

func flip(kind byte, at int) changer {
	return onMessage(kind, func(typ byte, b []byte) (byte, []byte) {
		b[at] ^= 1
		return typ, b
	})
}

func twice(kind byte) changer {
	return onMessage(kind, func(typ byte, b []byte) (byte, []byte) { return typ, append(b, b...) })
}

// ecdhe makes the server choose the suite 0xE011, which the client never offers.
func ecdhe() changer {
	return onMessage(2, func(typ byte, b []byte) (byte, []byte) {
		at := 38 + 1 + int(b[38])
		b[at], b[at+1] = 0xe0, 0x11
		return typ, b
	})
}

// afterChange damages the first encrypted record.
func afterChange() changer {
	encrypted := false
	return func(typ byte, b []byte) (byte, []byte) {
		if encrypted {
			b[len(b)-1] ^= 1
		}
		encrypted = encrypted || typ == 20
		return typ, b
	}
}

func oneCertificate(o *office) []byte {
	n := len(o.sign.der)
	return message(11, append([]byte{0, byte((n + 3) >> 8), byte(n + 3), 0, byte(n >> 8), byte(n)}, o.sign.der...)...)
}

// TestServer_hostileClient changes one message of an honest client at a time;
// afterwards the server still serves others.
func TestServer_hostileClient(t *testing.T) {
	o := newOffice(t)
	addr := echo(t, o.server(t))
	cases := map[string]changer{
		"hello cut":            replace(1, message(1, 1)),
		"hello of TLS":         replace(1, message(1, append([]byte{3, 3}, make([]byte, 40)...)...)),
		"key exchange empty":   replace(16, message(16)),
		"key exchange short":   replace(16, message(16, 0)), // the library reads past its end
		"key exchange garbage": replace(16, message(16, 0, 3, 1, 2, 3)),
		"point off the curve":  flip(16, 4+2+4+8), // inside the x coordinate of C1
		"no proof":             replace(15, nil),
		"proof of another":     replace(15, message(15, 0, 2, 48, 0)),
		"no certificate":       replace(11, nil),
		"empty certificate":    replace(11, message(11, 0, 0, 0)),
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			conn, err := dial(t, between(t, addr, false, change), o.clientConfig(t))
			if err == nil {
				_, err = conn.Write([]byte("x"))
				if err == nil {
					_, err = conn.Read(make([]byte, 1))
				}
			}
			if err == nil {
				t.Fatal("accepted")
			}
		})
	}
	if _, err := dial(t, addr, o.clientConfig(t)); err != nil {
		t.Fatalf("the server no longer serves: %v", err)
	}
}

// TestClient_damagedRecord: a record changed after the handshake is an error, not data.
func TestClient_damagedRecord(t *testing.T) {
	o := newOffice(t)
	conn, err := dial(t, between(t, echo(t, o.server(t)), true, func(typ byte, b []byte) (byte, []byte) {
		if typ == 23 {
			b[len(b)/2] ^= 1
		}
		return typ, b
	}), o.clientConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("seal")); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 9)); err == nil || n != 0 {
		t.Fatalf("%d bytes, %v", n, err)
	}
}
