package main

import (
	"bytes"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/cmd/sealcenter/internal/words"
)

// cli is the command line.
type cli struct {
	Dir      string `env:"SEALCENTER_DIR" required:"" type:"path" placeholder:"DIR" help:"${f_dir}"`
	DB       string `name:"db" env:"SEALCENTER_DB" placeholder:"TARGET" help:"${f_db}"`
	Lang     string `placeholder:"zh|en" help:"${f_lang}"`
	LogLevel string `placeholder:"LEVEL" enum:"error,warn,info,debug" default:"warn" help:"${f_log_level}"`
	JSON     bool   `name:"json" help:"${f_json}"`

	Init       initCmd       `cmd:"" help:"${h_init}"`
	Department departmentCmd `cmd:"" help:"${h_department}"`
	Issue      issueCmd      `cmd:"" help:"${h_issue}"`
	Replace    replaceCmd    `cmd:"" help:"${h_replace}"`
	Suspend    suspendCmd    `cmd:"" help:"${h_suspend}"`
	Resume     resumeCmd     `cmd:"" help:"${h_resume}"`
	Cancel     cancelCmd     `cmd:"" help:"${h_cancel}"`
	ReportLost reportLostCmd `cmd:"" help:"${h_report_lost}"`
	Bundle     bundleCmd     `cmd:"" help:"${h_bundle}"`
	Client     clientCmd     `cmd:"" help:"${h_client}"`
	Anchor     anchorCmd     `cmd:"" help:"${h_anchor}"`
	RotateRoot rotateCmd     `cmd:"" help:"${h_rotate_root}"`
	ServerCert serverCertCmd `cmd:"" help:"${h_server_cert}"`
	Serve      serveCmd      `cmd:"" help:"${h_serve}"`
	Show       showCmd       `cmd:"" help:"${h_show}"`
}

// order holds the flags of every change (内政办字〔2018〕56号, article 8).
type order struct {
	Who         string `required:"" placeholder:"NAME" help:"${f_who}"`
	Why         string `required:"" placeholder:"TEXT" help:"${f_why}"`
	Application string `required:"" placeholder:"NUMBER" help:"${f_application}"`
}

func (o order) order() registry.Order {
	return registry.Order{Who: o.Who, Why: o.Why, Application: o.Application}
}

// Prefixes of the texts of the command line in the catalogues.
const (
	helpPrefix  = "sealcenter.help."
	flagPrefix  = "sealcenter.flag."
	errorPrefix = "sealcenter.error."
)

// newParser builds the parser with its texts in the user's language. helped is set when help was printed.
func newParser(c *cli, cat *words.Catalogue, stdout, stderr io.Writer, helped *bool) (*kong.Kong, error) {
	vars := kong.Vars{}
	for prefix, name := range map[string]string{helpPrefix: "h_", flagPrefix: "f_"} {
		for _, key := range cat.Keys(prefix) {
			vars[name+strings.TrimPrefix(key, prefix)] = cat.T(key, nil)
		}
	}
	return kong.New(c, vars, kong.Name("sealcenter"), kong.Description(cat.T("sealcenter.help.sealcenter", nil)),
		kong.Writers(stdout, stderr), kong.Exit(func(int) { *helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Help(func(o kong.HelpOptions, ctx *kong.Context) error { return printHelp(o, ctx, cat) }))
}

// printHelp is kong's help with its headings in the user's language and the exit codes below.
func printHelp(o kong.HelpOptions, ctx *kong.Context, cat *words.Catalogue) error {
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
		"Usage:": "sealcenter.help.usage", "Arguments:": "sealcenter.help.arguments", "Flags:": "sealcenter.help.flags",
		"Commands:": "sealcenter.help.commands", "Show context-sensitive help.": "sealcenter.help.help",
		"Run \"sealcenter <command> --help\" for more information on a command.": "sealcenter.help.more",
	} {
		text = strings.ReplaceAll(text, heading, cat.T(key, nil))
	}
	_, err = io.WriteString(out, text+"\n"+cat.T("sealcenter.help.exit_codes", nil)+"\n")
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
	}
	return ""
}
