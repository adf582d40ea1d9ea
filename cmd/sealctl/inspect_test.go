package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sealdesk/pdfseal"
)

// sealData finds the third-party seals of the shared test data.
func sealData(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "testdata", "seals")
	if _, err := os.Stat(filepath.Join(dir, "README.md")); err != nil {
		t.Skipf("shared test data is not here: %v", err)
	}
	return dir
}

type inspected struct {
	Kind, Version string
	Checks        []pdfseal.Check
	Seal          struct {
		Name    string
		Kind    int
		Picture struct {
			Format                               string
			WidthMM, HeightMM, WidthPx, HeightPx int
		}
		Signers []struct{ Serial string }
		Maker   struct{ Serial string }
	}
}

func inspectFile(t *testing.T, args ...string) (inspected, int) {
	t.Helper()
	t.Setenv("SEALDESK_CONFIG_DIR", t.TempDir())
	var out bytes.Buffer
	code := run(t.Context(), append([]string{"inspect", "--json"}, args...), system{stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard})
	var i inspected
	if err := json.Unmarshal(out.Bytes(), &i); err != nil {
		t.Fatalf("%v: %v: %s", args, err, out.String())
	}
	return i, code
}

func (i inspected) want(t *testing.T, name string, checks map[string]string) {
	t.Helper()
	for id, want := range checks {
		found := false
		for _, c := range i.Checks {
			if c.ID != id {
				continue
			}
			found = true
			status, code, _ := strings.Cut(want, " ")
			if string(c.Status) != status || !strings.HasPrefix(c.Detail, code) {
				t.Errorf("%s: %s is %s (%s), want %s", name, id, c.Status, c.Detail, want)
			}
		}
		if !found {
			t.Errorf("%s: no check %s", name, id)
		}
	}
}

// TestInspect_thirdParty gives the results that the README of the shared seals states.
func TestInspect_thirdParty(t *testing.T) {
	dir := sealData(t)
	const serialS, serialM = "01719D2DAB60", "01719D2E201D"
	for _, c := range []struct {
		file, at, kind, version, name string
		exit                          int
		checks                        map[string]string
	}{
		{"UserV1.esl", "2020-10-12T11:14:03Z", kindSeal, "1", "OFDRW测试用印章", 0, map[string]string{"seal_value": "passed", "seal_period": "passed", "maker_period": "passed"}},
		{"UserV4.esl", "2020-10-12T11:14:03Z", kindSeal, "4", "OFD R&W 测试用印章", 0, map[string]string{"seal_value": "passed", "seal_period": "passed", "maker_period": "passed"}},
		{"UserV4.esl", "2023-01-01T00:00:00Z", kindSeal, "4", "OFD R&W 测试用印章", 3, map[string]string{"seal_value": "passed", "seal_period": "failed SEAL_EXPIRED"}},
		{"UserV5.esl", "2027-01-01T00:00:00Z", kindSeal, "5", "OFD R&W V5测试用印章", 3, map[string]string{"seal_value": "passed", "seal_period": "passed", "maker_period": "failed MAKER_EXPIRED", "timestamp": "skipped"}},
		{"UserV5_ts.esl", "2027-01-01T00:00:00Z", kindSeal, "5", "OFD R&W V5测试用印章", 3, map[string]string{"seal_value": "passed", "seal_period": "passed", "maker_period": "failed MAKER_EXPIRED", "timestamp": "failed TIMESTAMP"}},
		{"SignedValueV4.dat", "", kindSignature, "4", "OFD R&W 测试用印章", 3, map[string]string{"signature_value": "passed", "seal_value": "passed", "signer_listed": "passed",
			"seal_period": "passed", "signer_period": "passed", "maker_period": "passed", "data_hash": "failed HASH_MISMATCH", "timestamp": "skipped"}},
		{"SignedValueV5.dat", "", kindSignature, "5", "OFD R&W V5测试用印章", 3, map[string]string{"signature_value": "passed", "seal_value": "passed", "signer_listed": "passed",
			"seal_period": "passed", "signer_period": "failed SIGNER_EXPIRED_AT_SIGNING", "maker_period": "failed MAKER_EXPIRED", "data_hash": "failed HASH_MISMATCH"}},
	} {
		args := []string{filepath.Join(dir, c.file), "--protected", filepath.Join(dir, "README.md")}
		if c.at != "" {
			args = append(args, "--at", c.at)
		}
		i, code := inspectFile(t, args...)
		if i.Kind != c.kind || i.Version != c.version || i.Seal.Name != c.name || code != c.exit {
			t.Errorf("%s: kind %s, version %s, name %s, exit %d", c.file, i.Kind, i.Version, i.Seal.Name, code)
		}
		if p := i.Seal.Picture; p.Format != "png" || p.WidthMM != 40 || p.HeightMM != 40 || p.WidthPx != 400 || p.HeightPx != 400 {
			t.Errorf("%s: picture %+v", c.file, p)
		}
		if s := i.Seal.Signers; len(s) != 1 || s[0].Serial != serialS || i.Seal.Maker.Serial != serialM {
			t.Errorf("%s: signers %+v, maker %s", c.file, s, i.Seal.Maker.Serial)
		}
		i.want(t, c.file, c.checks)
	}
}

// FuzzInspect reads arbitrary containers: exit 0, 3 or 20, never a fault of the program.
func FuzzInspect(f *testing.F) {
	for _, s := range []string{"", "{}", "0", "%PDF-1.7", "-----BEGIN CMS-----\nMAA=\n-----END CMS-----\n", "\x30\x06\x30\x04\x02\x01\x04\x05\x00", "\x30\x80"} {
		f.Add([]byte(s))
	}
	if raw, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "testdata", "seals", "SignedValueV4.dat")); err == nil {
		f.Add(raw)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, in []byte) {
		path := filepath.Join(dir, "in")
		if err := os.WriteFile(path, in, 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		code := run(t.Context(), []string{"--config", os.DevNull, "inspect", "--json", path}, system{stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard})
		if code != 0 && code != 3 && code != 20 {
			t.Fatalf("exit %d: %s", code, out.String())
		}
	})
}
