package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/cmd/sealcenter/internal/words"
)

// app is what every command works with.
type app struct {
	ctx            context.Context
	cli            *cli
	cat            *words.Catalogue
	stdout, stderr io.Writer
	log            *slog.Logger
}

// run carries out one command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	a := &app{ctx: ctx, cli: &c, stdout: stdout, stderr: stderr, log: slog.New(slog.DiscardHandler)}
	var wrong, err error
	if a.cat, wrong, err = cmdline.Catalogue(args, words.New); err != nil {
		fmt.Fprintln(stderr, err)
		return exitUnexpected
	}
	if wrong != nil {
		return a.report(wrong)
	}
	var helped bool
	parser, err := newParser(&c, a.cat, stdout, stderr, &helped)
	if err != nil {
		return a.report(err)
	}
	k, err := parser.Parse(args)
	switch {
	case helped:
		return exitDone
	case err != nil:
		c.JSON = cmdline.JSON(args)
		return a.report(cmdline.Wrong(err))
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return a.report(cmdline.Wrong(err))
	}
	a.log = slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: level}))
	if err := k.Run(a); err != nil {
		return a.report(err)
	}
	return exitDone
}

// centre is an open state directory.
type centre struct {
	*desk.Desk
	config *config
}

// open opens the centre of --dir. Its registry must be there, and be its own: only init makes one.
func (a *app) open() (*centre, error) {
	cfg, err := loadConfig(a.cli.Dir)
	if err != nil {
		return nil, err
	}
	if target := cfg.target(a.cli.Dir, a.cli.DB); !isURL(target) {
		if _, err := os.Stat(target); err != nil {
			return nil, &storeError{err}
		}
	}
	c, err := a.openWith(cfg)
	if err != nil {
		return nil, err
	}
	switch own, err := c.Owns(a.ctx); {
	case err != nil:
		c.close()
		return nil, err
	case !own:
		c.close()
		return nil, situated("store_other", "Dir", a.cli.Dir)
	}
	return c, nil
}

func (a *app) openWith(cfg *config) (*centre, error) {
	auth, err := authority.Open(a.cli.Dir)
	if err != nil {
		return nil, err
	}
	store, err := registry.Open(a.ctx, cfg.target(a.cli.Dir, a.cli.DB))
	if err != nil {
		_ = auth.Close()
		return nil, &storeError{err}
	}
	return &centre{config: cfg, Desk: &desk.Desk{Store: store, Authority: auth,
		Centre: desk.Centre{ID: cfg.ID, Name: cfg.Name, Division: cfg.Division, Training: cfg.Training}}}, nil
}

func (c *centre) close() {
	_ = c.Store.Close() // every change was committed
	_ = c.Authority.Close()
}

// with runs do on the centre of --dir.
func (a *app) with(do func(*centre) error) error {
	c, err := a.open()
	if err != nil {
		return err
	}
	defer c.close()
	return do(c)
}

// say writes a sentence of the catalogue to standard output, unless JSON was asked for; pairs are names and values of its placeholders.
func (a *app) say(key string, pairs ...string) {
	if !a.cli.JSON {
		fmt.Fprintln(a.stdout, strings.TrimRight(a.text(key, pairs...), " ")) // the last placeholder may be empty
	}
}

func (a *app) text(key string, pairs ...string) string {
	data := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i]] = cmdline.Line(pairs[i+1])
	}
	return a.cat.T(key, data)
}

// result writes v as JSON, if that was asked for.
func (a *app) result(v any) error {
	if !a.cli.JSON {
		return nil
	}
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(desk.Zone).Format("2006-01-02 15:04:05")
}
