package training

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"
)

// Office is a practice office on disk. All paths are absolute. It is printed as JSON by "dev training" (DESIGN.md, 9).
type Office struct {
	Dir        string      `json:"dir"`
	Config     string      `json:"config"`
	Trust      string      `json:"trust"`
	Root       string      `json:"root"` // fingerprint of the root that signs trust bundles
	PINFile    string      `json:"pinFile"`
	Module     string      `json:"module"`  // PKCS#11 module of the training UsbKey
	Sealctl    string      `json:"sealctl"` // the command line
	Store      string      `json:"store"`   // folder of the training UsbKeys, SOFTKEY_DIR of the module
	Samples    []string    `json:"samples"` // 批复, 通知 and 报告
	Placements []Placement `json:"placements"`
	Seals      []Seal      `json:"seals"`
	Centre     Centre      `json:"centre"`
}

// Placement says where the seal of its organ belongs on a sample by GB/T 9704-2012, 7.3.5.1: the centre of the seal in millimetres
// from the left and the top edge of the page.
type Placement struct {
	Sample string  `json:"sample"`
	Title  string  `json:"title"`
	Pages  int     `json:"pages"`
	Date   string  `json:"date"` // as written
	Seal   string  `json:"seal"` // ID
	Page   int     `json:"page"`
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
}

// Seal is a training seal with the UsbKey that holds it.
type Seal struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Slot     int    `json:"slot"` // of the training UsbKey
	WidthMM  int    `json:"widthMM"`
	HeightMM int    `json:"heightMM"`

	File        string `json:"file"`        // the seal in DER
	Certificate string `json:"certificate"` // the custodian's signing certificate, PEM
	Picture     string `json:"picture"`     // of the seal
}

// Options of Make.
type Options struct {
	Now  time.Time // the office's today; zero is the clock
	Seed string    // keys and documents of a new office follow from it, for tests; empty draws one at random

	// Build puts the programs of the office where their paths say, before any is needed: module, sealctl, and the sealcenter that Make
	// runs. Nil: they are there.
	Build func(ctx context.Context, o *Office) error
}

// ErrForeignDir: the folder has files but is no practice office, so nothing in it is touched.
var ErrForeignDir = errors.New("training: the folder is not empty and is no practice office")

// PIN opens both training UsbKeys.
const PIN = "12345678"

// Make makes a practice office in dir, or completes and renews the one that is there: keys, seals and registry stay, files that are
// missing or damaged come back, and a trust bundle that has aged gets a successor. Certificates, seals and bundle come from the real
// issuing desk of sealcenter. The first UsbKey is plugged in, the second is not. A folder with other contents is refused with
// ErrForeignDir; errors of sealcenter are *RefusedError where it gives a reason.
func Make(ctx context.Context, dir string, opts Options) (*Office, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	if opts.Now.IsZero() {
		opts.Now = time.Now()
	}
	s, err := openState(dir, opts)
	if err != nil {
		return nil, err
	}
	w := &work{Office: newOffice(dir), state: s, now: opts.Now}
	steps := []func(context.Context) error{w.makeCentre, w.makeKeys, w.makeClient, w.makeTrust, w.makeSamples, w.makeSettings}
	if opts.Build != nil {
		build := func(ctx context.Context) error { return opts.Build(ctx, w.Office) }
		steps = append([]func(context.Context) error{build}, steps...)
	}
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("training: %w", err)
		}
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return w.Office, nil
}

// work is the making of an office.
type work struct {
	*Office
	state *state
	now   time.Time
}

// newOffice names the places of an office; the steps of Make fill in the rest.
func newOffice(dir string) *Office {
	program := func(name string) string { return filepath.Join(dir, "bin", name+programSuffix()) }
	return &Office{
		Dir: dir, Config: filepath.Join(dir, "sealdesk.toml"), Trust: filepath.Join(dir, "trust.sdtb"), PINFile: filepath.Join(dir, "pin.txt"),
		Module: filepath.Join(dir, "bin", "softkey"+librarySuffix()), Sealctl: program("sealctl"), Store: filepath.Join(dir, "softkey"),
		Centre: Centre{Dir: filepath.Join(dir, "centre"), Sealcenter: program("sealcenter")},
	}
}

// makeSettings writes settings with paths relative to their own folder, so that the office can be moved as a whole, and the PIN.
func (w *work) makeSettings(context.Context) error {
	tls := filepath.Base(w.connection()) + "/"
	text := fmt.Sprintf("# 练习环境，不得用于正式用印。 Practice office: never for real use.\n"+
		"trust = %q\n\n[trust_bundle]\nroot = %q\n\n[center]\nurl = %q\nca = %q\ncertificate = %q\nkey = %q\n\n[key]\nmodule = %q\ntraining_store = %q\n",
		filepath.Base(w.Trust), w.Root, w.Centre.URL, tls+caFile, tls+clientCertFile, tls+clientKeyFile, "bin/"+filepath.Base(w.Module), filepath.Base(w.Store))
	if err := keepFile(w.Config, []byte(text), 0o600); err != nil {
		return err
	}
	return keepFile(w.PINFile, []byte(PIN+"\n"), 0o600)
}

func librarySuffix() string {
	switch runtime.GOOS {
	case "windows":
		return ".dll"
	case "darwin":
		return ".dylib"
	}
	return ".so"
}

func programSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}
