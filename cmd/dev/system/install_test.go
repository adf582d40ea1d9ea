package system

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// fakeHost has the commands and files that a test gives it; apt-get adds those of its packages.
type fakeHost struct {
	commands map[string]bool
	files    map[string]bool
	outputs  map[string]string
	uid      int
	ran      []string
	fail     map[string]int // command line → how many times it still fails
}

var brings = map[string][]string{
	"gcc": {"gcc"}, "pkg-config": {"pkg-config"}, "git": {"git"}, "openssl": {"openssl"}, "qpdf": {"qpdf"},
	"poppler-utils": {"pdftoppm", "pdfsig"}, "softhsm2": {"softhsm2-util"}, "opensc": {"pkcs11-tool"}, "strace": {"strace"}, "postgresql": {"postgres"},
	"libc6-dev": {"/usr/include/stdlib.h"}, "libssl-dev": {"/usr/include/openssl/evp.h"},
	"libp11-kit-dev": {"/usr/include/p11-kit-1/p11-kit/pkcs11.h"},
}

func newHost(uid int, names ...string) *fakeHost {
	h := &fakeHost{commands: map[string]bool{}, files: map[string]bool{}, outputs: map[string]string{}, uid: uid, fail: map[string]int{}}
	for _, n := range names {
		h.commands[n] = true
	}
	return h
}

func (h *fakeHost) LookPath(name string) (string, error) {
	if h.commands[name] {
		return "/usr/bin/" + name, nil
	}
	return "", exec.ErrNotFound
}

func (h *fakeHost) Glob(pattern string) ([]string, error) {
	if h.files[pattern] {
		return []string{pattern}, nil
	}
	return nil, nil
}

func (h *fakeHost) UID() int { return h.uid }

func (h *fakeHost) Output(_ context.Context, name string, args ...string) (string, error) {
	out, ok := h.outputs[strings.Join(append([]string{name}, args...), " ")]
	if !ok {
		return "", exec.ErrNotFound
	}
	return out, nil
}

func (h *fakeHost) Run(_ context.Context, name string, args ...string) error {
	line := strings.Join(append([]string{name}, args...), " ")
	h.ran = append(h.ran, line)
	if h.fail[line] > 0 {
		h.fail[line]--
		return errors.New("exit status 100")
	}
	if strings.HasSuffix(line, "apt-get update") {
		h.files["/var/lib/apt/lists/*_Packages*"] = true
	}
	if strings.Contains(line, "apt-get install") {
		for _, arg := range args {
			for _, thing := range brings[arg] {
				h.commands[thing], h.files[thing] = true, true
			}
		}
	}
	return nil
}

func TestEnsure_nothingMissingIsSilent(t *testing.T) {
	h := newHost(0, "gcc", "pkg-config")
	for _, f := range []string{"/usr/include/stdlib.h", "/usr/include/openssl/evp.h", "/usr/include/p11-kit-1/p11-kit/pkcs11.h"} {
		h.files[f] = true
	}
	var out bytes.Buffer
	if err := (&Installer{Host: h, Out: &out}).Ensure(t.Context(), Needs("demo")); err != nil {
		t.Fatal(err)
	}
	if len(h.ran) > 0 || out.Len() > 0 {
		t.Errorf("ran %q, printed %q", h.ran, out.String())
	}
}

func TestEnsure_freshMachine(t *testing.T) {
	h := newHost(0, "apt-get", "gcc", "git")
	var out bytes.Buffer
	if err := (&Installer{Host: h, Out: &out}).Ensure(t.Context(), Needs("demo")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"env DEBIAN_FRONTEND=noninteractive apt-get update",
		"env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600 libc6-dev pkg-config libssl-dev libp11-kit-dev",
	}
	if !slices.Equal(h.ran, want) {
		t.Errorf("ran\n%s\nwant\n%s", strings.Join(h.ran, "\n"), strings.Join(want, "\n"))
	}
}

func TestEnsure_sudoIsAnnouncedFirst(t *testing.T) {
	h := newHost(1000, "apt-get", "sudo")
	h.files["/var/lib/apt/lists/*_Packages*"] = true
	var out bytes.Buffer
	if err := (&Installer{Host: h, Out: &out}).Ensure(t.Context(), Needs("bench")); err != nil {
		t.Fatal(err)
	}
	if len(h.ran) != 1 || !strings.HasPrefix(h.ran[0], "sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y") {
		t.Errorf("ran %q", h.ran)
	}
	if !strings.HasPrefix(out.String(), "Installing system packages with sudo") {
		t.Errorf("printed %q", out.String())
	}
}

func TestEnsure_staleListsAreUpdatedOnce(t *testing.T) {
	h := newHost(0, "apt-get", "gcc", "pkg-config", "openssl")
	h.files["/var/lib/apt/lists/*_Packages*"] = true
	h.files["/usr/include/stdlib.h"] = true
	install := "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600 libssl-dev libp11-kit-dev"
	h.fail[install] = 1
	if err := (&Installer{Host: h, Out: &bytes.Buffer{}}).Ensure(t.Context(), Needs("demo")); err != nil {
		t.Fatal(err)
	}
	want := []string{install, "env DEBIAN_FRONTEND=noninteractive apt-get update", install}
	if !slices.Equal(h.ran, want) {
		t.Errorf("ran %q", h.ran)
	}
	h = newHost(0, "apt-get", "gcc", "pkg-config")
	h.files["/usr/include/stdlib.h"] = true
	h.fail[install] = 2
	if err := (&Installer{Host: h, Out: &bytes.Buffer{}}).Ensure(t.Context(), Needs("demo")); err == nil {
		t.Error("a failing apt-get is no error")
	}
}

func TestEnsure_refusals(t *testing.T) {
	for _, c := range []struct {
		name      string
		host      *fakeHost
		noInstall bool
		want      []string
		command   bool
	}{
		{"no-install", newHost(0, "apt-get"), true, []string{"--no-install", "libssl-dev", "install with: sudo apt-get install"}, true},
		{"no sudo", newHost(1000, "apt-get"), false, []string{"no sudo", "install with: apt-get install"}, true},
		{"not Debian", newHost(0, "dnf"), false, []string{"no apt-get", "openssl-devel"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := (&Installer{Host: c.host, Out: &bytes.Buffer{}, NoInstall: c.noInstall}).Ensure(t.Context(), Needs("demo"))
			var missing *MissingError
			if !errors.As(err, &missing) || len(missing.Packages) != len(Needs("demo")) || (missing.Command != "") != c.command {
				t.Fatalf("error %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("message lacks %q:\n%s", w, err)
				}
			}
			if len(c.host.ran) > 0 {
				t.Errorf("ran %q", c.host.ran)
			}
		})
	}
}

func TestNeeds_everyNameIsAPackage(t *testing.T) {
	if len(Tasks()) != len(needs) {
		t.Errorf("%d tasks, %d lists", len(Tasks()), len(needs))
	}
	for _, task := range Tasks() {
		if got, want := len(Needs(task)), len(needs[task]); got != want || got == 0 {
			t.Errorf("%s: %d packages for %d names", task, got, want)
		}
	}
	if Needs("doctor") != nil {
		t.Error("the doctor needs a package")
	}
	for _, p := range All() {
		if p.Name == "" || p.Why == "" || p.Hint == "" || p.present == nil {
			t.Errorf("%+v is incomplete", p)
		}
	}
}

func TestSanitizers_nameFollowsTheCompiler(t *testing.T) {
	h := newHost(0, "gcc")
	h.outputs["gcc -print-file-name=libasan.so"] = "libasan.so\n"
	h.outputs["gcc -dumpversion"] = "12\n"
	p := Needs("test --long")[len(Needs("test --long"))-1]
	if p.Name != "libgcc-dev" || p.Present(t.Context(), h) || p.Debian(t.Context(), h) != "libgcc-12-dev" {
		t.Errorf("%s: %s", p.Name, p.Debian(t.Context(), h))
	}
	h.outputs["gcc -print-file-name=libasan.so"] = "/usr/lib/gcc/x/12/libasan.so\n"
	h.outputs["gcc -print-file-name=libubsan.so"] = "/usr/lib/gcc/x/12/libubsan.so\n"
	if !p.Present(t.Context(), h) {
		t.Error("installed sanitizers are not seen")
	}
}
