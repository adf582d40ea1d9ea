//go:build cgo

// Command sealdesk is the desktop client: it affixes and verifies electronic seals in a window.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

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
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// run shows the window and returns the exit code.
func run(ctx context.Context, args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("sealdesk", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("config", "", "settings file")
	lang := flags.String("lang", "", "zh or en")
	verify := flags.Bool("verify", false, "verify the files instead of sealing them")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return explain.ExitDone
	case err != nil:
		return explain.ExitUsage
	}
	cfg, err := config.Load(*path)
	if err == nil && *lang != "" {
		cfg.Lang = *lang
	}
	if err == nil {
		err = show(ctx, cfg, ui.Begin{Files: flags.Args(), Verify: *verify}, stderr)
	}
	if err != nil {
		m := explain.Error(err)
		if cat, cerr := i18n.New(""); cerr == nil {
			fmt.Fprintln(stderr, m.Texts(cat))
		}
		return m.Exit
	}
	return explain.ExitDone
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
