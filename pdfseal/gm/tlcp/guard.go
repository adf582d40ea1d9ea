package tlcp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
)

// Types and sizes of records (GB/T 38636-2020, 6.3).
const (
	recordChange    = 20
	recordAlert     = 21
	recordHandshake = 22

	headerLen  = 5
	maxRecord  = 16384 + 2048
	maxRecords = 64        // of one side in one handshake
	maxBytes   = 128 << 10 // of handshake messages of one side
	version    = 0x0101
)

// halt leaves the library from inside a read or a write: the handshake is
// over. A plain error would make the library print to standard output.
type halt struct{ err error }

// guard stands between the network and the library until the handshake is
// done, and is a plain connection afterwards.
type guard struct {
	net.Conn
	dialogue *dialogue
	done     atomic.Bool

	pending []byte // of a record that has been accepted, for the library
	record  [headerLen + maxRecord]byte
	in, out flow
}

// flow is one direction of a handshake.
type flow struct {
	records   int
	bytes     int
	partial   []byte // of a message that has not come whole
	encrypted bool   // after ChangeCipherSpec
}

// Read gives the library one record at a time.
func (g *guard) Read(p []byte) (int, error) {
	if len(g.pending) == 0 {
		if g.done.Load() {
			return g.Conn.Read(p)
		}
		if err := g.next(); err != nil {
			g.refuse(err)
			panic(&halt{err})
		}
	}
	n := copy(p, g.pending)
	g.pending = g.pending[n:]
	return n, nil
}

// next reads a record from the network and judges it.
func (g *guard) next() error {
	if _, err := io.ReadFull(g.Conn, g.record[:headerLen]); err != nil {
		return g.cut(err)
	}
	typ, n := g.record[0], int(binary.BigEndian.Uint16(g.record[3:]))
	switch {
	case typ < recordChange || typ > recordHandshake || binary.BigEndian.Uint16(g.record[1:]) != version:
		return g.dialogue.fail(fmt.Errorf("no record of TLCP 1.1: % x", g.record[:headerLen]))
	case n == 0 || n > maxRecord:
		return g.dialogue.fail(fmt.Errorf("record of %d bytes", n))
	}
	body := g.record[headerLen : headerLen+n]
	if _, err := io.ReadFull(g.Conn, body); err != nil {
		return g.cut(err)
	}
	g.pending = g.record[:headerLen+n]
	if typ == recordAlert {
		return g.dialogue.alert(body, g.in.encrypted, true)
	}
	return g.take(&g.in, typ, body, g.dialogue.received)
}

// refuse tells the peer that what it said is not accepted, while that can be
// said in the clear.
func (g *guard) refuse(err error) {
	var cert *CertificateError
	var alert *AlertError
	if g.out.encrypted || errors.As(err, &alert) {
		return
	}
	code := byte(alertUnexpected)
	if errors.As(err, &cert) {
		code = cert.alert()
	}
	_, _ = g.Conn.Write([]byte{recordAlert, version >> 8, version & 0xff, 0, 2, alertFatal, code})
}

func (g *guard) cut(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return g.dialogue.fail(err)
}

// Write sends what the library writes, whole records, and notes it.
func (g *guard) Write(p []byte) (int, error) {
	n, err := g.Conn.Write(p)
	if g.done.Load() {
		return n, err
	}
	if err != nil {
		panic(&halt{g.dialogue.fail(err)})
	}
	if err := g.sent(p); err != nil {
		panic(&halt{err})
	}
	return n, nil
}

func (g *guard) sent(p []byte) error {
	for len(p) >= headerLen {
		n := headerLen + int(binary.BigEndian.Uint16(p[3:]))
		if n > len(p) {
			return g.dialogue.fail(errors.New("the library wrote part of a record"))
		}
		body := p[headerLen:n]
		if p[0] == recordAlert {
			return g.dialogue.alert(body, g.out.encrypted, false)
		}
		if err := g.take(&g.out, p[0], body, g.dialogue.sent); err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// take cuts the messages out of the records of one direction, in the clear
// part of the handshake.
func (g *guard) take(f *flow, typ byte, body []byte, message func(k kind, whole []byte) error) error {
	if f.records++; f.records > maxRecords {
		return g.dialogue.fail(fmt.Errorf("more than %d records", maxRecords))
	}
	switch {
	case f.encrypted && typ == recordHandshake:
		return nil
	case f.encrypted:
		return g.dialogue.fail(errors.New("the last message of the handshake is missing"))
	case typ == recordChange:
		if len(f.partial) > 0 {
			return g.dialogue.fail(errors.New("a message is cut by the change of cipher"))
		}
		f.encrypted = true
		return message(change, nil)
	}
	if f.bytes += len(body); f.bytes > maxBytes {
		return g.dialogue.fail(fmt.Errorf("more than %d bytes of messages", maxBytes))
	}
	f.partial = append(f.partial, body...)
	for len(f.partial) >= 4 {
		n := 4 + int(f.partial[1])<<16 + int(f.partial[2])<<8 + int(f.partial[3])
		if n > maxBytes {
			return g.dialogue.fail(fmt.Errorf("message of %d bytes", n))
		}
		if n > len(f.partial) {
			break
		}
		if err := message(kind(f.partial[0]), f.partial[:n:n]); err != nil {
			return err
		}
		f.partial = f.partial[n:]
	}
	return nil
}
