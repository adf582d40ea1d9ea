package store_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"sealdesk/cmd/softkey/store"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fakeCertificate is DER of the shape of a certificate: the module does not judge it.
var fakeCertificate = append([]byte{0x30, 0x82, 0x00, 0x50, 0x30, 0x4e, 0x30, 0x02, 0x05, 0x00, 0x03, 0x42, 0x00, 0x04}, make([]byte, 70)...)

// driverStore makes the store that the C driver expects (module/test/driver.h).
func driverStore(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for slot := range 2 {
		check(t, store.Init(dir, slot, store.TokenSpec{UserPIN: "123456", SOPIN: "87654321", MaxTries: 3}))
		s, err := store.Open(dir, slot)
		check(t, err)
		var d [32]byte
		_, err = rand.Read(d[1:])
		check(t, err)
		check(t, s.AddKeyWith([]byte("id"), d, "key", store.KeyOptions{AlwaysAuthenticate: slot == 1}))
		check(t, s.AddCertificate([]byte("id"), fakeCertificate, "certificate"))
		check(t, s.AddData("公章", "seal", []byte("public data"), false))
		check(t, s.AddData("private", "seal", []byte("private data"), true))
	}
	return dir
}

// buildDriver compiles module and driver into one program, with the sanitizers.
func buildDriver(t *testing.T) string {
	t.Helper()
	store.BuildForTest(t) // skips where there is no compiler
	module, err := store.ModuleDir()
	check(t, err)
	sources, err := store.Sources(module)
	check(t, err)
	tests, err := store.Sources(filepath.Join(module, "test"))
	check(t, err)
	cflags, err := exec.Command("pkg-config", "--cflags", "p11-kit-1").Output()
	check(t, err)
	program := filepath.Join(t.TempDir(), "driver")
	args := append([]string{"-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"}, store.Warnings...)
	args = append(append(args, strings.Fields(string(cflags))...), "-o", program)
	args = append(append(append(args, sources...), tests...), "-lcrypto", "-lpthread")
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	return program
}

// TestDriver_sanitizers walks the whole module under AddressSanitizer and UndefinedBehaviorSanitizer.
func TestDriver_sanitizers(t *testing.T) {
	program := buildDriver(t)
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, driverStore(t)).CombinedOutput()
	if err != nil {
		t.Fatalf("driver: %v\n%s", err, out)
	}
	m := regexp.MustCompile(`(\d+) checks, 0 failures`).FindSubmatch(out)
	if m == nil {
		t.Fatalf("driver said nothing of its checks:\n%s", out)
	}
	if n, _ := strconv.Atoi(string(m[1])); n < 1500 {
		t.Errorf("only %d checks", n)
	}
	t.Logf("%s", bytes.TrimSpace(m[0]))
	t.Run("abort", func(t *testing.T) {
		cmd := exec.Command(program, driverStore(t), "abort")
		cmd.Env = append(os.Environ(), "ASAN_OPTIONS=handle_abort=0")
		err := cmd.Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != -1 { // ended by a signal
			t.Errorf("fault abort: %v, want SIGABRT", err)
		}
	})
}

// TestModule_exportsOneSymbol: everything but C_GetFunctionList is hidden (usbkey.md §6.1).
func TestModule_exportsOneSymbol(t *testing.T) {
	f, err := elf.Open(store.BuildForTest(t))
	check(t, err)
	defer func() { _ = f.Close() }()
	symbols, err := f.DynamicSymbols()
	check(t, err)
	var defined []string
	for _, s := range symbols {
		if s.Section != elf.SHN_UNDEF {
			defined = append(defined, s.Name)
		}
	}
	if len(defined) != 1 || defined[0] != "C_GetFunctionList" {
		t.Errorf("exported: %v, want C_GetFunctionList only", defined)
	}
}

// TestModule_pkcs11Tool asks OpenSC's program, a client not written for this project.
func TestModule_pkcs11Tool(t *testing.T) {
	so := store.BuildForTest(t)
	if _, err := exec.LookPath("pkcs11-tool"); err != nil {
		t.Skip("SKIPPED: pkcs11-tool (Debian package opensc) is not installed")
	}
	dir := driverStore(t)
	s, err := store.Open(dir, 0)
	check(t, err)
	check(t, s.Insert())
	pin := filepath.Join(t.TempDir(), "pin")
	check(t, os.WriteFile(pin, []byte("123456"), 0o600))
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"-L"}, []string{"TRAINING KEY", "Slot 0", "Slot 1", "(empty)", "pin min/max        : 4/16"}},
		{[]string{"-M"}, []string{"mechtype-0x80008105, keySize={256,256}, sign", "generate_key_pair", "digest"}},
		{[]string{"-O"}, []string{"Public Key Object", "Certificate Object", "公章"}},
		{[]string{"-O", "--login", "--pin", "env:SOFTKEY_PIN"}, []string{"Private Key Object", "label:          'private'"}},
	} {
		cmd := exec.Command("pkcs11-tool", append([]string{"--module", so}, c.args...)...)
		cmd.Env = append(os.Environ(), "SOFTKEY_DIR="+dir, "SOFTKEY_PIN=123456")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("pkcs11-tool %v: %v\n%s", c.args, err, out)
		}
		for _, w := range c.want {
			if !strings.Contains(string(out), w) {
				t.Errorf("pkcs11-tool %v: no %q in\n%s", c.args, w, out)
			}
		}
	}
}
