package tokentest

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"sealdesk/token"
)

// fakeToken is one opening of a Key. The mutex of the Fake guards everything.
type fakeToken struct {
	f         *Fake
	k         *Key
	slot      int
	insertion uint64
	closed    bool
	logged    bool
}

// use locks the Fake if the token can be used.
func (t *fakeToken) use(ctx context.Context) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t.f.mu.Lock()
	switch {
	case t.closed || t.f.closed:
		err = token.ErrClosed
	case !t.k.plugged || t.k.insertion != t.insertion:
		err = token.ErrRemoved
	default:
		return t.f.mu.Unlock, nil
	}
	t.f.mu.Unlock()
	return nil, fmt.Errorf("tokentest: %w", err)
}

// Info implements token.Token.
func (t *fakeToken) Info(ctx context.Context) (token.Info, error) {
	unlock, err := t.use(ctx)
	if err != nil {
		return token.Info{}, err
	}
	defer unlock()
	return t.k.info(t.slot), nil
}

// Certificates implements token.Token.
func (t *fakeToken) Certificates(ctx context.Context) ([]token.Certificate, error) {
	unlock, err := t.use(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []token.Certificate
	for _, c := range t.k.Certificates {
		info, err := t.f.crypto.Certificate(c.DER)
		if err != nil {
			info.Defects = []string{"unreadable: " + err.Error()}
		}
		out = append(out, token.Certificate{
			DER: slices.Clone(c.DER), KeyID: slices.Clone(c.ID), HasPrivateKey: c.Sign != nil, Subject: info.Subject,
			SerialHex: info.SerialHex, NotBefore: info.NotBefore, NotAfter: info.NotAfter, Signing: info.Signing, SM2: info.SM2,
			Defects: info.Defects,
		})
	}
	return out, nil
}

// Objects implements token.Token.
func (t *fakeToken) Objects(ctx context.Context) ([]token.Object, error) {
	unlock, err := t.use(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []token.Object
	for _, o := range t.k.Objects {
		if len(o.Value) <= token.MaxObject && (!o.Private || t.k.logged) {
			o.Value = slices.Clone(o.Value)
			out = append(out, o)
		}
	}
	return out, nil
}

// pair finds the private key of a certificate by its identifier.
func (t *fakeToken) pair(cert []byte) (*Certificate, error) {
	at := slices.IndexFunc(t.k.Certificates, func(c Certificate) bool { return bytes.Equal(c.DER, cert) })
	if at < 0 || t.k.Certificates[at].Sign == nil {
		return nil, fmt.Errorf("tokentest: %w", token.ErrNoKey)
	}
	for i, c := range t.k.Certificates {
		if i != at && c.Sign != nil && bytes.Equal(c.ID, t.k.Certificates[at].ID) {
			return nil, fmt.Errorf("tokentest: %w", token.ErrAmbiguousKey)
		}
	}
	return &t.k.Certificates[at], nil
}

// CheckSM2 implements token.Token.
func (t *fakeToken) CheckSM2(ctx context.Context, cert []byte) error {
	if _, err := token.NewSM2Job(t.f.crypto, cert, nil); err != nil {
		return err
	}
	unlock, err := t.use(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := t.pair(cert); err != nil {
		return err
	}
	if t.k.NoSM2 {
		return fmt.Errorf("tokentest: %w", token.ErrNoSM2)
	}
	return nil
}

// Login implements token.Token.
func (t *fakeToken) Login(ctx context.Context, ask token.PINFunc) error {
	unlock, err := t.use(ctx)
	if err != nil {
		return err
	}
	logged := t.k.logged
	unlock()
	if !logged {
		if err := token.LogIn(ctx, t, ask, token.PINRequest{}); err != nil {
			return err
		}
	}
	t.f.mu.Lock()
	defer t.f.mu.Unlock()
	t.logged = t.logged || !logged
	return nil
}

// SendPIN implements token.PINDevice.
func (t *fakeToken) SendPIN(ctx context.Context, pin []byte) error {
	unlock, err := t.use(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	t.k.logins++
	switch {
	case t.k.Tries > 0 && t.k.left == 0:
		return &token.PINError{Locked: true}
	case string(pin) == t.k.PIN || t.k.Protected && pin == nil:
		t.k.logged, t.k.left = true, t.k.Tries
		return nil
	}
	if t.k.left > 0 {
		t.k.left--
	}
	return &token.PINError{Wrong: true}
}

// Logout implements token.Token.
func (t *fakeToken) Logout(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.f.mu.Lock()
	defer t.f.mu.Unlock()
	if t.closed || t.f.closed {
		return fmt.Errorf("tokentest: %w", token.ErrClosed)
	}
	t.out()
	return nil
}

func (t *fakeToken) out() {
	if t.logged && t.k.insertion == t.insertion {
		t.k.logged = false
	}
	t.logged = false
}

// Close implements token.Token.
func (t *fakeToken) Close() error {
	t.f.mu.Lock()
	defer t.f.mu.Unlock()
	t.end()
	return nil
}

func (t *fakeToken) end() {
	t.out()
	t.closed = true
	delete(t.f.tokens, t)
}

// Signer implements token.Token.
func (t *fakeToken) Signer(ctx context.Context, cert []byte) (token.Signer, error) {
	if err := t.CheckSM2(ctx, cert); err != nil {
		return nil, err
	}
	unlock, err := t.use(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if !t.k.logged {
		return nil, fmt.Errorf("tokentest: %w", token.ErrNotLoggedIn)
	}
	return &fakeSigner{t, slices.Clone(cert)}, nil
}

type fakeSigner struct {
	t    *fakeToken
	cert []byte
}

// Certificate implements token.Signer.
func (s *fakeSigner) Certificate() []byte { return slices.Clone(s.cert) }

// SignSM2 implements token.Signer.
func (s *fakeSigner) SignSM2(ctx context.Context, m []byte) ([]byte, error) {
	job, err := token.NewSM2Job(s.t.f.crypto, s.cert, m)
	if err != nil {
		return nil, err
	}
	der, _, err := job.Run(ctx, 1, func(int) string { return "fake" }, func(ctx context.Context, _ int) ([]byte, error) {
		return s.sign(ctx, job.E)
	})
	return der, err
}

func (s *fakeSigner) sign(ctx context.Context, e [32]byte) ([]byte, error) {
	unlock, err := s.t.use(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if !s.t.k.logged {
		return nil, fmt.Errorf("tokentest: %w", token.ErrNotLoggedIn)
	}
	c, err := s.t.pair(s.cert)
	if err != nil {
		return nil, err
	}
	answer, err := c.Sign(e)
	if len(s.t.k.faults) > 0 && err == nil {
		fault := s.t.k.faults[0]
		s.t.k.faults = s.t.k.faults[1:]
		return fault(s.t.k, answer)
	}
	return answer, err
}

// Pulled is a Fault: the key is pulled while it signs.
func Pulled(k *Key, _ []byte) ([]byte, error) {
	k.pull()
	return nil, fmt.Errorf("tokentest: sign: %w", token.ErrRemoved)
}

// Broken is a Fault: the key answers with a general error.
func Broken(*Key, []byte) ([]byte, error) {
	return nil, &token.OpError{Op: "C_Sign", Code: 6, Name: "CKR_FUNCTION_FAILED"}
}

// Short is a Fault: the answer lacks its last byte.
func Short(_ *Key, answer []byte) ([]byte, error) { return answer[:len(answer)-1], nil }

// Zero is a Fault: the answer is all zero.
func Zero(_ *Key, answer []byte) ([]byte, error) { return make([]byte, len(answer)), nil }

// Flipped is a Fault: one bit of the answer is wrong.
func Flipped(_ *Key, answer []byte) ([]byte, error) {
	out := slices.Clone(answer)
	out[len(out)-1] ^= 1
	return out, nil
}
