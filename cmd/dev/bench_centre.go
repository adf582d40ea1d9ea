package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"sealdesk/cmd/dev/postgres"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
)

// centreClients is the number of clients that ask the endpoint at the same time.
const centreClients = 32

// centre measures the verification endpoint on loopback, on both databases.
func (b *bench) centre(ctx context.Context, span time.Duration) error {
	program, err := b.build(ctx, b.dir, "sealcenter")
	if err != nil {
		return err
	}
	pg, err := postgres.Start(ctx)
	if err != nil {
		return err
	}
	defer pg.Stop()
	url, err := pg.Database(ctx, "centre")
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\nverification endpoint on loopback, %d clients for %v\n", centreClients, span)
	fmt.Fprintf(b.out, "%-28s %12s %10s %10s %10s %10s\n", "", "requests/s", "p50", "p99", "errors", "lost")
	for _, kind := range [][2]string{{"SQLite", ""}, {"PostgreSQL", url}} {
		c := &benchCentre{bench: b, program: program, dir: filepath.Join(b.dir, kind[0]), db: kind[1]}
		if err := c.run(ctx, kind[0], span); err != nil {
			return fmt.Errorf("endpoint on %s: %w", kind[0], err)
		}
	}
	return nil
}

// benchCentre is a centre that is measured.
type benchCentre struct {
	*bench
	program, dir, db string
	body             string // of a request; %s stands for its number
}

func (c *benchCentre) path(name string) string { return filepath.Join(c.dir, name) }

func (c *benchCentre) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.program, append(args, "--dir", c.path("centre"), "--json")...)
	cmd.Stderr = c.err
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// desk runs a command of the issuing desk.
func (c *benchCentre) desk(ctx context.Context, args ...string) error {
	out, err := c.command(ctx, append(args, "--who", "bench", "--why", "bench", "--application", "1")...).Output()
	if err != nil {
		return fmt.Errorf("sealcenter %s: %w\n%s", args[0], err, out)
	}
	return nil
}

func (c *benchCentre) run(ctx context.Context, name string, span time.Duration) error {
	if err := c.make(ctx); err != nil {
		return err
	}
	serve := c.command(ctx, "serve", "--listen", "127.0.0.1:0")
	out, err := serve.StdoutPipe()
	if err != nil {
		return err
	}
	if err := serve.Start(); err != nil {
		return err
	}
	var where struct{ Listening string }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err = errors.Join(err, json.Unmarshal(line, &where)); err != nil {
		return errors.Join(err, serve.Process.Kill(), serve.Wait())
	}
	times, failed, took, err := c.load(ctx, "https://"+where.Listening, span)
	err = errors.Join(err, serve.Process.Signal(os.Interrupt))
	if err = errors.Join(err, serve.Wait()); err != nil {
		return err
	}
	lost, err := c.lost(ctx, len(times))
	if err != nil {
		return err
	}
	slices.Sort(times)
	if len(times) == 0 {
		return fmt.Errorf("no answer, %d errors", failed)
	}
	fmt.Fprintf(c.out, "%-28s %12.0f %7.1f ms %7.1f ms %10d %10d\n", name, float64(len(times))/took.Seconds(),
		milliseconds(times[len(times)/2]), milliseconds(times[len(times)*99/100]), failed, lost)
	if failed > 0 || lost > 0 {
		return fmt.Errorf("%d requests failed, %d records are lost", failed, lost)
	}
	return nil
}

// make makes the centre with a seal and a client, and a request.
func (c *benchCentre) make(ctx context.Context) error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	for file, content := range map[string][]byte{"key": key.Public().Point(), "seal.png": sealtest.SquarePicture(64)} {
		if err := os.WriteFile(c.path(file), content, 0o600); err != nil {
			return err
		}
	}
	start := []string{"init", "--name", "bench", "--division", "150000"}
	if c.db != "" {
		start = append(start, "--db", c.db)
	}
	for _, args := range [][]string{start,
		{"issue", "--unit", "bench", "--division", "150000", "--custodian", "bench", "--public-key", c.path("key"), "--picture", c.path("seal.png"), "--width", "42",
			"--out", c.path("seal.esl"), "--certificate-out", c.path("seal.crt")},
		{"bundle"}, {"client", "--name", "bench", "--out", c.path("client")},
	} {
		if err := c.desk(ctx, args...); err != nil {
			return err
		}
	}
	if err := c.unlimit(); err != nil {
		return err
	}
	return c.prepare(key)
}

// unlimit lifts the limit of requests of one client, since all come from one here.
func (c *benchCentre) unlimit() error {
	path := c.path("centre/centre.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	changed := strings.NewReplacer("per_second = 0.0", "per_second = 1e9", "burst = 0", "burst = 1000000000").Replace(string(text))
	return os.WriteFile(path, []byte(changed), 0o600)
}

// prepare signs once: requests differ by their number.
func (c *benchCentre) prepare(key *gm.PrivateKey) error {
	raw, err := os.ReadFile(c.path("seal.esl"))
	if err != nil {
		return err
	}
	seal, err := ses.ParseSeal(raw)
	if err != nil {
		return err
	}
	hash := gm.SM3(raw)
	tbs, err := ses.BuildTBS(seal, time.Now(), hash, "ByteRange[0 1 2 3]")
	if err != nil {
		return err
	}
	value, err := key.Sign(tbs)
	if err != nil {
		return err
	}
	sig, err := ses.BuildSignature(tbs, seal.Certs[0], value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(struct {
		RequestID string `json:"requestId"`
		DataHash  string `json:"dataHash"`
		Signature []byte `json:"signature"`
	}{"%s", fmt.Sprintf("%x", hash), sig})
	c.body = string(body)
	return err
}

// load lets the clients ask for a span of time and answers how long each answer took.
func (c *benchCentre) load(ctx context.Context, address string, span time.Duration) (times []time.Duration, failed int, took time.Duration, err error) {
	client, err := c.client()
	if err != nil {
		return nil, 0, 0, err
	}
	defer client.CloseIdleConnections()
	ask := func() bool {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/v1/verifications", strings.NewReader(fmt.Sprintf(c.body, uuid.NewString())))
		if err != nil {
			return false
		}
		r.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(r)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		return err == nil && resp.StatusCode == http.StatusOK && bytes.Contains(text, []byte(`"verdict":"valid"`))
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	start := time.Now()
	for range centreClients {
		all.Go(func() {
			for time.Since(start) < span && ctx.Err() == nil {
				before := time.Now()
				ok := ask()
				mu.Lock()
				if ok {
					times = append(times, time.Since(before))
				} else {
					failed++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return times, failed, time.Since(start), ctx.Err()
}

func (c *benchCentre) client() (*http.Client, error) {
	ca, err := os.ReadFile(c.path("client/ca.crt"))
	if err != nil {
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(c.path("client/client.crt"), c.path("client/client.key"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: centreClients,
		TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}}}, nil
}

// lost counts the answers that the registry has no record of.
func (c *benchCentre) lost(ctx context.Context, answers int) (int, error) {
	out, err := c.command(ctx, "show").Output()
	if err != nil {
		return 0, err
	}
	var view struct{ Verifications int }
	err = json.Unmarshal(out, &view)
	return max(0, answers-view.Verifications), err
}
