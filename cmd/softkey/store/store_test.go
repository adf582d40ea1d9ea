package store_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"sealdesk/cmd/softkey/store"
)

func newSlot(t *testing.T, spec store.TokenSpec) (*store.Slot, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	check(t, store.Init(dir, 0, spec))
	s, err := store.Open(dir, 0)
	check(t, err)
	return s, dir
}

func TestInit_refuses(t *testing.T) {
	for name, c := range map[string]struct {
		slot int
		spec store.TokenSpec
	}{
		"slot below":     {-1, store.TokenSpec{}},
		"slot above":     {16, store.TokenSpec{}},
		"profile":        {0, store.TokenSpec{Profile: "no such vendor"}},
		"short PIN":      {0, store.TokenSpec{UserPIN: "123"}},
		"long PIN":       {0, store.TokenSpec{SOPIN: "12345678901234567"}},
		"tries":          {0, store.TokenSpec{MaxTries: -1}},
		"firmware":       {0, store.TokenSpec{Firmware: "new"}},
		"long serial":    {0, store.TokenSpec{Serial: "12345678901234567"}},
		"line in label":  {0, store.TokenSpec{Label: "a\nprotected = yes"}},
		"label not text": {0, store.TokenSpec{Label: "\xff\xfe"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "store")
			if err := store.Init(dir, c.slot, c.spec); err == nil {
				t.Error("accepted")
			}
			if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Error("a refused token left something behind")
			}
		})
	}
	s, dir := newSlot(t, store.TokenSpec{})
	if err := store.Init(dir, 0, store.TokenSpec{}); !errors.Is(err, store.ErrExists) {
		t.Errorf("second Init: %v, want ErrExists", err)
	}
	if s.Present() {
		t.Error("a new token is plugged in")
	}
}

func TestInit_label(t *testing.T) {
	for _, c := range []struct{ label, want string }{
		{"", "TRAINING KEY"},
		{"TRAINING KEY", "TRAINING KEY"},
		{"示范旗人民政府", "TRAINING KEY 示范旗人民政"}, // 31 bytes: cut between characters
		{"a label that is much too long for it", "TRAINING KEY a label that is muc"},
	} {
		s, _ := newSlot(t, store.TokenSpec{Label: c.label})
		d, err := s.Describe()
		check(t, err)
		if d.Label != c.want || len(d.Label) > 32 || !utf8.ValidString(d.Label) {
			t.Errorf("label %q gives %q, want %q", c.label, d.Label, c.want)
		}
	}
}

func TestSlot_objectsAndFiles(t *testing.T) {
	for _, profile := range []string{"sansec", "gbk"} {
		t.Run(profile, func(t *testing.T) {
			s, dir := newSlot(t, store.TokenSpec{Label: "示范", Profile: profile, UserPIN: "123456"})
			check(t, s.AddKey([]byte{1, 2}, [32]byte{31: 9}, "签名密钥"))
			check(t, s.AddCertificate([]byte{1, 2}, []byte("not DER"), "证书"))
			check(t, s.AddData("公章", "应用", make([]byte, 256<<10), true))
			d, err := s.Describe()
			check(t, err)
			got, err := json.Marshal(d.Objects)
			check(t, err)
			want := `[{"number":1,"class":"public-key","label":"签名密钥","id":"0102","private":false,"size":0},` +
				`{"number":2,"class":"private-key","label":"签名密钥","id":"0102","private":true,"size":0},` +
				`{"number":3,"class":"certificate","label":"证书","id":"0102","private":false,"size":7},` +
				`{"number":4,"class":"data","label":"公章","private":true,"size":262144}]`
			if string(got) != want {
				t.Errorf("objects\n%s, want\n%s", got, want)
			}
			if d.Label != "TRAINING KEY 示范" || d.Profile != profile {
				t.Errorf("label %q, profile %q", d.Label, d.Profile)
			}
			noStrayFiles(t, dir)
		})
	}
}

// noStrayFiles: no temporary file stays, and nobody else may read the store.
func noStrayFiles(t *testing.T, dir string) {
	t.Helper()
	files := 0
	check(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		check(t, err)
		info, err := e.Info()
		check(t, err)
		if strings.Contains(path, ".tmp") {
			t.Errorf("left behind: %s", path)
		}
		if !e.IsDir() {
			files++
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: mode %v", path, info.Mode())
			}
		}
		return nil
	}))
	if files == 0 {
		t.Error("no file at all")
	}
}

func TestSlot_refuses(t *testing.T) {
	s, dir := newSlot(t, store.TokenSpec{Profile: "gbk"})
	over := [32]byte{0xff, 0xff, 0xff, 0xff, 0xff}
	for name, err := range map[string]error{
		"zero key":       s.AddKey([]byte{1}, [32]byte{}, ""),
		"key past order": s.AddKey([]byte{1}, over, ""),
		"huge value":     s.AddData("x", "", make([]byte, store.MaxValue+1), false),
		"huge label":     s.AddData(strings.Repeat("x", store.MaxINI), "", nil, false),
		"not in GBK":     s.AddData("ᠮᠣᠩᠭᠣᠯ", "", nil, false),
		"tries":          s.SetTries(-1),
		"pad":            s.SetFlags(store.Flags{Pad: "dance"}),
		"pad delay":      s.SetFlags(store.Flags{PadDelayMS: -1}),
		"fault":          s.Fault("no-such-fault", ""),
		"fault point":    s.Fault("nowhere:abort", ""),
		"fault argument": s.Fault("sleep", "1\nabort"),
		"fault words":    s.Fault("sleep", "1 2 3"),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	d, err := s.Describe()
	check(t, err)
	if len(d.Objects) != 0 || len(d.Faults) != 0 {
		t.Errorf("refused things are on the token: %+v", d)
	}
	if _, err := store.Open(dir, 5); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent slot: %v, want ErrNotExist", err)
	}
	if _, err := store.Slots(filepath.Join(dir, "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent store: %v, want ErrNotExist", err)
	}
}

func TestSlot_states(t *testing.T) {
	s, _ := newSlot(t, store.TokenSpec{UserPIN: "123456", MaxTries: 5})
	check(t, s.Remove()) // absent: no error
	check(t, s.Insert())
	check(t, s.SetTries(0))
	check(t, s.Fault("sleep", "5 x2"))
	check(t, s.Fault("cert-mismatch", ""))
	check(t, s.Fault("login:rv", "0x30"))
	d, err := s.Describe()
	check(t, err)
	if !d.Present || d.TriesLeft != 0 || d.MaxTries != 5 {
		t.Errorf("state: %+v", d)
	}
	if got := strings.Join(d.Faults, "|"); got != "sign:sleep 5 x2|cert:cert-mismatch|login:rv 0x30" {
		t.Errorf("faults %q", got)
	}
	check(t, s.ClearFaults())
	check(t, s.Unlock())
	check(t, s.Remove())
	d, err = s.Describe()
	check(t, err)
	if d.Present || d.TriesLeft != 5 || len(d.Faults) != 0 {
		t.Errorf("state: %+v", d)
	}
}

func TestDescribe_damaged(t *testing.T) {
	for name, text := range map[string]string{
		"no class": "label = 00\n", "class": "class = 09\n", "label": "class = 00\nlabel = zz\n", "line": "class\n",
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := newSlot(t, store.TokenSpec{})
			check(t, os.WriteFile(filepath.Join(s.Dir(), "obj", "07.attr"), []byte(text), 0o600))
			if _, err := s.Describe(); err == nil || !strings.Contains(err.Error(), "07") {
				t.Errorf("%v, want an error that names the object", err)
			}
		})
	}
	s, dir := newSlot(t, store.TokenSpec{})
	check(t, os.WriteFile(filepath.Join(s.Dir(), "pin"), []byte("user-pin = 313\n"), 0o600))
	if _, err := s.Describe(); err == nil || strings.Contains(err.Error(), "313") {
		t.Errorf("damaged pin file: %v", err)
	}
	check(t, os.WriteFile(filepath.Join(s.Dir(), "token.ini"), make([]byte, store.MaxINI+1), 0o600))
	if _, err := store.Open(dir, 0); err == nil {
		t.Error("an oversized token.ini was read")
	}
}
