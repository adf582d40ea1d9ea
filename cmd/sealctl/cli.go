package main

import (
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/ui/i18n"
)

// cli is the command line (DESIGN §9).
type cli struct {
	Config   string           `placeholder:"FILE" help:"${flag_config}"`
	Lang     string           `placeholder:"zh|en" help:"${flag_lang}"`
	LogLevel string           `placeholder:"LEVEL" enum:",error,warn,info,debug" default:"" help:"${flag_log_level}"`
	Version  kong.VersionFlag `help:"${flag_version}"`

	Key     keyCmd     `cmd:"" help:"${help_key}"`
	Seal    sealCmd    `cmd:"" help:"${help_seal}"`
	Verify  verifyCmd  `cmd:"" help:"${help_verify}"`
	Inspect inspectCmd `cmd:"" help:"${help_inspect}"`
	Extract extractCmd `cmd:"" help:"${help_extract}"`
	Receipt receiptCmd `cmd:"" help:"${help_receipt}"`
	Trust   trustCmd   `cmd:"" help:"${help_trust}"`
	Doctor  doctorCmd  `cmd:"" help:"${help_doctor}"`

	Register  registerCmd  `cmd:"" help:"${help_register}"`
	Form      formCmd      `cmd:"" help:"${help_form}"`
	Normalise normaliseCmd `cmd:"" help:"${help_normalise}"`
}

// newParser builds the parser with its texts in the catalogue's language. helped is set when help or version was printed.
func newParser(c *cli, cat *i18n.Catalogue, stdout, stderr io.Writer, helped *bool) (*kong.Kong, error) {
	vars := kong.Vars{"version": "sealctl " + version()}
	for _, key := range cat.Keys() {
		if strings.HasPrefix(key, "help.") || strings.HasPrefix(key, "flag.") {
			vars[strings.ReplaceAll(key, ".", "_")] = cat.T(key, nil)
		}
	}
	options := append(cmdline.Options(cat, "help.more", "help.exit_codes"), vars, kong.Name("sealctl"), kong.Description(cat.T("help.sealctl", nil)),
		kong.Writers(stdout, stderr), kong.Exit(func(int) { *helped = true }))
	return kong.New(c, options...)
}
