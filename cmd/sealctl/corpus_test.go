package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sealdesk/cmd/softkey/store"
)

// corpusResult is what `seal --json` and `verify --json` say of one file.
type corpusResult struct {
	Input, File, Output, Status, Verdict string
	Error                                *struct {
		Key           string
		Exit          int
		What, Why, Do string
	}
}

// TestCorpus_commands gives the files of the corpus, whatever their state, to the commands as a person would: every file is sealed and
// verifies, or is refused with a sentence and exit code 20 or 13; nothing else is left on disk.
func TestCorpus_commands(t *testing.T) {
	files := corpusFiles(t)
	module := store.BuildForTest(t)
	dir := t.TempDir()
	if err := furnish(dir, module); err != nil {
		t.Fatal(err)
	}
	sealed, refused := 0, map[string]int{}
	for chunk := range slices.Chunk(files, 50) {
		sealed += corpusSeal(t, dir, chunk, refused)
		corpusVerify(t, dir, chunk)
	}
	t.Logf("%d of %d files sealed, refused: %v", sealed, len(files), refused)
	if sealed < len(files)/2 || len(refused) == 0 {
		t.Error("too few files sealed, or none refused")
	}
}

// corpusSeal seals files in one batch and verifies what came of it. The answer is the number of sealed files.
func corpusSeal(t *testing.T, dir string, files []string, refused map[string]int) int {
	t.Helper()
	out, err := os.MkdirTemp(dir, "out")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(out)
	config := filepath.Join(dir, "numbered.toml")
	text, code := child(t, dir, storyPIN+"\n", append([]string{"--config", config, "seal", "--json", "--at", "50,50", "--out-dir", out, "--pin-stdin", "--"}, files...)...)
	var sealed, first []string
	for _, r := range corpusResults(t, text, len(files)) {
		switch {
		case r.Status == "sealed":
			sealed = append(sealed, filepath.Base(r.Output))
		case r.Error == nil || r.Error.Exit != 20 && r.Error.Exit != 13 || r.Error.What == "" || r.Error.Why == "" || r.Error.Do == "":
			t.Errorf("%s: %s, %+v", r.Input, r.Status, r.Error)
		default:
			refused[r.Error.Key]++
			first = append(first, strconv.Itoa(r.Error.Exit))
		}
	}
	if want := append(first, "0")[0]; strconv.Itoa(code) != want {
		t.Errorf("exit %d, want that of the first refusal, %s", code, want)
	}
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	var made []string
	for _, e := range entries {
		if !slices.Contains(sealed, e.Name()) {
			t.Errorf("%s was left", e.Name())
		}
		made = append(made, filepath.Join(out, e.Name()))
	}
	if len(made) == 0 && len(sealed) == 0 {
		return 0
	}
	text, code = child(t, dir, "", append([]string{"verify", "--json", "--"}, made...)...)
	if code != 0 || len(made) != len(sealed) {
		t.Errorf("%d files for %d seals, verify: exit %d", len(made), len(sealed), code)
	}
	for _, r := range corpusResults(t, text, len(made)) {
		if r.Verdict != "valid" && r.Verdict != "valid_with_notice" {
			t.Errorf("%s: %s", r.File, r.Verdict)
		}
	}
	return len(sealed)
}

// corpusVerify verifies the files as they are: none carries an SM2 seal, so none may be called valid.
func corpusVerify(t *testing.T, dir string, files []string) {
	t.Helper()
	text, _ := child(t, dir, "", append([]string{"verify", "--json", "--"}, files...)...)
	for _, r := range corpusResults(t, text, len(files)) {
		if strings.HasPrefix(r.Verdict, "valid") || r.Error != nil && (r.Error.Exit != 20 || r.Error.Why == "") {
			t.Errorf("%s: %s, %+v", r.File, r.Verdict, r.Error)
		}
	}
}

// corpusFiles lists the shared corpus; in the short run every twentieth file.
func corpusFiles(t *testing.T) []string {
	root, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "testdata", "pdf"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(root, "MANIFEST.tsv"))
	if err != nil {
		t.Skip("the shared corpus ../shared/testdata/pdf is absent")
	}
	defer f.Close()
	var all []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, _, _ := strings.Cut(lines.Text(), "\t"); name != "path" {
			all = append(all, filepath.Join(root, name))
		}
	}
	if lines.Err() != nil || len(all) < 1000 {
		t.Fatalf("the manifest lists %d files, %v", len(all), lines.Err())
	}
	if os.Getenv("SEALDESK_LONG") != "" {
		return all
	}
	var some []string
	for i := 0; i < len(all); i += 20 {
		some = append(some, all[i])
	}
	return some
}

// corpusResults reads the lines of JSON among the output, one for each file.
func corpusResults(t *testing.T, text string, n int) []corpusResult {
	t.Helper()
	var out []corpusResult
	for l := range strings.Lines(text) {
		if !strings.HasPrefix(l, "{") {
			continue
		}
		var r corpusResult
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			t.Fatalf("%v: %s", err, l)
		}
		out = append(out, r)
	}
	if len(out) != n {
		t.Fatalf("%d results for %d files", len(out), n)
	}
	return out
}
