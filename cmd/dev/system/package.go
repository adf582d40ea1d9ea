// Package system knows which system packages a task of cmd/dev needs, finds
// out which of them are absent, and installs those with apt-get.
//
// A package counts as present when the thing that is used from it can be found
// (a command, a header, a library), whoever put it there: dpkg is not asked.
package system

import (
	"context"
	"path/filepath"
	"strings"
)

// Package is one Debian package that a task uses.
type Package struct {
	Name string // Debian name, for apt-get
	Why  string // what the project does with it
	Hint string // what to look for on a system without apt-get
	Tool string // the command whose version the doctor shows; may be empty

	present func(context.Context, Host) bool
	debian  func(context.Context, Host) string // where the Debian name depends on the machine
}

// Present reports whether what the task uses from the package is there.
func (p Package) Present(ctx context.Context, h Host) bool { return p.present(ctx, h) }

// Debian gives the package name for apt-get on this machine.
func (p Package) Debian(ctx context.Context, h Host) string {
	if p.debian == nil {
		return p.Name
	}
	return p.debian(ctx, h)
}

// all lists every package once, in the order in which it is shown.
var all = []Package{
	{Name: "gcc", Tool: "gcc", Why: "C compiler of the PKCS#11 driver and the training UsbKey", Hint: "a C compiler called gcc", present: commands("gcc")},
	{Name: "libc6-dev", Why: "C library headers", Hint: "the headers of the C library", present: header("stdlib.h", "")},
	{Name: "pkg-config", Tool: "pkg-config", Why: "finds libcrypto and p11-kit", Hint: "pkg-config or pkgconf", present: commands("pkg-config")},
	{Name: "libssl-dev", Why: "SM2 and SM3 of the training UsbKey", Hint: "OpenSSL 3 with headers (openssl-devel, openssl@3)", present: header("openssl/evp.h", "libcrypto")},
	{Name: "libp11-kit-dev", Why: "PKCS#11 header of the training UsbKey", Hint: "p11-kit with headers (p11-kit-devel)", present: header("p11-kit-1/p11-kit/pkcs11.h", "p11-kit-1")},
	{Name: "git", Tool: "git", Why: "source of the project and of Go modules", Hint: "git", present: commands("git")},
	{Name: "openssl", Tool: "openssl", Why: "second opinion on SM2 and SM3", Hint: "OpenSSL 3 command line", present: commands("openssl")},
	{Name: "qpdf", Tool: "qpdf", Why: "second opinion on the structure of PDF files", Hint: "qpdf 11 or newer", present: commands("qpdf")},
	{Name: "poppler-utils", Tool: "pdftoppm", Why: "second renderer, pdfsig", Hint: "poppler with its utilities", present: commands("pdftoppm", "pdfsig")},
	{Name: "fonts-urw-base35", Why: "the standard fonts of PDF for the second renderer", Hint: "the URW base 35 fonts (urw-base35-fonts, gsfonts)", present: standardFonts},
	{Name: "softhsm2", Tool: "softhsm2-util", Why: "a foreign PKCS#11 module", Hint: "SoftHSM 2", present: commands("softhsm2-util")},
	{Name: "opensc", Tool: "pkcs11-tool", Why: "a foreign PKCS#11 client", Hint: "OpenSC (pkcs11-tool)", present: commands("pkcs11-tool")},
	{Name: "postgresql", Why: "the registry of the centre on a PostgreSQL server", Hint: "a PostgreSQL server with initdb, pg_isready and createdb", present: postgres},
	{Name: "libgl1-mesa-dev", Why: "graphics of the window", Hint: "OpenGL with headers (mesa-libGL-devel)", present: header("GL/gl.h", "gl")},
	{Name: "libxcursor-dev", Why: "pointers of the window", Hint: "Xcursor with headers", present: header("X11/Xcursor/Xcursor.h", "xcursor")},
	{Name: "libxrandr-dev", Why: "screens of the window", Hint: "Xrandr with headers", present: header("X11/extensions/Xrandr.h", "xrandr")},
	{Name: "libxinerama-dev", Why: "screens of the window", Hint: "Xinerama with headers", present: header("X11/extensions/Xinerama.h", "xinerama")},
	{Name: "libxi-dev", Why: "mouse and keyboard of the window", Hint: "XInput with headers", present: header("X11/extensions/XInput2.h", "xi")},
	{Name: "libxxf86vm-dev", Why: "screens of the window", Hint: "Xxf86vm with headers", present: header("X11/extensions/xf86vmode.h", "xxf86vm")},
	{Name: "xvfb", Tool: "Xvfb", Why: "a screen for the walk through the window", Hint: "Xvfb", present: commands("Xvfb")},
	{Name: "xdotool", Tool: "xdotool", Why: "keyboard and mouse of the walk through the window", Hint: "xdotool", present: commands("xdotool")},
	{Name: "strace", Tool: "strace", Why: "kills and faults at every system call of saving", Hint: "strace (Linux only)", present: commands("strace")},
	{Name: "libgcc-dev", Why: "address and undefined-behaviour sanitizers", Hint: "libasan and libubsan for gcc", present: sanitizers, debian: gccLibraries},
}

// builds is what compiling sealctl and the training UsbKey takes.
var builds = []string{"gcc", "libc6-dev", "pkg-config", "libssl-dev", "libp11-kit-dev"}

// window is what compiling sealdesk takes besides.
var window = []string{"libgl1-mesa-dev", "libxcursor-dev", "libxrandr-dev", "libxinerama-dev", "libxi-dev", "libxxf86vm-dev"}

// checks is what the quick tests compare with, besides building.
var checks = append([]string{"git", "openssl", "qpdf", "poppler-utils", "fonts-urw-base35", "softhsm2", "opensc", "postgresql", "strace"}, append(builds[:len(builds):len(builds)], window...)...)

var needs = map[string][]string{
	"demo":        builds,
	"window":      append(builds[:len(builds):len(builds)], window...),
	"training":    builds,
	"bench":       append([]string{"openssl", "postgresql"}, builds...),
	"test":        checks,
	"test --long": append([]string{"libgcc-dev", "xvfb", "xdotool"}, checks...),
}

// Tasks names the tasks that need packages, in the order of the doctor's table.
func Tasks() []string { return []string{"demo", "window", "training", "bench", "test", "test --long"} }

// Needs gives the packages of a task; none for a task that needs only Go.
func Needs(task string) []Package {
	var out []Package
	for _, p := range all {
		for _, name := range needs[task] {
			if p.Name == name {
				out = append(out, p)
			}
		}
	}
	return out
}

// All gives every package that some task needs.
func All() []Package { return append([]Package(nil), all...) }

func commands(names ...string) func(context.Context, Host) bool {
	return func(_ context.Context, h Host) bool {
		for _, name := range names {
			if _, err := h.LookPath(name); err != nil {
				return false
			}
		}
		return true
	}
}

// standardFonts looks for ZapfDingbats, under the name that URW gave its own, where systems keep fonts.
func standardFonts(_ context.Context, h Host) bool {
	for _, dir := range []string{"/usr/share/fonts/*", "/usr/share/fonts/*/*"} {
		if found, _ := h.Glob(filepath.Join(dir, "D050000L.*")); len(found) > 0 {
			return true
		}
	}
	return false
}

// postgres looks where Debian keeps the server's programs, off PATH, then on PATH.
func postgres(_ context.Context, h Host) bool {
	if found, _ := h.Glob("/usr/lib/postgresql/*/bin/postgres"); len(found) > 0 {
		return true
	}
	_, err := h.LookPath("postgres")
	return err == nil
}

// header looks for a C header where compilers look by themselves, then asks
// pkg-config for the module, if it has one.
func header(file, module string) func(context.Context, Host) bool {
	return func(ctx context.Context, h Host) bool {
		for _, dir := range []string{"/usr/include", "/usr/include/*-linux-*", "/usr/local/include"} {
			if found, _ := h.Glob(filepath.Join(dir, file)); len(found) > 0 {
				return true
			}
		}
		if module == "" {
			return false
		}
		_, err := h.Output(ctx, "pkg-config", "--exists", module)
		return err == nil
	}
}

// sanitizers asks gcc itself: it answers with the bare name for a library that it lacks.
func sanitizers(ctx context.Context, h Host) bool {
	for _, lib := range []string{"libasan.so", "libubsan.so"} {
		out, err := h.Output(ctx, "gcc", "-print-file-name="+lib)
		if err != nil || !filepath.IsAbs(strings.TrimSpace(out)) {
			return false
		}
	}
	return true
}

// gccLibraries names the package with the sanitizers of the installed gcc;
// without a gcc, installing gcc brings them along.
func gccLibraries(ctx context.Context, h Host) string {
	out, err := h.Output(ctx, "gcc", "-dumpversion")
	major, _, _ := strings.Cut(strings.TrimSpace(out), ".")
	if err != nil || major == "" {
		return "gcc"
	}
	return "libgcc-" + major + "-dev"
}
