package center_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
)

// centre is the real program with a registry of its own.
type centre struct {
	t        *testing.T
	bin, dir string
}

func buildCentre(t *testing.T) *centre {
	t.Helper()
	c := &centre{t: t, bin: filepath.Join(t.TempDir(), "sealcenter"), dir: filepath.Join(t.TempDir(), "centre")}
	if runtime.GOOS == "windows" {
		c.bin += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", c.bin, "sealdesk/cmd/sealcenter").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	c.run("init", "--name", "示范核验中心", "--division", "150000", "--host", "127.0.0.1", "--listen", "127.0.0.1:0", "--training")
	return c
}

// run carries out a command of the issuing desk and answers what it prints as JSON.
func (c *centre) run(args ...string) map[string]any {
	c.t.Helper()
	args = append([]string{"--dir", c.dir, "--json"}, args...)
	if args[3] != "show" {
		args = append(args, "--who", "制发员", "--why", "测试", "--application", "测字〔2026〕1号")
	}
	cmd := exec.Command(c.bin, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("sealcenter %v: %v\n%s%s", args, err, out, stderr.Bytes())
	}
	var v map[string]any
	if err := json.Unmarshal(out, &v); err != nil {
		c.t.Fatalf("sealcenter %v prints %s", args, out)
	}
	return v
}

// serve starts the endpoint and answers its addresses.
func (c *centre) serve() (overTLS, overTLCP string) {
	c.t.Helper()
	cmd := exec.Command(c.bin, "--dir", c.dir, "--json", "serve", "--tlcp-listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		c.t.Fatal(err)
	}
	var v struct{ Listening, TLCP string }
	if err := json.Unmarshal(line, &v); err != nil {
		c.t.Fatal(err)
	}
	return v.Listening, v.TLCP
}

// client asks for connection files and makes the options of a client with them.
func (c *centre) client(transport, address string) center.Options {
	c.t.Helper()
	dir := filepath.Join(c.t.TempDir(), transport)
	v := c.run("client", "--name", "示范旗印章室 "+transport, "--transport", transport, "--out", dir)
	read := func(key string) []byte {
		b, err := os.ReadFile(v[key].(string))
		if err != nil {
			c.t.Fatal(err)
		}
		return b
	}
	return center.Options{URL: "https://" + address, Transport: transport, CA: read("ca"), Certificate: read("certificate"), Key: read("key"), Timeout: patience}
}

// issue issues a seal for the key of h and signs with it: seal and signature, DER.
func (c *centre) issue(h *sealtest.Holder) (id string, seal, signature []byte) {
	c.t.Helper()
	dir := c.t.TempDir()
	file := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if b != nil {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				c.t.Fatal(err)
			}
		}
		return path
	}
	v := c.run("issue", "--unit", h.Unit, "--division", "150000", "--kind", "department", "--custodian", h.Person, "--width", "42",
		"--public-key", file("old.crt", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.SignCert})), "--picture", file("seal.png", sealtest.SquarePicture(200)),
		"--out", file("seal.esl", nil), "--certificate-out", file("new.crt", nil))
	seal, err := os.ReadFile(filepath.Join(dir, "seal.esl"))
	if err != nil {
		c.t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "new.crt"))
	if err != nil {
		c.t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	h.SignCert = block.Bytes
	signature, err = h.SealSignature(seal, gm.SM3([]byte("a")), "ByteRange[0 1 2 3]", time.Now())
	if err != nil {
		c.t.Fatal(err)
	}
	return v["id"].(string), seal, signature
}

// TestEndToEnd asks the real centre over both transports: status, verification
// with receipt, the same again, bundle, and the state after the seal is suspended.
func TestEndToEnd(t *testing.T) {
	c := buildCentre(t)
	h, err := newOffice(t).pki.NewHolder("示范区档案局", "印章保管人", time.Now().AddDate(-1, 0, 0), time.Now().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	id, seal, signature := c.issue(h)
	overTLS, overTLCP := c.serve()
	request := center.Request{RequestID: requestID, DataHash: gm.SM3([]byte("a")), Signature: signature}
	var receipts [][]byte
	for transport, address := range map[string]string{center.TransportTLS: overTLS, center.TransportTLCP: overTLCP} {
		o := c.client(transport, address)
		client := open(t, o)
		if p, err := client.Probe(t.Context()); err != nil || p.NotAfter.IsZero() {
			t.Errorf("%s: probe %+v, %v", transport, p, err)
		}
		s, err := client.Status(t.Context(), id, digest(seal), digest(h.SignCert))
		if err != nil || s.Status != "in-force" || s.SignerStatus != "good" {
			t.Fatalf("%s: status %+v, %v", transport, s, err)
		}
		if _, err := client.Status(t.Context(), id, zero, zero); kindOf(err) != center.KindUnknownSeal {
			t.Errorf("%s: another seal under the same identifier: %v", transport, err)
		}
		a, err := client.Verify(t.Context(), request)
		if err != nil || a.Verdict != "valid" || len(a.Certificates) == 0 || len(a.CRLs) == 0 {
			t.Fatalf("%s: verify %+v, %v", transport, a, err)
		}
		receipts = append(receipts, a.Receipt)
		other := request
		other.Signature, err = h.SealSignature(seal, gm.SM3([]byte("b")), "ByteRange[0 1 2 3]", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		other.DataHash = gm.SM3([]byte("b"))
		if _, err := client.Verify(t.Context(), other); kindOf(err) != center.KindConflict {
			t.Errorf("%s: another seal signature under the same number: %v", transport, err)
		}
		var b bytes.Buffer
		n, changed, err := client.Bundle(t.Context(), &b, 0)
		if err != nil || n < 1 || !changed || b.Len() == 0 {
			t.Errorf("%s: bundle %d %v %v", transport, n, changed, err)
		}
		if again, changed, err := client.Bundle(t.Context(), &b, n); err != nil || again != n || changed {
			t.Errorf("%s: the same bundle: %d %v %v", transport, again, changed, err)
		}
		if err := client.Checkpoint(t.Context(), []byte("none")); kindOf(err) != center.KindRefused {
			t.Errorf("%s: no checkpoint: %v", transport, err)
		}
		o.Certificate, o.Key = nil, nil
		if _, err := open(t, o).Status(t.Context(), id, zero, zero); kindOf(err) != center.KindClientCertificate {
			t.Errorf("%s, without certificate: %v", transport, err)
		}
	}
	if !bytes.Equal(receipts[0], receipts[1]) {
		t.Error("the same request has two receipts")
	}
	c.run("suspend", id)
	s, err := open(t, c.client(center.TransportTLS, overTLS)).Status(t.Context(), id, digest(seal), digest(h.SignCert))
	if err != nil || s.Status != "suspended" {
		t.Errorf("after suspending: %+v, %v", s, err)
	}
}
