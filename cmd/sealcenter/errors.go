package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/cmd/sealcenter/internal/registry"
)

// Exit codes, as those of sealctl (DESIGN §9).
const (
	exitDone       = 0
	exitUnexpected = 1
	exitUsage      = 2
	exitRefused    = 13
	exitUnreadable = 20
	exitCancelled  = 130
)

// storeError is a registry that cannot be opened.
type storeError struct{ err error }

func (e *storeError) Error() string { return e.err.Error() }
func (e *storeError) Unwrap() error { return e.err }

// situation is an error that names its own sentences.
type situation struct {
	key  string
	data map[string]string
}

func (e *situation) Error() string { return fmt.Sprintf("sealcenter: %s %v", e.key, e.data) }

func situated(key string, pairs ...string) error {
	s := &situation{key: key, data: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		s.data[pairs[i]] = pairs[i+1]
	}
	return s
}

// exits is the table of situations besides the refusals of the desk.
var exits = map[string]int{
	"unexpected":    exitUnexpected,
	"usage":         exitUsage,
	"cancelled":     exitCancelled,
	"no_centre":     exitUsage,
	"exists":        exitRefused,
	"config":        exitUsage,
	"file":          exitUnreadable,
	"output_exists": exitRefused,
	"output":        exitUnexpected,
	"store":         exitUnexpected,
	"store_newer":   exitUnexpected,
	"store_other":   exitRefused,
	"listen":        exitUnexpected,
}

// errorKeys lists every key of an error, for the catalogues' completeness test.
func errorKeys() []string {
	return slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Keys(exits)), desk.RefusalKeys())))
}

// explain says which situation an error is.
func explain(err error) (key string, data map[string]string, exit int) {
	data = map[string]string{"Detail": err.Error()}
	var refusal *desk.Refusal
	var own *situation
	var usage *cmdline.Error
	var store *storeError
	var path *fs.PathError
	switch {
	case errors.As(err, &refusal):
		return refusal.Key, refusal.Data, exitRefused
	case errors.As(err, &own):
		key, data = own.key, own.data
	case errors.As(err, &usage):
		key, data = usage.Situation()
	case errors.Is(err, context.Canceled):
		key = "cancelled"
	case errors.Is(err, registry.ErrNewer):
		key = "store_newer"
	case errors.As(err, &store):
		key = "store"
	case errors.As(err, &path):
		key, data["Path"] = "file", path.Path
	default:
		key = "unexpected"
	}
	return key, data, exits[key]
}

// states are the code words of seal states that messages may name.
var states = []string{"in-force", "suspended", "cancelled", "reported-lost"}

// report prints what happened, why and what to do, and returns the exit code.
func (a *app) report(err error) int {
	key, data, exit := explain(err)
	a.log.Debug("failed", "situation", key, "exit", exit, "error", err)
	shown := map[string]string{}
	for k, v := range data {
		if k == "status" && slices.Contains(states, v) {
			v = a.cat.T("status."+v, nil)
		}
		if k == "usage" {
			v = a.cat.T("usage."+v, data)
		}
		shown[k] = cmdline.Clean(v)
	}
	texts := map[string]string{}
	for _, part := range []string{"what", "why", "do"} {
		texts[part] = a.cat.T(errorPrefix+key+"."+part, shown)
	}
	if a.cli.JSON {
		e := json.NewEncoder(a.stdout)
		e.SetEscapeHTML(false)
		_ = e.Encode(map[string]any{"error": map[string]any{"key": key, "exit": exit, "what": texts["what"], "why": texts["why"], "do": texts["do"]}})
	}
	for _, part := range []string{"what", "why", "do"} {
		fmt.Fprintln(a.stderr, a.text("line."+part, "Text", texts[part]))
	}
	return exit
}
