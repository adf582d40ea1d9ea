package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sealdesk/cmd/sealcenter/internal/centretest"
	"sealdesk/cmd/sealcenter/internal/words"
	"sealdesk/cmd/softkey/store"
	"sealdesk/pdfseal/ses"
)

// asProgram lets the test binary be the program, so that it can be killed.
const asProgram = "SEALCENTER_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main())
	}
	testscript.Main(m, map[string]func(){"sealcenter": func() { os.Exit(Main()) }})
}

func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("SEALCENTER_DIR", filepath.Join(e.WorkDir, "centre"))
			e.Setenv("O", "--who=张三 --why=新设 --application=内印〔2026〕1号")
			if err := os.WriteFile(filepath.Join(e.WorkDir, "seal.png"), centretest.Picture().Data, 0o600); err != nil {
				return err
			}
			for _, name := range []string{"a", "b"} {
				if err := os.WriteFile(filepath.Join(e.WorkDir, name+".pub"), centretest.Key(t).Public().Point(), 0o600); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"desk": deskStep, "mode": modeStep, "softkey-takes": softkeyStep},
	})
}

// deskStep is `desk [code] COMMAND ...`: sealcenter with the ground of a change added.
func deskStep(ts *testscript.TestScript, neg bool, args []string) {
	order := []string{"--who=张三", "--why=新设", "--application=内印〔2026〕1号"}
	err := ts.Exec("sealcenter", append(slices.Clone(args), order...)...)
	if neg != (err != nil) {
		ts.Fatalf("sealcenter %v: %v", args, err)
	}
}

// modeStep is `mode 0600 FILE...`: every file has the mode.
func modeStep(ts *testscript.TestScript, _ bool, args []string) {
	for _, pattern := range args[1:] {
		files, err := filepath.Glob(ts.MkAbs(pattern))
		ts.Check(err)
		if len(files) == 0 {
			ts.Fatalf("no file %s", pattern)
		}
		for _, f := range files {
			st, err := os.Stat(f)
			ts.Check(err)
			if st.Mode().Perm().String() != args[0] {
				ts.Fatalf("%s has mode %v", f, st.Mode().Perm())
			}
		}
	}
}

// softkeyStep is `softkey-takes FILE`: the training UsbKey takes the seal, which verifies.
func softkeyStep(ts *testscript.TestScript, _ bool, args []string) {
	raw, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	seal, err := ses.ParseSeal(raw)
	ts.Check(err)
	ts.Check(seal.VerifyValue())
	dir := ts.MkAbs("softkey")
	ts.Check(store.Init(dir, 0, store.TokenSpec{Label: "TEST", UserPIN: "12345678", SOPIN: "87654321", Profile: "sansec"}))
	key, err := store.Open(dir, 0)
	ts.Check(err)
	ts.Check(key.AddData("印章", "seal", raw, false))
}

// TestCatalogues: every error has its three sentences in both languages, and help is whole.
func TestCatalogues(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		cat, err := words.New(lang)
		if err != nil {
			t.Fatal(err)
		}
		known := map[string]bool{}
		for _, k := range errorKeys() {
			for _, part := range []string{".what", ".why", ".do"} {
				known[errorPrefix+k+part] = true
				if strings.Contains(cat.T(errorPrefix+k+part, nil), "«") {
					t.Errorf("%s: no %s", lang, errorPrefix+k+part)
				}
			}
		}
		if len(known) < 90 {
			t.Fatalf("only %d sentences of errors", len(known))
		}
		for _, k := range cat.Keys(errorPrefix) {
			if !known[k] {
				t.Errorf("%s: %s belongs to no error", lang, k)
			}
		}
	}
	if _, err := words.New("fr"); err == nil {
		t.Error("French has no catalogue")
	}
}

// TestHelp prints the help of every command in both languages; a text that is missing shows.
func TestHelp(t *testing.T) {
	commands := []string{"", "init", "department", "issue", "replace", "suspend", "resume", "cancel", "report-lost", "bundle", "client", "anchor", "rotate-root", "server-cert", "serve", "show"}
	han := regexp.MustCompile(`\p{Han}`)
	for _, lang := range []string{"zh", "en"} {
		cat, err := words.New(lang)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		var helped bool
		k, err := newParser(&cli{}, cat, &out, &out, &helped)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range commands {
			out.Reset()
			helped = false
			_, _ = k.Parse(append(strings.Fields(c), "--help")) // after help the rest of the line does not matter
			text := strings.ReplaceAll(out.String(), "内政办字〔2018〕56号", "")
			if !helped || text == "" || strings.Contains(text, "«") || han.MatchString(text) != (lang == "zh") {
				t.Errorf("%s, %s:\n%s", c, lang, text)
			}
		}
	}
}

func TestRun_unknownLanguage(t *testing.T) {
	var errs bytes.Buffer
	if code := run(t.Context(), []string{"--lang", "fr", "show"}, io.Discard, &errs); code != exitUsage {
		t.Errorf("%d: %s", code, errs.String())
	}
}
