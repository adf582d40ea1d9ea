// Package config reads sealdesk.toml, the one settings file of both programs. Relative paths in it are resolved against the
// file's own directory, so that a folder with its settings can be moved as a whole.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"

	"sealdesk/pdfseal/rules"
)

// FileName is the name of the settings file inside the configuration folder.
const FileName = "sealdesk.toml"

// DirVariable is the environment variable that names another configuration folder.
const DirVariable = "SEALDESK_CONFIG_DIR"

// maxFile bounds the settings file.
const maxFile = 1 << 20

// Config is what the settings file says. The zero value is the strict default: no driver, no trust bundle, nothing relaxed.
type Config struct {
	Path  string `toml:"-"` // the file read, "" if there was none
	Lang  string `toml:"lang"`
	Trust string `toml:"trust"` // trust bundle that is read where it lies; absolute after loading

	TrustBundle TrustBundle `toml:"trust_bundle"`

	Register string `toml:"register"` // folder of the register of seal use, default "register" beside the settings; absolute after loading

	Center Center `toml:"center"`

	Key    Key    `toml:"key"`
	Output Output `toml:"output"`
	Place  Place  `toml:"place"`
	Window Window `toml:"window"`
	Seal   Seal   `toml:"seal"`
	Policy Policy `toml:"policy"`
	Log    Log    `toml:"log"`
}

// TrustBundle says how trust bundles are kept.
type TrustBundle struct {
	Dir  string `toml:"dir"`  // folder of the imported bundle, default "trust" beside the settings; absolute after loading
	Root string `toml:"root"` // fingerprint of the root under which bundles must be signed: "sm3:" and 64 hexadecimal digits
}

// Key says how the UsbKey is reached.
type Key struct {
	Module        string    `toml:"module"`         // PKCS#11 library; absolute after loading
	TrainingStore string    `toml:"training_store"` // folder of the training key, handed to its module as SOFTKEY_DIR
	Profiles      []Profile `toml:"profile"`        // tried before the built-in table
}

// Profile describes a model of UsbKey (usbkey.md, §3); what it leaves open comes from the built-in row of the same name. Numbers are those of the vendor's PKCS#11 header, 32 bits wide.
type Profile struct {
	Name         string   `toml:"name"`
	Lib          []string `toml:"lib"`
	Manufacturer []string `toml:"manufacturer"`
	Model        []string `toml:"model"`
	KeyType      int64    `toml:"key_type"`
	Sign         []Sign   `toml:"sign"`
	SealLabel    []string `toml:"seal_label"`
	SealApp      []string `toml:"seal_application"`
}

// Sign is one way to ask a UsbKey for a signature.
type Sign struct {
	Mechanism int64  `toml:"mechanism"`
	In        string `toml:"in"`      // "digest", "message" (the module adds Z), "z-message" (Z‖M, the module only hashes)
	Out       string `toml:"out"`     // "", "raw", "der"
	UserID    bool   `toml:"user_id"` // pass the user ID as mechanism parameter
}

// Output says how sealed files are named.
type Output struct {
	Suffix   string `toml:"suffix"`        // default "_已签章"
	Existing string `toml:"existing"`      // "error" (default) or "number"
	Dir      string `toml:"dir,omitempty"` // folder of sealed files, "" beside the document; absolute after loading
}

// Window is the look of the window.
type Window struct {
	Dark       bool `toml:"dark"`
	LargePrint bool `toml:"large_print"`
}

// Place says how the place of the seal is found unless the user says otherwise.
type Place struct {
	Rule string `toml:"rule"` // "date" (default) or "hand"
}

// Seal holds the names written into signature dictionaries; empty means the program's own.
type Seal struct {
	Filter    string `toml:"filter"`
	SubFilter string `toml:"subfilter"`
}

// Policy holds what an office may relax, and what it may tighten.
type Policy struct {
	SealWithoutTrust bool          `toml:"seal_without_trust"` // seal although no trust bundle says that the seal is in force
	Refuse           []rules.Check `toml:"refuse,omitempty"`   // checks before sealing that refuse although they would only warn
}

// Log sets the level of the log on standard error: "error" (default), "warn", "info", "debug".
type Log struct {
	Level string `toml:"level"`
}

// Error says what is wrong with the settings.
type Error struct {
	Path string
	Key  string // "missing", "syntax", "unknown" or "value"
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("config: %s: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Situation names the message for the user.
func (e *Error) Situation() (key string, data map[string]string) {
	return "config." + e.Key, map[string]string{"Path": e.Path, "Detail": e.Err.Error()}
}

// Dir returns the configuration folder: $SEALDESK_CONFIG_DIR, else the folder sealdesk where the system keeps settings.
func Dir() (string, error) {
	if d := os.Getenv(DirVariable); d != "" {
		return filepath.Abs(d)
	}
	d, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("config: %w", err)
	}
	return filepath.Join(d, "sealdesk"), nil
}

// Load reads the settings from path, or from the configuration folder if path is empty. Only the file named explicitly must exist.
// Without a trust setting, trust.sdtb beside the settings is taken if it is there. Errors are of type *Error.
func Load(path string) (*Config, error) {
	if path != "" {
		return read(path)
	}
	dir, err := Dir()
	if err != nil {
		return withDefaults(&Config{}, ""), nil
	}
	c, err := read(filepath.Join(dir, FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return withDefaults(&Config{}, dir), nil
	}
	return c, err
}

func read(path string) (*Config, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, &Error{Path: path, Key: "missing", Err: err}
	}
	f, err := os.Open(abs)
	if err != nil {
		return nil, &Error{Path: path, Key: "missing", Err: err}
	}
	defer f.Close()
	c, err := parse(f, path)
	if err != nil {
		return nil, err
	}
	c.Path = abs
	return withDefaults(c, filepath.Dir(abs)), nil
}

// parse reads and checks the text of a settings file; name is only for messages.
func parse(r io.Reader, name string) (*Config, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, &Error{Path: name, Key: "missing", Err: err}
	}
	if len(raw) > maxFile {
		return nil, &Error{Path: name, Key: "value", Err: fmt.Errorf("more than %d bytes", maxFile)}
	}
	c := &Config{}
	meta, err := toml.Decode(strings.TrimPrefix(string(raw), "\ufeff"), c)
	if err != nil {
		return nil, &Error{Path: name, Key: "syntax", Err: err}
	}
	if rest := meta.Undecoded(); len(rest) > 0 {
		return nil, &Error{Path: name, Key: "unknown", Err: errors.New(rest[0].String())}
	}
	if err := c.check(); err != nil {
		return nil, &Error{Path: name, Key: "value", Err: err}
	}
	return c, nil
}

// withDefaults resolves the paths against dir and fills in what the file leaves open.
func withDefaults(c *Config, dir string) *Config {
	if c.TrustBundle.Dir == "" && dir != "" {
		c.TrustBundle.Dir = "trust"
	}
	if c.Register == "" && dir != "" {
		c.Register = "register"
	}
	for _, p := range []*string{&c.Trust, &c.TrustBundle.Dir, &c.Register, &c.Key.Module, &c.Key.TrainingStore, &c.Output.Dir, &c.Center.CA, &c.Center.Certificate, &c.Center.Key} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
	if c.Trust == "" && dir != "" {
		beside := filepath.Join(dir, "trust.sdtb")
		if st, err := os.Stat(beside); err == nil && st.Mode().IsRegular() {
			c.Trust = beside
		}
	}
	if c.Output.Suffix == "" {
		c.Output.Suffix = "_已签章"
	}
	if c.Output.Existing == "" {
		c.Output.Existing = "error"
	}
	if c.Log.Level == "" {
		c.Log.Level = "error"
	}
	return c
}
