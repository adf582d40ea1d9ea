package main

import (
	"io"

	"github.com/alecthomas/kong"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/cmd/sealcenter/internal/words"
)

// cli is the command line.
type cli struct {
	Dir      string `env:"SEALCENTER_DIR" required:"" type:"path" placeholder:"DIR" help:"dir"`
	DB       string `name:"db" env:"SEALCENTER_DB" placeholder:"TARGET" help:"db"`
	Lang     string `placeholder:"zh|en" help:"lang"`
	LogLevel string `placeholder:"LEVEL" enum:"error,warn,info,debug" default:"warn" help:"log_level"`
	JSON     bool   `name:"json" help:"json"`

	Init       initCmd       `cmd:"" help:"init"`
	Department departmentCmd `cmd:"" help:"department"`
	Issue      issueCmd      `cmd:"" help:"issue"`
	Replace    replaceCmd    `cmd:"" help:"replace"`
	Suspend    suspendCmd    `cmd:"" help:"suspend"`
	Resume     resumeCmd     `cmd:"" help:"resume"`
	Cancel     cancelCmd     `cmd:"" help:"cancel"`
	ReportLost reportLostCmd `cmd:"" help:"report_lost"`
	Bundle     bundleCmd     `cmd:"" help:"bundle"`
	Client     clientCmd     `cmd:"" help:"client"`
	Anchor     anchorCmd     `cmd:"" help:"anchor"`
	RotateRoot rotateCmd     `cmd:"" help:"rotate_root"`
	ServerCert serverCertCmd `cmd:"" help:"server_cert"`
	Serve      serveCmd      `cmd:"" help:"serve"`
	Show       showCmd       `cmd:"" help:"show"`
}

// order holds the flags of every change (内政办字〔2018〕56号, article 8).
type order struct {
	Who         string `required:"" placeholder:"NAME" help:"who"`
	Why         string `required:"" placeholder:"TEXT" help:"why"`
	Application string `required:"" placeholder:"NUMBER" help:"application"`
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

// newParser builds the parser. Its tags name texts of the catalogue, which take their place. helped is set when help was printed.
func newParser(c *cli, cat *words.Catalogue, stdout, stderr io.Writer, helped *bool) (*kong.Kong, error) {
	k, err := kong.New(c, append(cmdline.Options(cat, "sealcenter.help.more", "sealcenter.help.exit_codes"), kong.Name("sealcenter"),
		kong.Description(cat.T("sealcenter.help.sealcenter", nil)), kong.Writers(stdout, stderr), kong.Exit(func(int) { *helped = true }))...)
	if err != nil {
		return nil, err
	}
	return k, kong.Visit(k.Model, func(v kong.Visitable, next kong.Next) error {
		switch v := v.(type) {
		case *kong.Node:
			v.Help = cat.T(helpPrefix+v.Help, nil)
		case *kong.Value: // of a flag or an argument
			if v != k.Model.HelpFlag.Value {
				v.Help = cat.T(flagPrefix+v.Help, nil)
			}
		}
		return next(nil)
	})
}
