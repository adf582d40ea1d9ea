//go:build cgo

package main

import (
	"io"

	"github.com/alecthomas/kong"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/ui"
	"sealdesk/ui/i18n"
)

// cli is the command line.
type cli struct {
	Config  string           `placeholder:"FILE" help:"${flag_config}"`
	Lang    string           `placeholder:"zh|en" help:"${flag_lang}"`
	Verify  bool             `help:"${flag_window_verify}"`
	Version kong.VersionFlag `help:"${flag_version}"`
	Files   []string         `arg:"" optional:"" name:"file" help:"${flag_window_files}"`
}

// newParser builds the parser in the language of the catalogue. helped is set when help or the version was printed.
func newParser(c *cli, cat *i18n.Catalogue, stdout, stderr io.Writer, helped *bool) (*kong.Kong, error) {
	vars := kong.Vars{"version": "sealdesk " + ui.Version}
	for _, name := range []string{"config", "lang", "window_verify", "version", "window_files"} {
		vars["flag_"+name] = cat.T("flag."+name, nil)
	}
	return kong.New(c, append(cmdline.Options(cat, "help.more", "help.window_codes"), vars, kong.Name("sealdesk"),
		kong.Description(cat.T("help.window", nil)), kong.Writers(stdout, stderr), kong.Exit(func(int) { *helped = true }))...)
}
