package pkcs11

import (
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"

	"sealdesk/token"
)

// entryPoint is the one function that every PKCS#11 library exports (PKCS#11 2.40, 5.4).
const entryPoint = "C_GetFunctionList"

// checkModule looks at a library before the system loads it, so that the user gets a reason that a loader would not give.
func checkModule(path string) error {
	fail := func(reason string, err error) error {
		return &token.ModuleError{Path: path, Reason: reason, Err: err}
	}
	if path == "" {
		return fail(token.ReasonNone, nil)
	}
	if !filepath.IsAbs(path) {
		return fail(token.ReasonPath, nil)
	}
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail(token.ReasonMissing, nil)
	case err != nil:
		return fail(token.ReasonNotFile, err)
	case !st.Mode().IsRegular():
		return fail(token.ReasonNotFile, nil)
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return nil // the loader's own words are clear there
	}
	if reason, err := checkELF(path); reason != "" {
		return fail(reason, err)
	}
	return nil
}

// checkELF gives the reason why an ELF file is not a PKCS#11 library for this program, "" if it may be one.
func checkELF(path string) (reason string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return token.ReasonNotFile, err
	}
	defer f.Close()
	e, err := elf.NewFile(f)
	if err != nil {
		return token.ReasonNotLibrary, nil
	}
	defer e.Close()
	if want := elfClass(); e.Class != want || !machineFits(e.Machine) {
		return token.ReasonWrongClass, fmt.Errorf("it is %s %s, this program is %s %s", e.Class, e.Machine, want, runtime.GOARCH)
	}
	if e.Type != elf.ET_DYN {
		return token.ReasonNotLibrary, nil
	}
	symbols, err := e.DynamicSymbols()
	if err != nil {
		return "", nil // stripped section headers: only the loader can tell
	}
	for _, s := range symbols {
		if s.Name == entryPoint && s.Section != elf.SHN_UNDEF {
			return "", nil
		}
	}
	return token.ReasonNoEntry, nil
}

func elfClass() elf.Class {
	if unsafe.Sizeof(uintptr(0)) == 8 {
		return elf.ELFCLASS64
	}
	return elf.ELFCLASS32
}

// machines are the processors that the program is built for; an unknown one is left to the loader.
var machines = map[string]elf.Machine{
	"386": elf.EM_386, "amd64": elf.EM_X86_64, "arm": elf.EM_ARM, "arm64": elf.EM_AARCH64, "loong64": elf.EM_LOONGARCH,
	"riscv64": elf.EM_RISCV, "ppc64le": elf.EM_PPC64, "s390x": elf.EM_S390, "mips64le": elf.EM_MIPS,
}

func machineFits(m elf.Machine) bool {
	want, known := machines[runtime.GOARCH]
	return !known || m == want
}
