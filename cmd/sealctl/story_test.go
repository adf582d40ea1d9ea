package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sealdesk/cmd/softkey/store"
	"sealdesk/pdfseal/page"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/ui/job/worker"
)

// storyPIN is no run of hexadecimal digits, so that no digest or signature holds it by chance.
const storyPIN = "kQ7-271828"

func TestMain(m *testing.M) {
	if worker.Requested(os.Args) { // a worker runs the program's own file, not the name that a story calls it by
		os.Exit(Main())
	}
	testscript.Main(m, map[string]func(){"sealctl": func() { os.Exit(Main()) }})
}

// TestStories runs the program as a process of its own on a training key, through its real PKCS#11 module.
func TestStories(t *testing.T) {
	module := store.BuildForTest(t)
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	if err := page.Warm(t.Context()); err != nil { // what stands under a change is looked up for a few seconds, which a first start alone may take
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("SEALDESK_CONFIG_DIR", e.WorkDir)
			e.Setenv("XDG_CACHE_HOME", cache) // compiled pdfium; the stories have no home
			e.Setenv("WORK", e.WorkDir)
			if err := furnish(e.WorkDir, module); err != nil {
				return err
			}
			root, err := os.ReadFile(filepath.Join(e.WorkDir, "root.txt"))
			e.Setenv("ROOT", string(root))
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"key": keyStep, "flip": flipStep, "append": appendStep, "cut": cutStep, "tail": tailStep, "pinfree": pinfreeStep, "files": filesStep, "code": codeStep, "change": changeStep,
		},
	})
}

// furnish puts a practice office into dir: two keys of which the first is plugged in, a trust bundle, settings and documents.
func furnish(dir, module string) error { return furnishProfile(dir, module, "", "") }

// furnishProfile is furnish with keys of a vendor profile and more lines below [key] in the settings.
func furnishProfile(dir, module, profile, settings string) error {
	now := time.Now()
	pki, err := sealtest.NewPKI(now)
	if err != nil {
		return err
	}
	for slot, unit := range []string{"示范旗人民政府", "示范旗财政局"} {
		if err := provision(dir, slot, unit, profile, pki, now); err != nil {
			return err
		}
	}
	root, err := furnishTrust(dir, pki, now)
	if err != nil {
		return err
	}
	pdfs, err := samples()
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"pin": []byte(storyPIN + "\n"), "wrong": []byte("kQ7-161803\n"), "empty": nil,
	} {
		pdfs[name] = data
	}
	key := fmt.Sprintf("[key]\nmodule = %q\ntraining_store = \"softkey\"\n", module) + settings
	for name, text := range map[string]string{
		"sealdesk.toml":      "trust = \"trust.sdtb\"\n" + root + key,
		"numbered.toml":      "trust = \"trust.sdtb\"\n" + root + key + "[output]\nexisting = \"number\"\nsuffix = \"_sealed\"\n",
		"folder.toml":        "trust = \"trust.sdtb\"\n" + root + key + "[output]\ndir = \"made\"\n",
		"notrust.toml":       "trust = \"\"\n" + root + key,
		"allowed.toml":       root + key + "[policy]\nseal_without_trust = true\n",
		"strict.toml":        "trust = \"trust.sdtb\"\n" + root + key + "[policy]\nrefuse = [\"name_match\"]\n",
		"settings/none.toml": "lang = \"zh\"\n",
	} {
		pdfs[name] = []byte(text)
	}
	if err := os.Mkdir(filepath.Join(dir, "settings"), 0o700); err != nil {
		return err
	}
	for name, data := range pdfs {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// provision makes one key with its two certificates and one seal.
func provision(dir string, slot int, unit, profile string, pki *sealtest.PKI, now time.Time) error {
	root := filepath.Join(dir, "softkey")
	spec := store.TokenSpec{Label: fmt.Sprintf("story %d", slot), Serial: fmt.Sprintf("0011223%d", slot), UserPIN: storyPIN, SOPIN: "so-" + storyPIN, MaxTries: 3, Profile: profile}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return err
	}
	if err := store.Init(root, slot, spec); err != nil {
		return err
	}
	holder, err := pki.NewHolder(unit, "保管人", now.Add(-time.Hour), now.AddDate(1, 0, 0))
	if err != nil {
		return err
	}
	seal, err := pki.NewSeal(sealtest.SealSpec{ID: fmt.Sprintf("1500000000000%d", slot), Name: unit, Picture: sealtest.SquarePicture(64),
		WidthMM: 42, HeightMM: 42, ValidFrom: now.Add(-time.Hour), ValidTo: now.AddDate(1, 0, 0)}, holder)
	if err != nil {
		return err
	}
	s, err := store.Open(root, slot)
	if err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return s.AddKey([]byte{1}, holder.SignKey.D(), "sign") },
		func() error { return s.AddCertificate([]byte{1}, holder.SignCert, "sign") },
		func() error { return s.AddKey([]byte{2}, holder.EncKey.D(), "enc") },
		func() error { return s.AddCertificate([]byte{2}, holder.EncCert, "enc") },
		func() error { return s.AddData("seal", "", seal, false) },
		s.Remove,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	if slot == 0 {
		return s.Insert()
	}
	return nil
}

// keyStep is `key [-slot N] insert|remove|tries N|fault NAME [ARG]|clear|changed`.
func keyStep(ts *testscript.TestScript, neg bool, args []string) {
	slot := 0
	if len(args) > 1 && args[0] == "-slot" {
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		slot, args = n, args[2:]
	}
	s, err := store.Open(ts.MkAbs("softkey"), slot)
	ts.Check(err)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: key [-slot N] insert|remove|tries N|fault NAME [ARG]|clear|changed")
	}
	switch args[0] {
	case "insert":
		ts.Check(s.Insert())
	case "remove":
		ts.Check(s.Remove())
	case "tries":
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		ts.Check(s.SetTries(n))
	case "fault":
		ts.Check(s.Fault(args[1], strings.Join(args[2:], " ")))
	case "clear":
		ts.Check(s.ClearFaults())
	case "changed":
		ts.Check(s.SetFlags(store.Flags{ToBeChanged: true}))
	default:
		ts.Fatalf("key: unknown step %s", args[0])
	}
}

// flipStep is `flip FILE TEXT`: one bit of the first byte of the first occurrence of TEXT changes.
func flipStep(ts *testscript.TestScript, neg bool, args []string) {
	path, data := readStep(ts, neg, args, 2)
	at := bytes.Index(data, []byte(args[1]))
	if at < 0 {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	data[at] ^= 1
	ts.Check(os.WriteFile(path, data, 0o600))
}

// appendStep is `append FILE TEXT`.
func appendStep(ts *testscript.TestScript, neg bool, args []string) {
	path, data := readStep(ts, neg, args, 2)
	ts.Check(os.WriteFile(path, append(data, args[1]+"\n"...), 0o600))
}

// cutStep is `cut FILE N`: the last N bytes go.
func cutStep(ts *testscript.TestScript, neg bool, args []string) {
	path, data := readStep(ts, neg, args, 2)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(path, data[:len(data)-n], 0o600))
}

// tailStep is `tail FILE`: one bit of the last byte changes.
func tailStep(ts *testscript.TestScript, neg bool, args []string) {
	path, data := readStep(ts, neg, args, 1)
	data[len(data)-1] ^= 1
	ts.Check(os.WriteFile(path, data, 0o600))
}

func readStep(ts *testscript.TestScript, neg bool, args []string, want int) (string, []byte) {
	if neg || len(args) != want {
		ts.Fatalf("wrong use of a step: %v", args)
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	return path, data
}

// codeStep is `code N COMMAND…`: the command must end with exit code N. Its output is kept for stdout and stderr.
func codeStep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND...")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		m := regexp.MustCompile(`exit status (\d+)`).FindStringSubmatch(err.Error())
		if m == nil {
			ts.Fatalf("%v", err)
		}
		got, _ = strconv.Atoi(m[1])
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
	pinfreeStep(ts, false, nil)
}

var longHex = regexp.MustCompile(`[0-9a-fA-F]{64,}`)

// pinfreeStep fails if the PIN stands anywhere: in what the last command printed or in a file; or if the log holds a key or container.
func pinfreeStep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: pinfree")
	}
	for _, name := range []string{"stdout", "stderr"} {
		if strings.Contains(ts.ReadFile(name), storyPIN) {
			ts.Fatalf("the PIN was printed on %s", name)
		}
	}
	if m := longHex.FindString(ts.ReadFile("stderr")); m != "" {
		ts.Fatalf("a long run of hexadecimal digits was printed on stderr: %s", m)
	}
	err := filepath.WalkDir(ts.MkAbs("."), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || d.Name() == "pin" {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(storyPIN)) {
			ts.Fatalf("the PIN stands in %s", path)
		}
		return err
	})
	ts.Check(err)
}

// filesStep is `files DIR NAME…`: DIR holds exactly these files.
func filesStep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: files DIR NAME...")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(args[1:], " ") {
		ts.Fatalf("%s holds %v, want %v", args[0], got, args[1:])
	}
}
