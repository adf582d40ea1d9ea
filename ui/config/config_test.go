package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const full = `lang = "en"
trust = "trust.sdtb"
register = "book"
[trust_bundle]
dir = "kept"
root = "SM3:5A5A5A5A5A5A5A5A 5A5A5A5A5A5A5A5A 5A5A5A5A5A5A5A5A 5A5A5A5A5A5A5A5A"
[key]
module = "bin/softkey.so"
training_store = "softkey"
[[key.profile]]
name = "custom"
lib = ["example"]
key_type = 0x80000004
sign = [ { mechanism = 0x80008105, in = "digest", out = "raw" }, { mechanism = 0x80008100, in = "z-message" } ]
[output]
suffix = "_sealed"
existing = "number"
[seal]
filter = "Example.GMPkiLite"
subfilter = "GM.sm2seal"
[policy]
seal_without_trust = true
[log]
level = "debug"
`

func write(t *testing.T, dir, text string) string {
	t.Helper()
	path := filepath.Join(dir, FileName)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad_full(t *testing.T) {
	dir := t.TempDir()
	c, err := Load(write(t, dir, full))
	if err != nil {
		t.Fatal(err)
	}
	if c.Key.Module != filepath.Join(dir, "bin/softkey.so") || c.Trust != filepath.Join(dir, "trust.sdtb") || c.Key.TrainingStore != filepath.Join(dir, "softkey") ||
		c.TrustBundle.Dir != filepath.Join(dir, "kept") || c.Register != filepath.Join(dir, "book") {
		t.Errorf("paths not resolved against the file: %+v", c)
	}
	p := c.Key.Profiles
	if len(p) != 1 || p[0].KeyType != 0x80000004 || len(p[0].Sign) != 2 || p[0].Sign[1].In != "z-message" {
		t.Errorf("profile: %+v", p)
	}
	if c.Output.Suffix != "_sealed" || c.Output.Existing != "number" || !c.Policy.SealWithoutTrust || c.Lang != "en" {
		t.Errorf("settings: %+v", c)
	}
}

func TestLoad_defaults(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(DirVariable, dir)
	c, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	if c.Path != "" || c.Trust != "" || c.Output.Suffix != "_已签章" || c.Output.Existing != "error" || c.Policy.SealWithoutTrust {
		t.Errorf("defaults: %+v", c)
	}
	if err := os.WriteFile(filepath.Join(dir, "trust.sdtb"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "lang = \"zh\"\n")
	if c, err = Load(""); err != nil || c.Trust != filepath.Join(dir, "trust.sdtb") || c.TrustBundle.Dir != filepath.Join(dir, "trust") || c.Register != filepath.Join(dir, "register") || c.Path == "" {
		t.Errorf("trust file beside the settings not taken: %+v, %v", c, err)
	}
}

func TestLoad_refused(t *testing.T) {
	cases := map[string]struct{ text, key string }{
		"syntax":            {"lang = ", "syntax"},
		"unknown key":       {"[key]\nmodul = \"x\"\n", "unknown"},
		"root":              {"[trust_bundle]\nroot = \"sm3:12\"\n", "value"},
		"language":          {"lang = \"fr\"\n", "value"},
		"existing":          {"[output]\nexisting = \"overwrite\"\n", "value"},
		"suffix with slash": {"[output]\nsuffix = \"/../x\"\n", "value"},
		"name":              {"[seal]\nfilter = \"a b\"\n", "value"},
		"profile no name":   {"[[key.profile]]\nkey_type = 3\n", "value"},
		"no mechanism":      {"[[key.profile]]\nname = \"x\"\nsign = [{in = \"digest\"}]\n", "value"},
		"profile input":     {"[[key.profile]]\nname = \"x\"\nsign = [{mechanism = 1, in = \"ecdsa\"}]\n", "value"},
		"negative number":   {"[[key.profile]]\nname = \"x\"\nkey_type = -1\n", "value"},
		"too large":         {strings.Repeat("#", maxFile+1), "value"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Load(write(t, t.TempDir(), c.text))
			var e *Error
			if !errors.As(err, &e) || e.Key != c.key {
				t.Fatalf("got %v, want an Error with key %s", err, c.key)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "absent.toml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a named file that is absent: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(full)
	f.Add("")
	f.Add("[key]\nmodule = 3\n")
	f.Add("[[key.profile]]\nname=\"x\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parse(strings.NewReader(text), "x")
		if (c == nil) == (err == nil) {
			t.Fatalf("config %v, error %v", c, err)
		}
	})
}
