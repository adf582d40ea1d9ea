package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"sealdesk/cmd/sealcenter/internal/centretest"
	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
)

// office is a centre made and served by the program itself, with one custodian and the files of a client.
type office struct {
	dir, db   string
	custodian *centretest.Custodian
}

// do runs a command of the desk in this process.
func (o *office) do(t *testing.T, args ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	args = append(args, "--dir", filepath.Join(o.dir, "centre"))
	if args[0] != "init" || o.db != "" {
		args = append(args, "--db", o.target())
	}
	if code := run(t.Context(), args, &out, &errs); code != 0 {
		t.Fatalf("sealcenter %v: exit %d\n%s%s", args, code, out.String(), errs.String())
	}
}

func (o *office) target() string {
	if o.db != "" {
		return o.db
	}
	return filepath.Join(o.dir, "centre", "centre.db")
}

var ground = []string{"--who", "张三", "--why", "测试", "--application", "测1号"}

func newOffice(t *testing.T, db string) *office {
	t.Helper()
	o := &office{dir: t.TempDir(), db: db}
	path := func(name string) string { return filepath.Join(o.dir, name) }
	o.do(t, "init", "--name", "测试中心", "--division", "150000", "--listen", "127.0.0.1:0")
	key := centretest.Key(t)
	for name, content := range map[string][]byte{"seal.png": centretest.Picture().Data, "a.pub": key.Public().Point()} {
		if err := os.WriteFile(path(name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.do(t, append([]string{"issue", "--unit", "测试厅", "--division", "150000", "--custodian", "李四", "--public-key", path("a.pub"), "--picture", path("seal.png"), "--width", "42",
		"--out", path("seal.esl"), "--certificate-out", path("seal.crt")}, ground...)...)
	o.do(t, append([]string{"bundle"}, ground...)...)
	for _, transport := range []string{center.TransportTLS, center.TransportTLCP} {
		o.do(t, append([]string{"client", "--name", "测试局", "--transport", transport, "--out", path(transport)}, ground...)...)
	}
	raw := readFile(t, path("seal.esl"))
	seal, err := ses.ParseSeal(raw)
	if err != nil {
		t.Fatal(err)
	}
	o.custodian = &centretest.Custodian{Key: key, Cert: seal.Certs[0], Seal: seal}
	settings := filepath.Join(o.dir, "centre", configName)
	text := strings.Replace(string(readFile(t, settings)), "per_second = 0.0", "per_second = 100000.0\n", 1)
	text = strings.Replace(text, "burst = 0", "burst = 100000", 1)
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// process is a running endpoint.
type process struct {
	cmd       *exec.Cmd
	tls, tlcp string
	stderr    *bytes.Buffer
	done      chan error
}

// serve starts the endpoint as a process of its own, on ports of its choice.
func (o *office) serve(t *testing.T) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{stderr: &bytes.Buffer{}, done: make(chan error, 1)}
	p.cmd = exec.Command(self, "serve", "--json", "--listen", "127.0.0.1:0", "--tlcp-listen", "127.0.0.1:0", "--dir", filepath.Join(o.dir, "centre"), "--db", o.target())
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	p.cmd.Stderr = p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var where struct{ Listening, TLCP string }
	if err == nil {
		err = json.Unmarshal(line, &where)
	}
	if err != nil {
		t.Fatalf("serve: %v\n%s%s", err, line, p.stderr)
	}
	p.tls, p.tlcp = where.Listening, where.TLCP
	go func() {
		_, _ = io.Copy(io.Discard, out)
		p.done <- p.cmd.Wait()
	}()
	return p
}

// client asks the endpoint as sealctl does.
func (o *office) client(t *testing.T, p *process, transport string) *center.Client {
	t.Helper()
	file := func(name string) []byte { return readFile(t, filepath.Join(o.dir, transport, name)) }
	address := p.tls
	if transport == center.TransportTLCP {
		address = p.tlcp
	}
	c, err := center.New(center.Options{URL: "https://" + address, CA: file("ca.crt"), Certificate: file("client.crt"), Key: file("client.key"), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

var content = gm.SM3([]byte("content"))

func (o *office) request(t *testing.T) center.Request {
	return center.Request{RequestID: uuid.NewString(), DataHash: content, Signature: o.custodian.Sign(t, content, time.Now())}
}

// TestEndpoint_bothTransports runs every operation of the client against the program.
func TestEndpoint_bothTransports(t *testing.T) {
	o := newOffice(t, "")
	p := o.serve(t)
	for _, transport := range []string{center.TransportTLS, center.TransportTLCP} {
		t.Run(transport, func(t *testing.T) {
			c := o.client(t, p, transport)
			sum := func(b []byte) string { return fmt.Sprintf("%x", gm.SM3(b)) }
			st, err := c.Status(t.Context(), o.custodian.Seal.ID, sum(o.custodian.Seal.Raw), sum(o.custodian.Cert))
			if err != nil || st.Status != "in-force" || st.SignerStatus != "good" {
				t.Errorf("%+v, %v", st, err)
			}
			a, err := c.Verify(t.Context(), o.request(t))
			if err != nil || a.Verdict != "valid" || a.Bundle != 2 {
				t.Errorf("%+v, %v", a, err)
			}
			var b bytes.Buffer
			n, changed, err := c.Bundle(t.Context(), &b, 1)
			if err != nil || n != 2 || !changed || b.Len() == 0 {
				t.Errorf("%d, %v, %v", n, changed, err)
			}
			if _, changed, err := c.Bundle(t.Context(), &b, 2); err != nil || changed {
				t.Errorf("%v, %v", changed, err)
			}
			if _, err := c.Status(t.Context(), "15000000009999", sum(nil), sum(nil)); err == nil {
				t.Error("an unknown seal has a status")
			}
		})
	}
	o.checkpoints(t, o.client(t, p, center.TransportTLCP))
	p.stop(t)
	o.shown(t, []string{"show", o.custodian.Seal.ID}, `"client":"测试局","verdict":"valid"`, 2)
	o.shown(t, []string{"show", "--checkpoints"}, `"size":3`, 1)
}

// checkpoints sends the head of a register.
func (o *office) checkpoints(t *testing.T, c *center.Client) {
	t.Helper()
	digest := strings.Repeat("1", 64)
	text := fmt.Sprintf(`{"format":"sealdesk-checkpoint/1","register":%q,"size":3,"head":%q,"time":"2026-03-02T09:00:00Z"}`, digest, digest)
	der, err := cms.Sign(t.Context(), []byte(text), o.custodian, cms.SignOptions{Time: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.Checkpoint(t.Context(), der); err != nil {
			t.Error(err)
		}
	}
}

// shown asks that a command prints a text so many times, as JSON, and something for people too.
func (o *office) shown(t *testing.T, args []string, text string, times int) {
	t.Helper()
	var out, people bytes.Buffer
	args = append(args, "--dir", filepath.Join(o.dir, "centre"), "--db", o.target())
	if code := run(t.Context(), append(args, "--json"), &out, io.Discard); code != 0 || strings.Count(out.String(), text) != times {
		t.Errorf("%v: %d, not %d times %s:\n%s", args, code, times, text, out.String())
	}
	if code := run(t.Context(), args, &people, io.Discard); code != 0 || people.Len() == 0 || strings.Contains(people.String(), "«") {
		t.Errorf("%v: %d\n%s", args, code, people.String())
	}
}

// stop asks the program to end, which it does well.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.done:
		if err != nil {
			t.Errorf("serve: %v\n%s", err, p.stderr)
		}
	case <-time.After(2 * time.Minute):
		t.Error("serve does not stop")
	}
}

// load runs clients. When they have so many receipts together, it calls then, once, and ends them. It answers the receipts that they got and the
// requests that stayed unanswered.
func (o *office) load(t *testing.T, p *process, clients, enough int, then func()) (receipts map[string][]byte, open []center.Request) {
	t.Helper()
	receipts = map[string][]byte{}
	stop := make(chan struct{})
	end := sync.OnceFunc(func() { then(); close(stop) })
	var mu sync.Mutex
	var all sync.WaitGroup
	for range clients {
		c := o.client(t, p, center.TransportTLS)
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				r := o.request(t)
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				a, err := c.Verify(ctx, r)
				cancel()
				mu.Lock()
				if err == nil {
					receipts[r.RequestID] = a.Receipt
				} else {
					open = append(open, r)
				}
				full := len(receipts) >= enough
				mu.Unlock()
				if full {
					end()
				}
				if err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return receipts, open
}

// TestKill: the program is killed under load; every receipt that a client got is in the registry after the restart, and a request whose answer
// was lost has one record, whenever it is made again.
func TestKill_noReceiptIsLost(t *testing.T) {
	rounds := 1
	if os.Getenv("SEALDESK_LONG") == "1" {
		rounds = 8
	}
	centretest.Each(t, func(t *testing.T, target string) {
		db := target
		if !strings.HasPrefix(target, "postgres") {
			db = ""
		}
		o := newOffice(t, db)
		store := centretest.Store(t, o.target())
		for round := range rounds {
			p := o.serve(t)
			enough := 40 + 13*round
			receipts, open := o.load(t, p, 16, enough, func() { _ = p.cmd.Process.Kill() })
			_ = p.cmd.Process.Kill() // where the clients gave up before
			<-p.done
			if len(receipts) < enough {
				t.Fatalf("only %d receipts, %d open\n%s", len(receipts), len(open), p.stderr)
			}
			p = o.serve(t)
			for id, want := range receipts {
				v, err := store.Verification(t.Context(), id)
				if err != nil || !bytes.Equal(v.Receipt, want) {
					t.Fatalf("a receipt was lost: %v", err)
				}
			}
			before, err := store.CountVerifications(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			c := o.client(t, p, center.TransportTLS)
			known := 0
			for _, r := range open {
				if _, err := store.Verification(t.Context(), r.RequestID); err == nil {
					known++
				}
				for range 2 {
					if _, err := c.Verify(t.Context(), r); err != nil {
						t.Fatalf("the request again: %v", err)
					}
				}
			}
			after, err := store.CountVerifications(t.Context())
			if err != nil || after != before+len(open)-known {
				t.Errorf("%d records, then %d for %d open requests of which %d were known, %v", before, after, len(open), known, err)
			}
			t.Logf("%d receipts, %d open, %d of them recorded", len(receipts), len(open), known)
			p.stop(t)
		}
	})
}

func TestServe_refusesWhatItCannotDo(t *testing.T) {
	o := newOffice(t, "")
	for name, args := range map[string][]string{
		"address": {"serve", "--listen", "256.0.0.1:1"}, "TLCP address": {"serve", "--listen", "127.0.0.1:0", "--tlcp-listen", "256.0.0.1:1"},
	} {
		var errs bytes.Buffer
		if code := run(t.Context(), append(args, "--dir", filepath.Join(o.dir, "centre")), io.Discard, &errs); code != exitUnexpected || !strings.Contains(errs.String(), "256.0.0.1:1") {
			t.Errorf("%s: %d %s", name, code, errs.String())
		}
	}
	if err := os.Remove(filepath.Join(o.dir, "centre", "keys", "centre.key")); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	if code := run(t.Context(), []string{"serve", "--listen", "127.0.0.1:0", "--dir", filepath.Join(o.dir, "centre")}, io.Discard, &errs); code != exitUnreadable {
		t.Errorf("no key: %d %s", code, errs.String())
	}
	if _, err := os.Stat(filepath.Join(o.dir, "centre", configName)); errors.Is(err, os.ErrNotExist) {
		t.Error("the settings are gone")
	}
}
