package tlcp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"
	"time"

	"sealdesk/pdfseal/gm"
)

// kind is the type of a message; two more stand for what is no message.
type kind int

// Messages of a handshake (GB/T 38636-2020, 6.4.4).
const (
	clientHello        kind = 1
	serverHello        kind = 2
	certificate        kind = 11
	serverKeyExchange  kind = 12
	certificateRequest kind = 13
	serverHelloDone    kind = 14
	certificateVerify  kind = 15
	clientKeyExchange  kind = 16

	change  kind = 256 // ChangeCipherSpec
	nothing kind = 257 // no message yet
)

var messageNames = map[kind]string{
	change: "ChangeCipherSpec", clientHello: "ClientHello", serverHello: "ServerHello", certificate: "Certificate",
	serverKeyExchange: "ServerKeyExchange", certificateRequest: "CertificateRequest", serverHelloDone: "ServerHelloDone",
	certificateVerify: "CertificateVerify", clientKeyExchange: "ClientKeyExchange", nothing: "",
}

// suite is ECC_SM4_CBC_SM3.
const suite = 0xe013

// Which message of the peer may follow which. A certificate of the client is
// there exactly where it was asked for.
var (
	fromServer = map[kind][]kind{
		nothing: {serverHello}, serverHello: {certificate}, certificate: {serverKeyExchange},
		serverKeyExchange: {certificateRequest, serverHelloDone}, certificateRequest: {serverHelloDone}, serverHelloDone: {change},
	}
	fromClient = map[kind][]kind{
		nothing: {clientHello}, clientHello: {certificate}, certificate: {clientKeyExchange},
		clientKeyExchange: {certificateVerify}, certificateVerify: {change},
	}
	fromAnonymous = map[kind][]kind{
		nothing: {clientHello}, clientHello: {clientKeyExchange}, clientKeyExchange: {change},
	}
)

// dialogue follows the messages of one handshake.
type dialogue struct {
	order    map[kind][]kind
	last     kind // the last message of the peer
	isClient bool
	roots    []*gm.Certificate
	name     string
	now      func() time.Time

	clientRandom, serverRandom []byte
	transcript                 hash.Hash // of all messages so far
	presented                  []*gm.Certificate
	path                       []*gm.Certificate
}

func (d *dialogue) fail(err error) error {
	return &ProtocolError{After: messageNames[d.last], Err: err}
}

// alert ends the handshake, whatever its level: none of them has a use before its end.
func (d *dialogue) alert(body []byte, encrypted, remote bool) error {
	e := &AlertError{Remote: remote, After: messageNames[d.last]}
	if !encrypted && len(body) == 2 {
		e.Code = body[1]
	}
	return e
}

// sent notes a message of this side.
func (d *dialogue) sent(k kind, whole []byte) error {
	if k == change {
		return nil
	}
	d.transcript.Write(whole)
	switch {
	case len(whole) < 38:
	case k == clientHello:
		d.clientRandom = bytes.Clone(whole[6:38])
	case k == serverHello:
		d.serverRandom = bytes.Clone(whole[6:38])
	}
	return nil
}

// received judges a message of the peer before the library sees it.
func (d *dialogue) received(k kind, whole []byte) error {
	if !slices.Contains(d.order[d.last], k) {
		return d.fail(fmt.Errorf("message %d is not the next", k))
	}
	var err error
	switch k {
	case clientHello:
		err = d.hello(whole, &d.clientRandom)
	case serverHello:
		if err = d.hello(whole, &d.serverRandom); err == nil {
			err = d.agreed(whole)
		}
	case certificate:
		err = d.peer(whole[4:])
	case serverKeyExchange:
		err = d.keyExchange(whole[4:])
	case certificateVerify:
		err = d.proof(whole[4:])
	}
	if err != nil {
		var c *CertificateError
		if errors.As(err, &c) {
			return err
		}
		return d.fail(fmt.Errorf("%s: %w", messageNames[k], err))
	}
	if d.last = k; k != change {
		d.transcript.Write(whole)
	}
	return nil
}

func (d *dialogue) hello(whole []byte, random *[]byte) error {
	if len(whole) < 38 || binary.BigEndian.Uint16(whole[4:]) != version {
		return errors.New("not of version 1.1")
	}
	*random = bytes.Clone(whole[6:38])
	return nil
}

// agreed checks what a server chose: the one suite, no session, no compression.
func (d *dialogue) agreed(whole []byte) error {
	rest := whole[38:]
	if len(rest) < 1 || len(rest) < 1+int(rest[0])+3 {
		return errors.New("cut")
	}
	rest = rest[1+int(rest[0]):]
	if binary.BigEndian.Uint16(rest) != suite || rest[2] != 0 {
		return fmt.Errorf("suite %#04x, compression %d", binary.BigEndian.Uint16(rest), rest[2])
	}
	return nil
}

func (d *dialogue) peer(list []byte) error {
	raw, err := vectors(list)
	if err != nil {
		return err
	}
	judge := checker{roots: d.roots, now: d.now(), name: d.name}
	if d.isClient {
		d.path, d.presented, err = judge.server(raw)
	} else {
		d.path, d.presented, err = judge.client(raw)
	}
	return err
}

// vectors reads a list of byte strings with three-byte lengths.
func vectors(b []byte) ([][]byte, error) {
	b, rest, err := vector(b)
	if err != nil || len(rest) > 0 {
		return nil, errors.New("length of the list is wrong")
	}
	var out [][]byte
	for len(b) > 0 {
		var one []byte
		if one, b, err = vector(b); err != nil {
			return nil, err
		}
		if out = append(out, one); len(out) > maxCertificates {
			return nil, fmt.Errorf("more than %d certificates", maxCertificates)
		}
	}
	return out, nil
}

func vector(b []byte) (one, rest []byte, err error) {
	if len(b) < 3 {
		return nil, nil, errors.New("cut")
	}
	n := int(b[0])<<16 | int(b[1])<<8 | int(b[2])
	if n > len(b)-3 {
		return nil, nil, errors.New("cut")
	}
	return b[3 : 3+n], b[3+n:], nil
}

// signature reads a byte string with a two-byte length that is all there is.
func signature(b []byte) ([]byte, error) {
	if len(b) < 2 || int(binary.BigEndian.Uint16(b)) != len(b)-2 {
		return nil, errors.New("length is wrong")
	}
	return b[2:], nil
}

// keyExchange checks the signature of the server over both randoms and its
// encryption certificate (GB/T 38636-2020, 6.4.4.5).
func (d *dialogue) keyExchange(body []byte) error {
	sig, err := signature(body)
	if err != nil {
		return err
	}
	encryption := d.presented[1].Raw
	n := len(encryption)
	signed := slices.Concat(d.clientRandom, d.serverRandom, []byte{byte(n >> 16), byte(n >> 8), byte(n)}, encryption)
	return d.presented[0].Public.Verify(signed, sig)
}

// proof checks the signature of the client over all messages so far
// (GB/T 38636-2020, 6.4.4.9).
func (d *dialogue) proof(body []byte) error {
	sig, err := signature(body)
	if err != nil {
		return err
	}
	return d.presented[0].Public.Verify(d.transcript.Sum(nil), sig)
}
