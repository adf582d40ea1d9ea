package main

import (
	"bytes"
	"io"
	"strings"

	"github.com/alecthomas/kong"

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

	Register registerCmd `cmd:"" help:"${help_register}"`
}

// newParser builds the parser with its texts in the catalogue's language. helped is set when help or version was printed.
func newParser(c *cli, cat *i18n.Catalogue, stdout, stderr io.Writer, helped *bool) (*kong.Kong, error) {
	vars := kong.Vars{"version": "sealctl " + version()}
	for _, key := range cat.Keys() {
		if strings.HasPrefix(key, "help.") || strings.HasPrefix(key, "flag.") {
			vars[strings.ReplaceAll(key, ".", "_")] = cat.T(key, nil)
		}
	}
	return kong.New(c, vars, kong.Name("sealctl"), kong.Description(cat.T("help.sealctl", nil)),
		kong.Writers(stdout, stderr), kong.Exit(func(int) { *helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.WithHyphenPrefixedParameters(true),
		kong.Help(func(o kong.HelpOptions, ctx *kong.Context) error { return printHelp(o, ctx, cat) }))
}

// printHelp is kong's help with its headings in the user's language and the exit codes below.
func printHelp(o kong.HelpOptions, ctx *kong.Context, cat *i18n.Catalogue) error {
	out := ctx.Stdout
	var buf bytes.Buffer
	ctx.Stdout = &buf
	err := kong.DefaultHelpPrinter(o, ctx)
	ctx.Stdout = out
	if err != nil {
		return err
	}
	text := buf.String()
	for heading, key := range map[string]string{
		"Usage:": "help.usage", "Arguments:": "help.arguments", "Flags:": "help.flags", "Commands:": "help.commands",
		"Show context-sensitive help.": "help.help", "Run \"sealctl <command> --help\" for more information on a command.": "help.more",
	} {
		text = strings.ReplaceAll(text, heading, cat.T(key, nil))
	}
	_, err = io.WriteString(out, text+"\n"+cat.T("help.exit_codes", nil)+"\n")
	return err
}

// wantedLang finds --lang before the command line is parsed, because the parser's own texts depend on it.
func wantedLang(args []string) string {
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, "--lang="); ok {
			return v
		}
		if a == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
		if a == "--" {
			break
		}
	}
	return ""
}
