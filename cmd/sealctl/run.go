package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/pdfseal/trust"
	"sealdesk/token"
	"sealdesk/ui/config"
	"sealdesk/ui/explain"
	"sealdesk/ui/i18n"
	"sealdesk/ui/job"
)

// system is the world around the program; tests hand in their own.
type system struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	terminal       terminal
	openKeys       func(k config.Key, log *slog.Logger) (token.Provider, error)
	now            func() time.Time // nil: time.Now
}

// app is what every command works with.
type app struct {
	system
	ctx context.Context
	cfg *config.Config
	cat *i18n.Catalogue
	log *slog.Logger

	ruled  bool          // the settings are under the policy of the trust bundle
	policy *policyReport // nil where there is no bundle
}

// exitCode ends a command without an error message: what there was to say has been said.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// run carries out one command line and returns the exit code.
func run(ctx context.Context, args []string, sys system) (code int) {
	if sys.now == nil {
		sys.now = time.Now
	}
	out, asJSON := &output{Writer: sys.stdout}, cmdline.JSON(args)
	sys.stdout = out
	a := &app{system: sys, ctx: ctx, cfg: &config.Config{}}
	cat, wrong, err := cmdline.Catalogue(args, i18n.New)
	if err != nil {
		fmt.Fprintln(sys.stderr, err)
		return explain.ExitUnexpected
	}
	a.cat = cat
	defer func() {
		if p := recover(); p != nil {
			code = a.report(fmt.Errorf("sealctl: internal fault: %v", p), asJSON)
			if a.log != nil {
				a.log.Debug("internal fault", "stack", string(debug.Stack()))
			}
		}
	}()
	if wrong != nil {
		return a.report(wrong, asJSON)
	}
	var c cli
	var helped bool
	parser, err := newParser(&c, cat, sys.stdout, sys.stderr, &helped)
	if err != nil {
		return a.report(err, false)
	}
	kctx, err := parser.Parse(args)
	switch {
	case helped:
		return explain.ExitDone
	case err != nil:
		return a.report(cmdline.Wrong(err), asJSON)
	}
	if err := a.configure(&c); err != nil {
		return a.report(err, asJSON)
	}
	ended := a.tellSlowCancel()
	err = kctx.Run(a)
	ended()
	var done exitCode
	if out.err != nil && (err == nil || errors.As(err, &done)) {
		_ = a.report(out.err, false)
		return max(int(done), explain.ExitUnexpected)
	}
	if err == nil || errors.As(err, &done) {
		return int(done)
	}
	return a.report(err, asJSON)
}

// patience is how long a cancelled command may take before it is said what it waits for.
const patience = time.Second

// tellSlowCancel says, where a cancelled command does not end, that a key holds it up: a call into a driver cannot be interrupted.
func (a *app) tellSlowCancel() (ended func()) {
	done := make(chan struct{})
	stop := context.AfterFunc(a.ctx, func() {
		select {
		case <-done:
		case <-time.After(patience):
			a.note("cancel.waits")
		}
	})
	return func() {
		stop()
		close(done)
	}
}

// configure reads the settings and applies the common flags.
func (a *app) configure(c *cli) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	a.cfg = cfg
	if c.Lang == "" && cfg.Lang != "" {
		if a.cat, err = i18n.New(cfg.Lang); err != nil {
			return err
		}
	}
	level := cfg.Log.Level
	if c.LogLevel != "" {
		level = c.LogLevel
	}
	a.log = newLogger(a.stderr, level)
	return nil
}

// newLogger writes to w. The log holds events, rule ids and sizes; no file names, no subject names, never a PIN (rule W9).
func newLogger(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelError
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l}))
}

// report prints what happened, why and what to do, and returns the exit code.
func (a *app) report(err error, asJSON bool) int {
	m := explain.Error(err)
	if a.log != nil {
		a.log.Debug("failed", "situation", m.Key, "exit", m.Exit)
	}
	if asJSON {
		a.writeJSON(map[string]any{"error": a.failure(err)})
	}
	if m.Key == "cancelled" {
		fmt.Fprintln(a.stderr, a.cat.T("error.cancelled.what", nil))
		return m.Exit
	}
	a.printFailure(a.stderr, err)
	return m.Exit
}

// provider opens the configured PKCS#11 module; flag, if not empty, names another one.
func (a *app) provider(flag string) (token.Provider, error) {
	k := a.cfg.Key
	if flag != "" {
		k.Module = flag
	}
	if k.TrainingStore != "" {
		if err := os.Setenv("SOFTKEY_DIR", k.TrainingStore); err != nil {
			return nil, fmt.Errorf("sealctl: training store: %w", err)
		}
	}
	return a.openKeys(k, a.log)
}

// trustSource says where the trust bundle comes from; flag, if not empty, names another file than the settings.
func (a *app) trustSource(flag string) job.TrustSource {
	t := a.cfg.TrustBundle
	return job.TrustSource{Named: flag, File: a.cfg.Trust, Dir: t.Dir, Root: t.Root}
}

// trustStore opens the trust bundle; nil where there is none. The process's end closes it.
func (a *app) trustStore(flag string) (*trust.Store, error) {
	s, err := a.trustSource(flag).Open(a.now())
	if err == nil && s != nil {
		a.log.Debug("trust bundle", "number", s.Number(), "pinned", s.Pinned())
	}
	return s, err
}
