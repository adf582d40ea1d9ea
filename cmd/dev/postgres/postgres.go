// Package postgres starts the PostgreSQL server of the system in a directory
// of its own, on a Unix socket alone: for tests and for the benchmark.
package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"time"
)

// ErrMissing reports a system without PostgreSQL.
var ErrMissing = errors.New("postgres: PostgreSQL is not installed (apt-get install postgresql)")

// Server is a running server.
type Server struct {
	dir, bin string
	as       *account
	cmd      *exec.Cmd
	ended    chan error
	output   bytes.Buffer
}

// Role of the databases' owner. Who can reach the socket needs no password.
const role = "sealdesk"

// startTime is how long a server may take to answer.
const startTime = time.Minute

// programs finds the folder with the server's programs, which distributions keep off PATH.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	sort.Strings(found)
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", ErrMissing
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	return filepath.Dir(path), nil
}

// Start makes an empty cluster and starts its server. PostgreSQL refuses to
// run as root; then the user "postgres" runs it. ErrMissing where it is not installed.
func Start(ctx context.Context) (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	as, err := runAs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sealdesk-pg-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, as: as, ended: make(chan error, 1)}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context) error {
	if err := s.as.own(s.dir); err != nil {
		return err
	}
	if err := s.run(ctx, "initdb", "-D", s.data(), "-U", role, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(s.bin, "postgres"), "-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "max_connections=100")
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, &s.output, &s.output
	s.as.become(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	s.cmd = cmd
	go func() { s.ended <- cmd.Wait() }()
	deadline := time.Now().Add(startTime)
	for {
		if s.run(ctx, "pg_isready", "-q", "-h", s.dir) == nil {
			return nil
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("postgres: the server ended: %v\n%s", err, s.output.String())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return errors.New("postgres: the server does not answer")
		}
	}
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// run runs one of the server's programs to its end.
func (s *Server) run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...)
	cmd.Dir = s.dir
	s.as.become(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("postgres: %s: %w\n%s", program, err, out)
	}
	return nil
}

// Database makes an empty database and answers its URL. It sorts texts as those of Chinese offices do, not by their bytes; only before
// PostgreSQL 15, which cannot, by bytes.
func (s *Server) Database(ctx context.Context, name string) (string, error) {
	if chinese := s.run(ctx, "createdb", "-h", s.dir, "-U", role, "-T", "template0", "--locale-provider=icu", "--icu-locale=zh-Hans-CN", name); chinese != nil {
		if err := s.run(ctx, "createdb", "-h", s.dir, "-U", role, name); err != nil {
			return "", errors.Join(err, chinese)
		}
	}
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + name, RawQuery: url.Values{"host": {s.dir}}.Encode()}
	return u.String(), nil
}

// Stop ends the server and removes its directory.
func (s *Server) Stop() error {
	if s.cmd != nil {
		_ = s.cmd.Process.Signal(os.Interrupt) // fast shutdown; a server that has ended is what is wanted
		select {
		case <-s.ended:
		case <-time.After(10 * time.Second):
			_ = s.cmd.Process.Kill()
			<-s.ended
		}
	}
	return os.RemoveAll(s.dir)
}
