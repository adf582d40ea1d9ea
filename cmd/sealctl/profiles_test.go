package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sealdesk/cmd/softkey/store"
)

// configured are the profiles that the settings have to state: their numbers are in no table, or must not be guessed.
var configured = map[string]string{
	"mk1": "[[key.profile]]\nname = \"mk1\"\nmanufacturer = [\"MK-1\"]\n",
	"ec-sm2-vendor": "[[key.profile]]\nname = \"ec\"\nmanufacturer = [\"EC style\"]\nkey_type = 3\n" +
		"sign = [{mechanism = 0x80001041, in = \"digest\"}]\n",
	"custom": "[[key.profile]]\nname = \"custom\"\nkey_type = 0xfffff001\n" +
		"sign = [{mechanism = 0xfffff003, in = \"message\", user_id = true}, {mechanism = 0xfffff002, in = \"digest\", out = \"raw\"}]\n",
}

// impossible are the profiles that cannot make an SM2 signature at all.
var impossible = map[string]string{"ec-sm2": "不能做国密签名"}

// child runs the program as a process of its own and returns its output and exit code.
func child(t *testing.T, dir, stdin string, args ...string) (string, int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe)
	cmd.Args, cmd.Dir, cmd.Stdin = append([]string{"sealctl"}, args...), dir, strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "SEALDESK_CONFIG_DIR="+dir)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// TestProfiles seals with every vendor profile of the training key: a correct file or a clear refusal, never a wrong file.
func TestProfiles(t *testing.T) {
	module := store.BuildForTest(t)
	names := store.Profiles()
	if len(names) < 10 {
		t.Fatalf("only %d profiles", len(names))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := furnishProfile(dir, module, name, configured[name]); err != nil {
				t.Fatal(err)
			}
			out, code := child(t, dir, storyPIN+"\n", "seal", "one.pdf", "-o", "out.pdf", "--at", "60,60", "--pin-stdin")
			if why, no := impossible[name]; no {
				if _, err := os.Stat(filepath.Join(dir, "out.pdf")); code != 10 || !strings.Contains(out, why) || err == nil {
					t.Errorf("exit %d, output left: %v: %s", code, err == nil, out)
				}
				return
			}
			if code != 0 {
				t.Fatalf("exit %d: %s", code, out)
			}
			if out, code := child(t, dir, "", "verify", "out.pdf"); code != 0 {
				t.Errorf("verify: exit %d: %s", code, out)
			}
		})
	}
}
