package main

import (
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"sealdesk/token"
	"sealdesk/ui/config"
	"sealdesk/ui/explain"
	"sealdesk/ui/job"
)

// doctorCmd is `sealctl doctor`: what an administrator asks on the telephone. It stores nothing, asks for no PIN and shows no secret.
type doctorCmd struct {
	Module string `placeholder:"FILE" help:"${flag_module}"`
	Trust  string `placeholder:"FILE" help:"${flag_trust}"`
	JSON   bool   `name:"json" help:"${flag_json}"`
}

type doctorReport struct {
	Version string        `json:"version"`
	Go      string        `json:"go"`
	System  string        `json:"system"`
	Time    time.Time     `json:"time"`
	Config  doctorConfig  `json:"config"`
	Module  doctorModule  `json:"module"`
	Keys    []keyReport   `json:"keys"`
	Trust   *trustReport  `json:"trust"`
	Policy  *policyReport `json:"policy"`
	Center  *centerReport `json:"center"`
	Modules []moduleBuild `json:"libraries"`
}

type doctorConfig struct {
	Path  string `json:"path"`
	Found bool   `json:"found"`
}

type doctorModule struct {
	Path   string   `json:"path"`
	Exists bool     `json:"exists"`
	Loaded bool     `json:"loaded"`
	Error  *failure `json:"error,omitempty"`
}

type trustReport struct {
	Path    string    `json:"path"`
	Bundle  string    `json:"bundle"`
	Number  int       `json:"number"`
	Issued  time.Time `json:"issued"`
	Expires time.Time `json:"expires"`
	AgeDays int       `json:"ageDays"`
	Root    string    `json:"root"`
	Pinned  bool      `json:"pinned"`
	Error   *failure  `json:"error,omitempty"`
}

type moduleBuild struct {
	Path    string `json:"path"`
	Version string `json:"version"`
}

// version is that of the module, "(devel)" for a build from the work tree.
func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return b.Main.Version
	}
	return "(devel)"
}

// Run prints the report. Exit 10 where a driver is configured but no key can be used, 20 where the trust bundle cannot be used,
// 14 where the centre of the settings cannot be asked, else 0.
func (c *doctorCmd) Run(a *app) error {
	r := c.report(a)
	if c.JSON {
		a.writeJSON(r)
	} else {
		a.printDoctor(r)
	}
	switch {
	case a.ctx.Err() != nil:
		return exitCode(explain.ExitCancelled)
	case r.Trust != nil && r.Trust.Error != nil:
		return exitCode(explain.ExitUnreadable)
	case r.Module.Path != "" && len(r.Keys) == 0:
		return exitCode(explain.ExitNoKey)
	case r.Center != nil && r.Center.Error != nil:
		return exitCode(r.Center.Error.Exit)
	}
	return nil
}

func (c *doctorCmd) report(a *app) doctorReport {
	r := doctorReport{Version: version(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Time: a.now().UTC().Truncate(time.Second),
		Config: doctorConfig{Path: a.cfg.Path, Found: a.cfg.Path != ""}, Keys: []keyReport{}, Modules: libraries()}
	if dir, err := config.Dir(); err == nil && r.Config.Path == "" {
		r.Config.Path = dir + string(os.PathSeparator) + config.FileName
	}
	r.Module.Path = a.cfg.Key.Module
	if c.Module != "" {
		r.Module.Path = c.Module
	}
	if r.Module.Path != "" {
		_, err := os.Stat(r.Module.Path)
		r.Module.Exists = err == nil
		r.Keys, err = a.tryModule(c.Module)
		r.Module.Loaded, r.Module.Error = err == nil, a.failure(err)
	}
	r.Trust, r.Policy = a.trustReport(c.Trust), a.underPolicy()
	r.Center = a.centerReport()
	return r
}

func (a *app) tryModule(flag string) ([]keyReport, error) {
	none := []keyReport{}
	p, err := a.provider(flag)
	if err != nil {
		return none, err
	}
	defer p.Close()
	keys, err := a.readKeys(p)
	if err != nil {
		return none, err
	}
	return keys, nil
}

func (a *app) trustReport(flag string) *trustReport {
	s, err := a.trustStore(flag)
	if err != nil {
		report := &trustReport{Error: a.failure(err)}
		if e := (*job.TrustError)(nil); errors.As(err, &e) {
			report.Path = e.Path
		}
		return report
	}
	if s == nil {
		return nil
	}
	defer s.Close()
	return &trustReport{Path: s.Path(), Bundle: s.Name(), Number: s.Number(), Issued: s.Issued().UTC(), Expires: s.Expires().UTC(), AgeDays: s.AgeDays(a.now()),
		Root: s.Root(), Pinned: s.Pinned()}
}

// libraries names the versions of the libraries that decide results.
func libraries() []moduleBuild {
	out := []moduleBuild{}
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	for _, d := range b.Deps {
		switch d.Path {
		case "github.com/miekg/pkcs11", "github.com/pdfcpu/pdfcpu", "github.com/tjfoc/gmsm", "github.com/emmansun/gmsm", "github.com/klippa-app/go-pdfium":
			out = append(out, moduleBuild{d.Path, d.Version})
		}
	}
	return out
}

func (a *app) printDoctor(r doctorReport) {
	a.say("doctor.version", "Version", r.Version, "Go", r.Go, "System", r.System)
	for _, m := range r.Modules {
		a.say("doctor.library", "Path", m.Path, "Version", m.Version)
	}
	a.say("doctor.time", "Time", clock(&r.Time))
	a.say("doctor.config", "Path", r.Config.Path, "Found", a.yesNo(r.Config.Found))
	if r.Module.Path == "" {
		a.say("doctor.no_module")
	} else {
		a.say("doctor.module", "Path", r.Module.Path, "Found", a.yesNo(r.Module.Exists), "Loaded", a.yesNo(r.Module.Loaded))
	}
	if r.Module.Error != nil {
		a.problem(r.Module.Error)
	}
	if r.Module.Loaded {
		a.say("doctor.keys", "N", strconv.Itoa(len(r.Keys)))
		for _, k := range r.Keys {
			a.printKey(k, true)
		}
	}
	switch {
	case r.Trust == nil:
		a.say("doctor.no_trust")
	case r.Trust.Error != nil:
		a.problem(r.Trust.Error)
	default:
		a.say("doctor.trust", "Path", r.Trust.Path, "Name", r.Trust.Bundle, "Number", strconv.Itoa(r.Trust.Number),
			"Issued", day(r.Trust.Issued), "Expires", day(r.Trust.Expires), "Age", strconv.Itoa(r.Trust.AgeDays))
	}
	a.printLocked(r.Policy)
	a.printCenter(r.Center)
}

// problem prints an error below the line that it is about.
func (a *app) problem(f *failure) {
	a.say("doctor.problem", "Text", strings.ReplaceAll(f.Texts.String(), "\n", "\n  "))
}

func (a *app) yesNo(b bool) string {
	if b {
		return a.text("word.yes")
	}
	return a.text("word.no")
}

var _ token.Provider = (*lateProvider)(nil)
