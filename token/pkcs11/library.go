//go:build cgo

package pkcs11

import (
	"encoding/binary"
	"errors"
	"time"

	p11 "github.com/miekg/pkcs11"
)

// library makes single calls within one task, each with its own deadline. Errors are those of opError.
type library struct {
	t     *task
	ctx   *p11.Ctx
	raw   *raw
	limit time.Duration
}

func fault(op string, err error) error {
	if err == nil {
		return nil
	}
	var c p11.Error
	if errors.As(err, &c) {
		return opError(op, toCode(uint64(c)))
	}
	return opError(op, ckrGeneralError)
}

func (l *library) initialize(flags uint) error {
	if err := l.t.enter(l.limit); err != nil {
		return err
	}
	return fault("C_Initialize", l.ctx.Initialize(p11.InitializeWithFlags(flags)))
}

func (l *library) finalize() error {
	if err := l.t.enter(l.limit); err != nil {
		return err
	}
	return fault("C_Finalize", l.ctx.Finalize())
}

func (l *library) info() (p11.Info, error) {
	if err := l.t.enter(l.limit); err != nil {
		return p11.Info{}, err
	}
	i, err := l.ctx.GetInfo()
	return i, fault("C_GetInfo", err)
}

// slots lists the slots with a token; this call is also what refreshes the list in many libraries. A key that comes in between the
// two calls behind it makes the buffer too small: asked once more.
func (l *library) slots() ([]uint, error) {
	for again := false; ; again = true {
		if err := l.t.enter(l.limit); err != nil {
			return nil, err
		}
		list, err := l.ctx.GetSlotList(true)
		if errors.Is(err, p11.Error(ckrBufferTooSmall)) && !again {
			continue
		}
		return list, fault("C_GetSlotList", err)
	}
}

func (l *library) tokenInfo(slot uint) (p11.TokenInfo, error) {
	if err := l.t.enter(l.limit); err != nil {
		return p11.TokenInfo{}, err
	}
	i, err := l.ctx.GetTokenInfo(slot)
	return i, fault("C_GetTokenInfo", err)
}

func (l *library) mechanisms(slot uint) ([]uint, error) {
	if err := l.t.enter(l.limit); err != nil {
		return nil, err
	}
	list, err := l.ctx.GetMechanismList(slot)
	out := make([]uint, 0, len(list))
	for _, m := range list {
		out = append(out, m.Mechanism)
	}
	return out, fault("C_GetMechanismList", err)
}

func (l *library) mechanismInfo(slot, mech uint) (p11.MechanismInfo, error) {
	if err := l.t.enter(l.limit); err != nil {
		return p11.MechanismInfo{}, err
	}
	i, err := l.ctx.GetMechanismInfo(slot, []*p11.Mechanism{p11.NewMechanism(mech, nil)})
	return i, fault("C_GetMechanismInfo", err)
}

func (l *library) openSession(slot uint) (p11.SessionHandle, error) {
	if err := l.t.enter(l.limit); err != nil {
		return 0, err
	}
	s, err := l.ctx.OpenSession(slot, p11.CKF_SERIAL_SESSION)
	return s, fault("C_OpenSession", err)
}

func (l *library) closeSession(s p11.SessionHandle) error {
	if err := l.t.enter(l.limit); err != nil {
		return err
	}
	return fault("C_CloseSession", l.ctx.CloseSession(s))
}

func (l *library) sessionInfo(s p11.SessionHandle) (p11.SessionInfo, error) {
	if err := l.t.enter(l.limit); err != nil {
		return p11.SessionInfo{}, err
	}
	i, err := l.ctx.GetSessionInfo(s)
	return i, fault("C_GetSessionInfo", err)
}

// login sends a PIN once. Being logged in already is success.
func (l *library) login(s p11.SessionHandle, user uint, secret []byte, limit time.Duration) error {
	if err := l.t.enter(limit); err != nil {
		return err
	}
	c := l.raw.login(uint(s), user, secret)
	if c == ckrAlreadyLoggedIn {
		return nil
	}
	return opError("C_Login", c)
}

func (l *library) logout(s p11.SessionHandle) error {
	if err := l.t.enter(l.limit); err != nil {
		return err
	}
	return fault("C_Logout", l.ctx.Logout(s))
}

func (l *library) signInit(s p11.SessionHandle, w SM2Sign, key p11.ObjectHandle) error {
	if err := l.t.enter(l.limit); err != nil {
		return err
	}
	return fault("C_SignInit", l.ctx.SignInit(s, []*p11.Mechanism{p11.NewMechanism(w.Mech, w.Param)}, key))
}

func (l *library) sign(s p11.SessionHandle, data []byte) ([]byte, error) {
	if err := l.t.enter(l.limit); err != nil {
		return nil, err
	}
	out, c := l.raw.sign(uint(s), data)
	return out, opError("C_Sign", c)
}

// maxHandles bounds a search; no UsbKey holds as many objects.
const maxHandles = 4096

// find lists the objects of a class, of one CKA_ID if id is not nil.
func (l *library) find(s p11.SessionHandle, class uint, id []byte) (found []p11.ObjectHandle, err error) {
	template := []*p11.Attribute{p11.NewAttribute(p11.CKA_CLASS, class)}
	if id != nil {
		template = append(template, p11.NewAttribute(p11.CKA_ID, id))
	}
	if err := l.t.enter(l.limit); err != nil {
		return nil, err
	}
	if err := l.ctx.FindObjectsInit(s, template); err != nil {
		return nil, fault("C_FindObjectsInit", err)
	}
	defer func() {
		// A search left open would make the next one fail; its own failure says nothing that the search did not.
		final := l.ctx.FindObjectsFinal(s)
		if err == nil {
			err = fault("C_FindObjectsFinal", final)
		}
	}()
	for len(found) < maxHandles {
		if err := l.t.enter(l.limit); err != nil {
			return nil, err
		}
		some, _, err := l.ctx.FindObjects(s, 32)
		if err != nil {
			return nil, fault("C_FindObjects", err)
		}
		if len(some) == 0 {
			break
		}
		found = append(found, some...)
	}
	return found, nil
}

// attribute reads one attribute of up to limit bytes. ok is false if the object has none, hides it, or it is larger; size is then
// its length where that is known, else absent.
func (l *library) attribute(s p11.SessionHandle, o p11.ObjectHandle, kind uint, limit int) (value []byte, size int, ok bool, err error) {
	if err := l.t.enter(l.limit); err != nil {
		return nil, absent, false, err
	}
	value, size, c := l.raw.attribute(uint(s), uint(o), kind, limit)
	switch c {
	case ckrOK:
		return value, size, size != absent && size <= limit, nil
	case ckrAttributeSensitive, ckrAttributeTypeInvalid:
		return nil, absent, false, nil
	default:
		return nil, absent, false, opError("C_GetAttributeValue", c)
	}
}

// number reads a CK_ULONG attribute.
func (l *library) number(s p11.SessionHandle, o p11.ObjectHandle, kind uint) (uint, bool, error) {
	b, _, ok, err := l.attribute(s, o, kind, 8)
	if err != nil || !ok {
		return 0, false, err
	}
	switch len(b) {
	case 4:
		return uint(binary.NativeEndian.Uint32(b)), true, nil
	case 8:
		return uint(uint32(binary.NativeEndian.Uint64(b))), true, nil
	default:
		return 0, false, nil
	}
}

// flag reads a CK_BBOOL attribute; known is false if the object has none.
func (l *library) flag(s p11.SessionHandle, o p11.ObjectHandle, kind uint) (value, known bool, err error) {
	b, _, ok, err := l.attribute(s, o, kind, 8)
	if err != nil || !ok || len(b) == 0 {
		return false, false, err
	}
	return b[0] != 0, true, nil
}
