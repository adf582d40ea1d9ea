package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// ErrNoCompiler: gcc, the OpenSSL headers or the PKCS#11 header of p11-kit are not installed.
// Debian packages: gcc, pkg-config, libssl-dev, libp11-kit-dev.
var ErrNoCompiler = errors.New("softkey: the C compiler or a header is missing (gcc, pkg-config, libssl-dev, libp11-kit-dev)")

// Warnings are the compiler flags under which the module must be clean.
var Warnings = []string{"-Wall", "-Wextra", "-Werror"}

// Build compiles the module from the C files in srcDir (cmd/softkey/module) into the shared library
// outSo, which appears whole or not at all. ErrNoCompiler where the machine cannot compile it.
func Build(ctx context.Context, srcDir, outSo string) error {
	sources, err := Sources(srcDir)
	if err != nil {
		return err
	}
	cflags, err := headerFlags(ctx)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(outSo), filepath.Base(outSo)+".tmp*")
	if err != nil {
		return fmt.Errorf("softkey: %w", err)
	}
	_ = tmp.Close()
	defer func() { _ = os.Remove(tmp.Name()) }()
	args := append([]string{"-fPIC", "-shared", "-fvisibility=hidden", "-O2", "-g"}, Warnings...)
	args = append(append(args, cflags...), "-o", tmp.Name())
	args = append(append(args, sources...), "-lcrypto", "-lpthread")
	gcc := exec.CommandContext(ctx, "gcc", args...)
	gcc.Env = append(os.Environ(), "LC_ALL=C") // its messages are read below
	if out, err := gcc.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "No such file or directory") || strings.Contains(string(out), "cannot find -l") {
			return fmt.Errorf("%w: %s", ErrNoCompiler, firstLine(out))
		}
		return fmt.Errorf("softkey: gcc: %w\n%s", err, out)
	}
	if err := os.Chmod(tmp.Name(), 0o755); err != nil {
		return fmt.Errorf("softkey: %w", err)
	}
	if err := os.Rename(tmp.Name(), outSo); err != nil {
		return fmt.Errorf("softkey: %w", err)
	}
	return nil
}

// Sources lists the C files of the module. No file is an error.
func Sources(srcDir string) ([]string, error) {
	sources, err := filepath.Glob(filepath.Join(srcDir, "*.c"))
	if err != nil {
		return nil, fmt.Errorf("softkey: %w", err)
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("softkey: no C files in %s: %w", srcDir, fs.ErrNotExist)
	}
	return sources, nil
}

// headerFlags finds the compiler and the flags for p11-kit/pkcs11.h.
func headerFlags(ctx context.Context) ([]string, error) {
	if _, err := exec.LookPath("gcc"); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoCompiler, err)
	}
	out, err := exec.CommandContext(ctx, "pkg-config", "--cflags", "p11-kit-1").Output()
	if err != nil {
		return nil, fmt.Errorf("%w: pkg-config p11-kit-1: %w", ErrNoCompiler, err)
	}
	return strings.Fields(string(out)), nil
}

func firstLine(b []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	return line
}

// TB is the part of testing.TB that BuildForTest needs.
type TB interface {
	Helper()
	Logf(format string, args ...any)
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// BuildForTest gives the path of the module, compiled from the sources of this tree and kept in the
// user's cache directory under the hash of the sources. Where the machine cannot compile it, the test
// is skipped with the reason; with CI=true in the environment it fails instead.
func BuildForTest(t TB) string {
	t.Helper()
	path, err := cachedBuild()
	switch {
	case err == nil:
		return path
	case errors.Is(err, ErrNoCompiler) && os.Getenv("CI") != "true":
		t.Skipf("SKIPPED: the training key cannot be built here: %v", err)
	default:
		t.Fatalf("training key: %v", err)
	}
	return ""
}

// ModuleDir is the directory of the module's C sources in this tree.
func ModuleDir() (string, error) {
	_, file, _, ok := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(filepath.Dir(file)), "module")
	if _, err := os.Stat(filepath.Join(dir, "softkey.h")); ok && err == nil {
		return dir, nil
	}
	at, err := os.Getwd() // built with -trimpath: look upwards
	if err != nil {
		return "", fmt.Errorf("softkey: %w", err)
	}
	for ; ; at = filepath.Dir(at) {
		dir := filepath.Join(at, "cmd", "softkey", "module")
		if _, err := os.Stat(filepath.Join(dir, "softkey.h")); err == nil {
			return dir, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("softkey: sources of the module: %w", fs.ErrNotExist)
		}
	}
}

func cachedBuild() (string, error) {
	src, err := ModuleDir()
	if err != nil {
		return "", err
	}
	sum, err := sourceHash(src)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "sealdesk", "softkey", sum)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("sealdesk-softkey-%d", os.Getuid()), sum)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", fmt.Errorf("softkey: %w", err)
		}
	}
	path := filepath.Join(dir, "softkey.so")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	return path, Build(ctx, src, path)
}

func sourceHash(src string) (string, error) {
	files, err := Sources(src)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, f := range append(files, filepath.Join(src, "softkey.h")) {
		b, err := os.ReadFile(f)
		if err != nil {
			return "", fmt.Errorf("softkey: %w", err)
		}
		fmt.Fprintf(h, "%s %d\n%s", filepath.Base(f), len(b), b)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), nil
}
