// Package cmdline is what the command lines of this project share: help in the user's language, values that are not taken from the
// next flag, and sentences for a command line that cannot be carried out.
package cmdline

import (
	"bytes"
	"io"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
)

// Translator answers the sentence of a key of the catalogues.
type Translator interface {
	T(key string, data map[string]string) string
}

// Options are the settings of kong that every program has. more and codes are the keys of the two sentences at the end of a help.
func Options(t Translator, more, codes string) []kong.Option {
	return []kong.Option{
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Help(func(o kong.HelpOptions, ctx *kong.Context) error { return help(o, ctx, t, more, codes) }),
		kong.WithHyphenPrefixedParameters(true), // --page -1; what is a flag is refused by text
		kong.KindMapper(reflect.String, kong.MapperFunc(text)),
	}
}

// help is kong's help with its headings in the user's language and the exit codes below.
func help(o kong.HelpOptions, ctx *kong.Context, t Translator, more, codes string) error {
	out := ctx.Stdout
	var buf bytes.Buffer
	ctx.Stdout = &buf
	err := kong.DefaultHelpPrinter(o, ctx)
	ctx.Stdout = out
	if err != nil {
		return err
	}
	s := buf.String()
	for english, key := range map[string]string{
		"Usage:": "help.usage", "Arguments:": "help.arguments", "Flags:": "help.flags", "Commands:": "help.commands",
		"Show context-sensitive help.": "help.help",
		"Run \"" + ctx.Model.Name + " <command> --help\" for more information on a command.": more,
	} {
		s = strings.ReplaceAll(s, english, t.T(key, nil))
	}
	for english, key := range map[string]string{" <command>": "help.command", " [flags]": "help.options"} {
		line, rest, _ := strings.Cut(s, "\n")
		s = strings.ReplaceAll(line, english, " "+t.T(key, nil)) + "\n" + rest
	}
	_, err = io.WriteString(out, s+"\n"+t.T(codes, nil)+"\n")
	return err
}

// Catalogue opens the catalogue in the language of the command line. Where there is none in it, the usual one is answered with the error
// that says so, wrong; err is set where there is none at all.
func Catalogue[C any](args []string, open func(lang string) (C, error)) (cat C, wrong, err error) {
	lang := Lang(args)
	if cat, err = open(lang); err == nil {
		return cat, nil, nil
	}
	cat, err = open("")
	return cat, Usage("choice", "Flag", "--lang", "List", "zh, en", "Value", lang), err
}

// JSON tells whether a command line asks for JSON, also one that cannot be read otherwise.
func JSON(args []string) bool {
	for _, a := range args {
		switch a {
		case "--json":
			return true
		case "--":
			return false
		}
	}
	return false
}

// Lang finds --lang before the command line is parsed, because the parser's own texts depend on it.
func Lang(args []string) string {
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
