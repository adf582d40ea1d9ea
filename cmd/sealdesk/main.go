//go:build cgo

// Command sealdesk is the desktop client: it affixes and verifies electronic seals in a window.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/cmd/internal/keymodule"
	"sealdesk/ui"
	"sealdesk/ui/config"
	"sealdesk/ui/desk"
	"sealdesk/ui/explain"
	"sealdesk/ui/i18n"
	"sealdesk/ui/i18n/toolkit"
	"sealdesk/ui/job/worker"
	"sealdesk/ui/pagetext"
)

func main() {
	if worker.Requested(os.Args) {
		os.Exit(worker.Main(desk.LoadTrust))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run shows the window and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cat, wrong, err := cmdline.Catalogue(args, i18n.New)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return explain.ExitUnexpected
	}
	if wrong != nil {
		return report(wrong, cat, stderr)
	}
	var c cli
	var helped bool
	parser, err := newParser(&c, cat, stdout, stderr, &helped)
	if err != nil {
		return report(err, cat, stderr)
	}
	_, err = parser.Parse(args)
	switch {
	case helped:
		return explain.ExitDone
	case err != nil:
		return report(cmdline.Wrong(err), cat, stderr)
	}
	cfg, err := config.Load(c.Config)
	if err == nil {
		if c.Lang != "" {
			cfg.Lang = c.Lang
		}
		err = show(ctx, cfg, ui.Begin{Files: c.Files, Verify: c.Verify}, stderr)
	}
	if err != nil {
		return report(err, cat, stderr)
	}
	return explain.ExitDone
}

// report says what went wrong and returns its exit code.
func report(err error, cat *i18n.Catalogue, stderr io.Writer) int {
	m := explain.Error(err)
	fmt.Fprintln(stderr, m.Texts(cat))
	return m.Exit
}

// show runs the window until it is closed.
func show(ctx context.Context, cfg *config.Config, begin ui.Begin, stderr io.Writer) error {
	app.SetMetadata(fyne.AppMetadata{ID: ui.ID, Name: ui.Name, Version: ui.Version, Build: ui.Build, Migrations: map[string]bool{"fyneDo": true}})
	a := app.NewWithID(ui.ID)
	w, err := ui.NewWindow(a, cfg.Lang)
	if err != nil {
		return err
	}
	if err := toolkit.Install(w.Words()); err != nil {
		return err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		level = slog.LevelError
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	d := desk.New(desk.Setup{Config: cfg, OpenKeys: keymodule.Open, Catalogue: w.Catalogue, Text: pagetext.Reader{}, Log: log, Version: ui.Version})
	defer d.Close()
	w.Run(ctx, d, begin, log)
	return nil
}
