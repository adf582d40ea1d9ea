package cmdline

import (
	"bytes"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// keys stands for a catalogue: a key is its own sentence.
type keys struct{}

func (keys) T(key string, _ map[string]string) string { return "«" + key + "»" }

type program struct {
	Level string `enum:",warn,info" default:""`
	Seal  struct {
		In      []string `arg:""`
		Output  string   `short:"o" xor:"out"`
		OutDir  string   `xor:"out"`
		Page    string
		Count   int
		Offline bool
	} `cmd:""`
	Extract struct {
		File string `arg:""`
		To   string `required:"" placeholder:"OUT"`
		Key  string `type:"existingfile"`
	} `cmd:""`
}

func parse(t *testing.T, out *bytes.Buffer, args ...string) (program, error) {
	t.Helper()
	var p program
	k, err := kong.New(&p, append(Options(keys{}, "more", "codes"), kong.Name("prog"), kong.Writers(out, out), kong.Exit(func(int) {}))...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Parse(args)
	return p, err
}

// TestWrong: every mistake that a person makes at the command line has a sentence of its own.
func TestWrong(t *testing.T) {
	cases := map[string]struct {
		key, part string
	}{
		"seal a --offlin":                {"flag_near", "--offline"},
		"seal a --qqqqqqqqq":             {"flag", "--qqqqqqqqq"},
		"sael a":                         {"argument_near", "seal"},
		"extract a b --to c":             {"argument", "b"},
		"extract a":                      {"flags_missing", "--to=OUT"},
		"":                               {"command_missing", "seal, extract"},
		"seal":                           {"argument_missing", "<in> ..."},
		"seal a --level loud":            {"choice", "warn,info"},
		"seal a -o b --out-dir c":        {"together", "--out-dir"},
		"seal a --page":                  {"value_missing", "--page"},
		"seal a -o":                      {"value_missing", "--output"},
		"seal a -o --offline":            {"value_missing", "--output"},
		"seal a --page --output=x":       {"value_missing", "--page"},
		"seal a --count many":            {"number", "many"},
		"seal a --offline=perhaps":       {"switch", "perhaps"},
		"seal a --count":                 {"number", ""},
		"extract a --to=b --key=no/such": {"file_missing", "no/such"},
		"extract a --to=b --key=.":       {"file_folder", ""},
		"extract a --to=b --level=\t":    {"choice", "warn"},
	}
	for line, want := range cases {
		_, err := parse(t, &bytes.Buffer{}, strings.FieldsFunc(line, func(r rune) bool { return r == ' ' })...)
		if err == nil {
			t.Errorf("%q is accepted", line)
			continue
		}
		got := Wrong(err)
		said := ""
		for _, v := range got.Data {
			said += v + "\n"
		}
		if got.Key != want.key || !strings.Contains(said, want.part) {
			t.Errorf("%q: %s %q (%v)", line, got.Key, got.Data, err)
		}
		if key, data := got.Situation(); key != "usage" || data["usage"] != got.Key {
			t.Errorf("%q: situation %s %v", line, key, data)
		}
	}
}

// TestText: a value may begin with a hyphen where it cannot be taken for a flag.
func TestText(t *testing.T) {
	for line, want := range map[string]string{"--page -1": "-1", "--page -3--1": "-3--1", "--page=-x": "-x", "--page=--offline": "--offline", "--page -": "-", "--page=": ""} {
		p, err := parse(t, &bytes.Buffer{}, append([]string{"seal", "a", "b"}, strings.Fields(line)...)...)
		if err != nil || p.Seal.Page != want || len(p.Seal.In) != 2 || p.Seal.Offline {
			t.Errorf("%q: %+v, %v", line, p.Seal, err)
		}
	}
	if p, err := parse(t, &bytes.Buffer{}, "seal", "--", "-o", "--offline"); err != nil || len(p.Seal.In) != 2 || p.Seal.Offline {
		t.Errorf("files behind --: %+v, %v", p.Seal, err)
	}
}

func TestHelp(t *testing.T) {
	var out bytes.Buffer
	_, _ = parse(t, &out, "--help") // the test does not exit, so kong goes on and misses a command
	for _, want := range []string{"«help.usage» prog «help.command» «help.options»", "«help.flags»", "«help.commands»", "«help.help»", "«more»", "«codes»"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is missing:\n%s", want, out.String())
		}
	}
}

func TestLang(t *testing.T) {
	for line, want := range map[string]string{"--lang en seal": "en", "seal --lang=zh": "zh", "seal": "", "seal -- --lang en": "", "--lang": ""} {
		if got := Lang(strings.Fields(line)); got != want {
			t.Errorf("%q: %q", line, got)
		}
	}
}
