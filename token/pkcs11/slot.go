//go:build cgo

package pkcs11

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	p11 "github.com/miekg/pkcs11"

	"sealdesk/token"
)

// slot is one insertion of one key. It keeps one session open: that keeps the log-in, and its death shows a key that was pulled and
// put back between two looks. A slot never comes back to life.
type slot struct {
	number    uint
	insertion uint64
	session   p11.SessionHandle
	gone      bool

	token   p11.TokenInfo // as last read
	id      token.ID
	subject subject // never changes, as model
	model   model
}

// scan brings the slots up to date and lists those with a key. A key that cannot be read does not hide the others; its error is
// answered if it is the only one.
func (m *module) scan(l *library) ([]*slot, error) {
	numbers, err := l.slots()
	if err != nil {
		return nil, err
	}
	for n, s := range m.slots {
		if !slices.Contains(numbers, n) {
			m.bury(l, s)
		}
	}
	var found []*slot
	var faults []error
	for _, n := range numbers {
		s, err := m.look(l, n)
		switch {
		case l.t.ctx.Err() != nil:
			return nil, l.t.ctx.Err()
		case err != nil && !errors.Is(err, token.ErrRemoved):
			faults = append(faults, err)
		case err == nil && s != nil:
			found = append(found, s)
		}
	}
	if len(found) == 0 && len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return found, nil
}

// look reads one slot; nil for a blank token that was never initialised.
func (m *module) look(l *library, n uint) (*slot, error) {
	info, err := l.tokenInfo(n)
	if err != nil {
		if s := m.slots[n]; s != nil {
			m.bury(l, s)
		}
		return nil, err
	}
	if s := m.slots[n]; s != nil {
		if _, err := l.sessionInfo(s.session); err == nil && sameToken(s.token, info) {
			s.token = info
			return s, nil
		} else if ctxErr := l.t.ctx.Err(); ctxErr != nil {
			return nil, ctxErr
		}
		m.bury(l, s)
	}
	if info.Flags&p11.CKF_TOKEN_INITIALIZED == 0 && strings.Trim(info.SerialNumber+info.Label, " \x00") == "" {
		return nil, nil
	}
	return m.meet(l, n, info)
}

// sameToken compares what does not change while a key is plugged in.
func sameToken(a, b p11.TokenInfo) bool {
	return a.SerialNumber == b.SerialNumber && a.ManufacturerID == b.ManufacturerID && a.Model == b.Model
}

// meet opens a key that was not there before.
func (m *module) meet(l *library, n uint, info p11.TokenInfo) (s *slot, err error) {
	session, err := l.openSession(n)
	if err != nil {
		return nil, err
	}
	s = &slot{number: n, session: session, token: info}
	defer func() {
		if err != nil {
			m.bury(l, s)
		}
	}()
	if s.subject, err = m.subjectOf(l, s); err != nil {
		return s, err
	}
	s.model = model{s.subject.lib, strings.Join(s.subject.manufacturer, "|"), s.subject.model, firmware(info)}
	if s.id, err = m.identify(l, s); err != nil {
		return s, err
	}
	m.insertions++
	s.insertion = m.insertions
	m.slots[n] = s
	return s, nil
}

// bury ends a slot. The session of a key that is gone cannot be closed, so errors say nothing.
func (m *module) bury(l *library, s *slot) {
	if s.gone {
		return
	}
	s.gone = true
	if m.slots[s.number] == s {
		delete(m.slots, s.number)
	}
	l.undo(func() { _ = l.closeSession(s.session) })
}

// undo runs f although the caller has given up waiting.
func (l *library) undo(f func()) {
	before := l.t.undoing
	l.t.undoing = true
	f()
	l.t.undoing = before
}

// identify makes the ID of a key from its serial number and its public certificates, so that neither another key in the same slot
// nor one with a copied or empty serial number is taken for it.
func (m *module) identify(l *library, s *slot) (token.ID, error) {
	certs, err := l.certificates(s.session)
	if err != nil {
		return "", err
	}
	var sums [][]byte
	for _, c := range certs {
		if !c.private {
			sum := sha256.Sum256(c.der)
			sums = append(sums, sum[:])
		}
	}
	slices.SortFunc(sums, bytes.Compare)
	h := sha256.New()
	for _, part := range []string{moduleName(m.path), s.token.ManufacturerID, s.token.Model, s.token.SerialNumber} {
		_, _ = io.WriteString(h, strings.ToLower(part)+"\x00")
	}
	for _, sum := range sums {
		_, _ = h.Write(sum)
	}
	serial := strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7F && !strings.ContainsRune(`/\:*?"<>|`, r) {
			return r
		}
		return -1
	}, text([]byte(s.token.SerialNumber)))
	if serial == "" {
		serial = "key"
	}
	return token.ID(serial + "-" + hex.EncodeToString(h.Sum(nil)[:6])), nil
}

// subjectOf collects what a profile is chosen by.
func (m *module) subjectOf(l *library, s *slot) (subject, error) {
	sub := subject{
		lib: moduleName(m.path), model: text([]byte(s.token.Model)),
		manufacturer: []string{
			text([]byte(s.token.ManufacturerID)), text([]byte(m.about.ManufacturerID)), text([]byte(m.about.LibraryDescription)),
		},
	}
	var err error
	if sub.mechanisms, err = l.mechanisms(s.number); err != nil {
		if l.t.ctx.Err() != nil || errors.Is(err, token.ErrRemoved) {
			return sub, err
		}
		sub.mechanisms = nil // a library that gives no list is treated as one that gives an empty list
	}
	for _, class := range []uint{p11.CKO_PRIVATE_KEY, p11.CKO_PUBLIC_KEY} {
		handles, err := l.find(s.session, class, nil)
		if err != nil {
			return sub, err
		}
		for _, h := range handles {
			t, ok, err := l.number(s.session, h, p11.CKA_KEY_TYPE)
			if err != nil {
				return sub, err
			}
			if ok && !slices.Contains(sub.keyTypes, t) {
				sub.keyTypes = append(sub.keyTypes, t)
			}
		}
	}
	return sub, nil
}

// moduleName is how a library is called in Info and in profiles.
func moduleName(path string) string { return strings.TrimSpace(filepath.Base(path)) }

func firmware(t p11.TokenInfo) string {
	return fmt.Sprintf("%d.%d", t.FirmwareVersion.Major, t.FirmwareVersion.Minor)
}

// judge turns the error of a call into ErrRemoved where the key is gone. The list of slots is asked first, which is what makes many
// libraries notice; then any error is one of removal if the key, or this very key, is not there (usbkey.md, §5.3).
func (m *module) judge(l *library, s *slot, err error) error {
	var op *token.OpError
	if !errors.As(err, &op) {
		return err
	}
	removed := errors.Is(op.Err, token.ErrRemoved)
	l.undo(func() {
		numbers, listErr := l.slots()
		if listErr != nil || removed {
			return
		}
		if !slices.Contains(numbers, s.number) {
			removed = true
			return
		}
		info, infoErr := l.tokenInfo(s.number)
		removed = errors.Is(infoErr, token.ErrRemoved) || infoErr == nil && !sameToken(s.token, info)
	})
	if !removed {
		return err
	}
	m.bury(l, s)
	return &token.OpError{Op: op.Op, Code: op.Code, Name: op.Name, Err: token.ErrRemoved}
}

// refresh reads the key's description anew, and notices another key in its place.
func (m *module) refresh(l *library, s *slot) error {
	info, err := l.tokenInfo(s.number)
	if err != nil {
		return err
	}
	if !sameToken(s.token, info) {
		m.bury(l, s)
		return fmt.Errorf("pkcs11: another UsbKey is in the slot: %w", token.ErrRemoved)
	}
	s.token = info
	return nil
}
