package tokentest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"sealdesk/token"
)

// Fake is a driver whose keys live in memory. Its keys keep the rules of package token; what a key does wrong is set on the Key.
type Fake struct {
	crypto token.Crypto

	mu         sync.Mutex
	slots      [][]*Key // the keys that have ever been in a slot; at most one is plugged in
	insertions uint64
	closed     bool
	tokens     map[*fakeToken]bool
}

// Key is a fake UsbKey. Set the exported fields before it is given to a Fake.
type Key struct {
	Label, Serial string
	PIN           string
	Tries         int // wrong tries until it locks; 0: never
	Protected     bool
	NoSM2         bool // the key has no SM2 mechanism
	Certificates  []Certificate
	Objects       []token.Object

	fake      *Fake
	plugged   bool
	insertion uint64
	logged    bool
	left      int
	logins    int
	faults    []Fault
}

// Certificate is a certificate on a fake key with its private key.
type Certificate struct {
	DER, ID []byte
	// Sign makes a signature of a digest, in any form that keys are known to give; nil: no private key.
	Sign func(e [32]byte) ([]byte, error)
}

// Fault is what the next signature of a key does instead.
type Fault func(k *Key, answer []byte) ([]byte, error)

// NewFake plugs the keys in, one in each slot.
func NewFake(c token.Crypto, keys ...*Key) *Fake {
	f := &Fake{crypto: c, tokens: map[*fakeToken]bool{}}
	for i, k := range keys {
		k.fake, k.left = f, k.Tries
		f.slots = append(f.slots, []*Key{k})
		f.Insert(i, k)
	}
	return f
}

// Insert plugs a key into a slot, taking out the one that is there.
func (f *Fake) Insert(slot int, k *Key) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, other := range f.slots[slot] {
		other.pull()
	}
	if k.fake == nil {
		k.fake, k.left = f, k.Tries
	}
	f.slots[slot] = append(f.slots[slot], k)
	f.insertions++
	k.plugged, k.insertion = true, f.insertions
}

// Remove takes the key out of a slot.
func (f *Fake) Remove(slot int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range f.slots[slot] {
		k.pull()
	}
}

func (k *Key) pull() { k.plugged, k.logged = false, false }

// Next queues faults for the next signatures.
func (k *Key) Next(faults ...Fault) {
	k.fake.mu.Lock()
	defer k.fake.mu.Unlock()
	k.faults = append(k.faults, faults...)
}

// Logins counts the PINs that were sent to the key.
func (k *Key) Logins() int {
	k.fake.mu.Lock()
	defer k.fake.mu.Unlock()
	return k.logins
}

// present gives the key in a slot.
func (f *Fake) present(slot int) *Key {
	for _, k := range f.slots[slot] {
		if k.plugged {
			return k
		}
	}
	return nil
}

func (k *Key) info(slot int) token.Info {
	h := sha256.New()
	for _, c := range k.Certificates {
		sum := sha256.Sum256(c.DER)
		_, _ = h.Write(sum[:])
	}
	return token.Info{
		ID: token.ID(k.Serial + "-" + hex.EncodeToString(h.Sum(nil)[:6])), Label: k.Label, Manufacturer: "sealdesk", Model: "fake",
		Serial: k.Serial, Firmware: "1.0", Module: "fake", Slot: uint(slot), Insertion: k.insertion, ProtectedPath: k.Protected,
		PINMin: 4, PINMax: 16, Profile: "fake",
		PIN: token.PINState{
			Low: k.left < k.Tries, FinalTry: k.Tries > 0 && k.left == 1 && k.Tries > 1, Locked: k.Tries > 0 && k.left == 0,
			Uninitialised: k.PIN == "",
		},
	}
}

// Tokens implements token.Provider.
func (f *Fake) Tokens(ctx context.Context) ([]token.Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, fmt.Errorf("tokentest: %w", token.ErrClosed)
	}
	var out []token.Info
	for slot := range f.slots {
		if k := f.present(slot); k != nil {
			out = append(out, k.info(slot))
		}
	}
	return out, nil
}

// Open implements token.Provider.
func (f *Fake) Open(ctx context.Context, id token.ID) (token.Token, error) {
	infos, err := f.Tokens(ctx)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []*fakeToken
	for _, i := range infos {
		if k := f.present(int(i.Slot)); i.ID == id && k != nil && k.insertion == i.Insertion {
			found = append(found, &fakeToken{f: f, k: k, slot: int(i.Slot), insertion: i.Insertion})
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("tokentest: %w", token.ErrNoToken)
	case 1:
		f.tokens[found[0]] = true
		return found[0], nil
	default:
		return nil, fmt.Errorf("tokentest: %w", token.ErrAmbiguousKey)
	}
}

// Watch implements token.Watcher.
func (f *Fake) Watch(ctx context.Context) (<-chan token.Event, error) {
	if _, err := f.Tokens(ctx); err != nil {
		return nil, err
	}
	return token.Poller{List: f.Tokens}.Watch(ctx), nil
}

// Close implements token.Provider.
func (f *Fake) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for t := range f.tokens {
		t.end()
	}
	f.closed = true
	return nil
}
