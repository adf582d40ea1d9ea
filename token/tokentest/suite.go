package tokentest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"sealdesk/token"
)

// Bench is a driver with at least one key plugged in. Functions that are nil and values that are zero say what the bench cannot do;
// the suite then leaves out the cases that need it.
type Bench struct {
	Provider token.Provider
	Crypto   token.Crypto

	Slot     uint   // the slot of the key in question
	PIN      []byte // its user PIN
	WrongPIN []byte // nil: no wrong PIN may be tried
	Tries    int    // wrong tries until the key locks; 0: it never says so

	Certificate []byte // the signing certificate
	Encryption  []byte // the encryption certificate, nil if there is none
	SM2         bool   // the key makes SM2 signatures; else every request for one is ErrNoSM2

	Public, Private token.Object // objects on the key; Value nil if there is none

	Remove func() // pulls the key
	Insert func() // puts it back
	Swap   func() // puts another key into its slot

	Faults map[string]SignFault // by name
}

// SignFault is a way for the next signature to go wrong.
type SignFault struct {
	Arm  func()
	Want error // the situation that the caller sees; nil: some error, but not a PIN error and not a removal
	Heal bool  // the driver may find a way round and give a good signature
}

// Run checks that a driver means what the interfaces of package token say. open makes a fresh bench for each case.
func Run(t *testing.T, open func(*testing.T) Bench) {
	probe := open(t)
	if err := probe.Provider.Close(); err != nil { // some drivers know one bench at a time
		t.Fatal(err)
	}
	ran := 0
	for _, c := range cases {
		if !c.needs(probe) {
			continue
		}
		ran++
		t.Run(c.name, func(t *testing.T) { c.run(newRig(t, open(t))) })
	}
	for _, name := range slices.Sorted(maps.Keys(probe.Faults)) {
		ran++
		t.Run("fault "+name, func(t *testing.T) { signFault(newRig(t, open(t)), name) })
	}
	if ran < 10 {
		t.Fatalf("only %d cases ran: the bench can do too little", ran)
	}
}

// testCase is one sentence of the contract.
type testCase struct {
	name  string
	needs func(Bench) bool
	run   func(*rig)
}

func always(Bench) bool { return true }

func signs(b Bench) bool { return b.SM2 }

var cases = slices.Concat(listing, reading, dialogue, signing, removal)

// rig is a bench with what most cases do.
type rig struct {
	*testing.T
	Bench
	ctx   context.Context
	asked int              // how often a PIN was asked for
	last  token.PINRequest // the last question
	sent  []token.PIN      // the answers, to see that they were wiped
	on    func(token.Info) // runs while the dialogue is open
}

func newRig(t *testing.T, b Bench) *rig {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	return &rig{T: t, Bench: b, ctx: ctx}
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) want(err, target error) {
	r.Helper()
	if !errors.Is(err, target) {
		r.Fatalf("got %v, want %v", err, target)
	}
}

// info gives the key in question.
func (r *rig) info() token.Info {
	r.Helper()
	list, err := r.Provider.Tokens(r.ctx)
	r.must(err)
	for _, i := range list {
		if i.Slot == r.Slot {
			return i
		}
	}
	r.Fatalf("no key in slot %d of %v", r.Slot, list)
	return token.Info{}
}

func (r *rig) open() token.Token {
	r.Helper()
	tok, err := r.Provider.Open(r.ctx, r.info().ID)
	r.must(err)
	r.Cleanup(func() { _ = tok.Close() })
	return tok
}

// answer makes a PINFunc that gives a PIN, noting what was asked.
func (r *rig) answer(pin []byte, final bool) token.PINFunc {
	return func(_ context.Context, q token.PINRequest) (token.PIN, error) {
		r.asked++
		r.last = q
		if r.on != nil {
			r.on(q.Token)
		}
		p := token.NewPIN(slices.Clone(pin))
		r.sent = append(r.sent, p)
		if final {
			p = p.ConfirmFinal()
		}
		return p, nil
	}
}

// never fails the case if a PIN is asked for.
func (r *rig) never(context.Context, token.PINRequest) (token.PIN, error) {
	r.asked++
	r.Error("a PIN was asked for")
	return token.PIN{}, token.ErrPINCancelled
}

func (r *rig) login(tok token.Token) {
	r.Helper()
	r.must(tok.Login(r.ctx, r.answer(r.PIN, false)))
}

// pinError gives the *token.PINError of err.
func (r *rig) pinError(err error) *token.PINError {
	r.Helper()
	var e *token.PINError
	if !errors.As(err, &e) {
		r.Fatalf("got %v, want *token.PINError", err)
	}
	return e
}

func (r *rig) wiped() {
	r.Helper()
	for i, p := range r.sent {
		if p.Bytes() != nil {
			r.Errorf("PIN %d was not wiped", i+1)
		}
	}
}

func (r *rig) signer(tok token.Token) token.Signer {
	r.Helper()
	s, err := tok.Signer(r.ctx, r.Certificate)
	r.must(err)
	return s
}

// check verifies a signature as the receiver of a document would.
func (r *rig) check(m, der []byte) {
	r.Helper()
	if err := verify(r.Crypto, r.Certificate, m, der); err != nil {
		r.Fatal(err)
	}
}

func verify(c token.Crypto, cert, m, der []byte) error {
	info, err := c.Certificate(cert)
	if err != nil {
		return err
	}
	z, err := c.Z(info.PublicPoint)
	if err != nil {
		return err
	}
	readings := token.ReadSignature(der)
	if len(readings) != 1 || !slices.Equal(readings[0], der) {
		return fmt.Errorf("% x is not strict DER", der)
	}
	if !c.VerifySM2(info.PublicPoint, c.SM3(z[:], m), der) {
		return errors.New("the signature does not verify")
	}
	return nil
}
