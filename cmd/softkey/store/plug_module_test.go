//go:build cgo

package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/miekg/pkcs11"

	"sealdesk/cmd/softkey/store"
)

func wantCode(t *testing.T, what string, err error, code uint) {
	t.Helper()
	var got pkcs11.Error
	if !errors.As(err, &got) || uint(got) != code {
		t.Errorf("%s: %v, want CKR %#x", what, err, code)
	}
}

func TestModule_followsTheStore(t *testing.T) {
	b := newBench(t, store.TokenSpec{MaxTries: 2})
	must(t, b.slot.AddKey([]byte{1}, randomD(t), "key"))
	h := b.login(t)
	b.find(t, h, pkcs11.CKO_PRIVATE_KEY)
	must(t, b.slot.AddData("late seal", "seal", []byte("v"), false)) // seen without a new session
	b.find(t, h, pkcs11.CKO_DATA)

	must(t, b.slot.Insert()) // out and in again
	_, err := b.ctx.GetSessionInfo(h)
	wantCode(t, "old session", err, pkcs11.CKR_SESSION_HANDLE_INVALID)
	must(t, b.slot.Remove())
	_, err = b.ctx.GetTokenInfo(0)
	wantCode(t, "token info", err, pkcs11.CKR_TOKEN_NOT_PRESENT)
	must(t, b.slot.Insert())

	must(t, b.slot.SetTries(0))
	h, err = b.ctx.OpenSession(0, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	must(t, err)
	wantCode(t, "locked", b.ctx.Login(h, pkcs11.CKU_USER, userPIN), pkcs11.CKR_PIN_LOCKED)
	must(t, b.slot.Unlock())
	must(t, b.slot.SetFlags(store.Flags{ToBeChanged: true}))
	wantCode(t, "expired", b.ctx.Login(h, pkcs11.CKU_USER, userPIN), pkcs11.CKR_PIN_EXPIRED)
	must(t, b.slot.SetFlags(store.Flags{}))
	must(t, b.ctx.Login(h, pkcs11.CKU_USER, userPIN))
}

func TestModule_protectedPath(t *testing.T) {
	b := newBench(t, store.TokenSpec{Protected: true})
	h, err := b.ctx.OpenSession(0, pkcs11.CKF_SERIAL_SESSION)
	must(t, err)
	wantCode(t, "PIN from the program", b.ctx.Login(h, pkcs11.CKU_USER, userPIN), pkcs11.CKR_ARGUMENTS_BAD)
	must(t, b.slot.SetFlags(store.Flags{Pad: store.PadCancel}))
	wantCode(t, "cancelled", b.ctx.Login(h, pkcs11.CKU_USER, ""), pkcs11.CKR_FUNCTION_CANCELED)
	must(t, b.slot.SetFlags(store.Flags{Pad: store.PadWrong}))
	wantCode(t, "wrong", b.ctx.Login(h, pkcs11.CKU_USER, ""), pkcs11.CKR_PIN_INCORRECT)
	must(t, b.slot.SetFlags(store.Flags{}))
	must(t, b.ctx.Login(h, pkcs11.CKU_USER, ""))
}

func TestModule_gbkLabels(t *testing.T) {
	b := newBench(t, store.TokenSpec{Profile: "gbk", Label: "示范"})
	must(t, b.slot.AddData("公章", "", nil, false))
	h := b.login(t)
	if got := b.attribute(h, b.find(t, h, pkcs11.CKO_DATA), pkcs11.CKA_LABEL); !bytes.Equal(got, []byte{0xb9, 0xab, 0xd5, 0xc2}) {
		t.Errorf("label %x, want GBK b9abd5c2", got)
	}
	info, err := b.ctx.GetTokenInfo(0)
	must(t, err)
	// The binding trims blanks, not NUL.
	if !bytes.HasPrefix([]byte(info.Label), []byte("TRAINING KEY \xca\xbe\xb7\xb6\x00")) {
		t.Errorf("token label %q", info.Label)
	}
}

func TestModule_readsPKCS8(t *testing.T) {
	b := newBench(t, store.TokenSpec{})
	must(t, b.slot.AddKey([]byte{1}, [32]byte{31: 1}, "key"))
	must(t, os.WriteFile(filepath.Join(b.slot.Dir(), "obj", "02.bin"), unhex(keyP8), 0o600))
	h := b.login(t)
	e := make([]byte, 32)
	if _, err := b.sign(h, b.find(t, h, pkcs11.CKO_PRIVATE_KEY), 0x80008105, false, e); err != nil {
		t.Fatal(err)
	}
	point := b.attribute(h, b.find(t, h, pkcs11.CKO_PUBLIC_KEY), pkcs11.CKA_EC_POINT)
	if want := publicPoint(t, [32]byte{31: 9}); !bytes.HasSuffix(point, want) {
		t.Errorf("public point %x, want that of the PKCS#8 key %x", point, want)
	}
}

// Several sessions sign at once while the store changes under them.
func TestModule_concurrent(t *testing.T) {
	b := newBench(t, store.TokenSpec{})
	must(t, b.slot.AddKey([]byte{1}, randomD(t), "key"))
	key := b.find(t, b.login(t), pkcs11.CKO_PRIVATE_KEY)
	var wg sync.WaitGroup
	for range 4 {
		h, err := b.ctx.OpenSession(0, pkcs11.CKF_SERIAL_SESSION)
		must(t, err)
		wg.Go(func() {
			for range 50 {
				if sig, err := b.sign(h, key, 0x80008105, false, make([]byte, 32)); err != nil || len(sig) != 64 {
					t.Errorf("%d bytes, %v", len(sig), err)
					return
				}
			}
		})
	}
	for range 5 {
		must(t, b.slot.AddData("more", "", []byte("v"), false))
	}
	wg.Wait()
}

// C_Finalize resets all state: the module can be loaded and left again and again.
func TestModule_initialiseAgain(t *testing.T) {
	b := newBench(t, store.TokenSpec{})
	for range 20 {
		must(t, b.ctx.Finalize())
		wantCode(t, "finalised", b.ctx.Finalize(), pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED)
		must(t, b.ctx.Initialize())
		b.login(t)
	}
}
