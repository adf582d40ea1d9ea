package trust

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// TestBundle_witness takes a bundle apart by the package's documentation, with
// OpenSSL for DER, SM3 and the update certificate, and without this package's
// reader.
func TestBundle_witness(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	w := newWorld(t)
	const n = 3000
	raw := write(t, w.spec(t), seals(n), w.by.key())
	dir := t.TempDir()
	openssl := func(in []byte, args ...string) []byte {
		t.Helper()
		cmd := exec.Command("openssl", args...)
		cmd.Stdin = bytes.NewReader(in)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, stderr.Bytes())
		}
		return out
	}
	sm3 := func(b []byte) []byte { t.Helper(); return openssl(b, "dgst", "-sm3", "-binary") }

	if string(raw[:8]) != "\x89SDTB\r\n\x1a" || raw[8] != 1 || raw[9] != 1 {
		t.Fatalf("% x", raw[:10])
	}
	size := int(binary.BigEndian.Uint32(raw[10:]))
	signature, rest := raw[14:14+size], raw[14+size:]
	// The manifest is the one OCTET STRING of the encapsulated content, which holds JSON.
	dump := openssl(signature, "asn1parse", "-inform", "DER")
	content := regexp.MustCompile(`(?m)^ *(\d+):d=4 +hl=(\d+) l= *(\d+) prim: +OCTET STRING`).FindSubmatch(dump)
	if content == nil {
		content = regexp.MustCompile(`(?m)^ *(\d+):d=5 +hl=(\d+) l= *(\d+) prim: +OCTET STRING`).FindSubmatch(dump)
	}
	if content == nil {
		t.Fatalf("%s", dump)
	}
	at, head, length := number(t, content[1]), number(t, content[2]), number(t, content[3])
	var m struct {
		Number   int
		Roots    []string
		Sections []struct {
			Name  string
			Size  int
			SM3   string
			Pages struct {
				Size  int
				Index string
			}
		}
	}
	if err := json.Unmarshal(signature[at+head:at+head+length], &m); err != nil {
		t.Fatal(err)
	}
	if m.Number != 3 || len(m.Sections) != 3 {
		t.Fatalf("%+v", m)
	}
	root, err := base64.StdEncoding.DecodeString(m.Roots[0])
	if err != nil || Fingerprint(root) != "sm3:"+hex.EncodeToString(sm3(root)) {
		t.Errorf("root: %v", err)
	}
	verifyUpdate(t, openssl, dir, root, w.by.update.cert.Raw)

	if list := m.Sections[0]; list.Name != "crl" || list.SM3 != hex.EncodeToString(sm3(rest[:list.Size])) {
		t.Errorf("%+v", list)
	}
	table := rest[m.Sections[0].Size:][:m.Sections[1].Size]
	if m.Sections[1].Name != "seals" || len(table) != n*32 {
		t.Fatalf("%d bytes", len(table))
	}
	index, err := base64.StdEncoding.DecodeString(m.Sections[1].Pages.Index)
	if err != nil || len(index) != 2*48 {
		t.Fatalf("index of %d bytes, %v", len(index), err)
	}
	for p := range 2 {
		page := table[p*65536 : min(len(table), (p+1)*65536)]
		if !bytes.Equal(index[p*48:][:16], page[:16]) || !bytes.Equal(index[p*48+16:][:32], sm3(page)) {
			t.Errorf("page %d", p)
		}
	}
	for id, want := range map[int]struct {
		state byte
		since time.Time
	}{1: {1, day(-100)}, 16: {1, day(-50)}, 10: {3, day(-10)}, n - 1: {1, day(-100)}} {
		key, found := sm3([]byte(sealID(id)))[:16], false
		for b := table; len(b) > 0; b = b[32:] {
			if bytes.Equal(b[:16], key) {
				found = b[16] == want.state && binary.BigEndian.Uint32(b[20:]) == 152999 && int64(binary.BigEndian.Uint64(b[24:])) == want.since.UnixMilli()
			}
		}
		if !found {
			t.Errorf("seal %d is not in the table as it should be", id)
		}
	}
}

func number(t *testing.T, b []byte) int {
	t.Helper()
	var n int
	if err := json.Unmarshal(b, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// verifyUpdate lets OpenSSL check that the root issued the update certificate.
func verifyUpdate(t *testing.T, openssl func([]byte, ...string) []byte, dir string, root, update []byte) {
	t.Helper()
	for name, der := range map[string][]byte{"root.pem": root, "update.pem": update} {
		if err := os.WriteFile(filepath.Join(dir, name), openssl(der, "x509", "-inform", "DER"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := openssl(nil, "verify", "-attime", "1772442000", "-vfyopt", "distid:1234567812345678", "-CAfile", filepath.Join(dir, "root.pem"), filepath.Join(dir, "update.pem"))
	if !bytes.Contains(out, []byte("update.pem: OK")) {
		t.Errorf("%s", out)
	}
}
