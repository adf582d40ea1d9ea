package training

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"sealdesk/pdfseal/sealtest"
)

// Office is a practice office on disk. All paths are absolute. It is printed as JSON by "dev training" (DESIGN.md, 9).
type Office struct {
	Dir        string      `json:"dir"`
	Config     string      `json:"config"`
	Trust      string      `json:"trust"`
	PINFile    string      `json:"pinFile"`
	Module     string      `json:"module"`  // where the training UsbKey's PKCS#11 module belongs; Make does not build it
	Sealctl    string      `json:"sealctl"` // where the command line belongs; Make does not build it
	Store      string      `json:"store"`   // folder of the training UsbKeys, SOFTKEY_DIR of the module
	Samples    []string    `json:"samples"` // 批复, 通知 and 报告
	Placements []Placement `json:"placements"`
	Seals      []Seal      `json:"seals"`
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
	File     string `json:"file"`    // the seal in DER
	Picture  string `json:"picture"` // its picture
}

// Options of Make. The zero value is right for practice.
type Options struct {
	Now  time.Time // the office's today; zero is the clock
	Seed string    // keys of a new office follow from it, for tests; empty draws one at random
}

// ErrForeignDir: the folder has files but is no practice office, so nothing in it is touched.
var ErrForeignDir = errors.New("training: the folder is not empty and is no practice office")

// PIN opens both training UsbKeys.
const PIN = "12345678"

// Make makes a practice office in dir, or completes and renews the one that is there: keys and seals stay, files that are missing or
// damaged come back, and a trust file that has aged gets a successor. The first UsbKey is plugged in, the second is not. The
// programs under bin are the caller's to build. A folder with other contents is refused with ErrForeignDir.
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
	pki, err := sealtest.NewSeededPKI(s.Made, s.Seed)
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	o := &Office{
		Dir: dir, Config: filepath.Join(dir, "sealdesk.toml"), Trust: filepath.Join(dir, "trust.json"), PINFile: filepath.Join(dir, "pin.txt"),
		Module: filepath.Join(dir, "bin", "softkey"+librarySuffix()), Sealctl: filepath.Join(dir, "bin", "sealctl"+programSuffix()),
		Store: filepath.Join(dir, "softkey"),
	}
	for _, step := range []func(context.Context, *Office, *state, *sealtest.PKI) error{makeKeys, makeTrust(opts.Now), makeSamples, makeSettings} {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("training: %w", err)
		}
		if err := step(ctx, o, s, pki); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// makeSettings writes settings with paths relative to their own folder, so that the office can be moved as a whole, and the PIN.
func makeSettings(_ context.Context, o *Office, _ *state, _ *sealtest.PKI) error {
	if err := os.MkdirAll(filepath.Join(o.Dir, "bin"), 0o700); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	text := fmt.Sprintf("# 练习环境，不得用于正式用印。 Practice office: never for real use.\n"+
		"trust = %q\n\n[key]\nmodule = %q\ntraining_store = %q\n", "trust.json", "bin/"+filepath.Base(o.Module), "softkey")
	if err := keepFile(o.Config, []byte(text), 0o600); err != nil {
		return err
	}
	return keepFile(o.PINFile, []byte(PIN+"\n"), 0o600)
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
