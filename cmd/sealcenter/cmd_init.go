package main

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/cmd/sealcenter/internal/server"
)

// initCmd is `sealcenter init`.
type initCmd struct {
	Name       string   `required:"" placeholder:"NAME" help:"centre_name"`
	Division   string   `required:"" placeholder:"CODE" help:"centre_division"`
	Department string   `placeholder:"NAME" help:"first_department"`
	Host       []string `placeholder:"NAME" default:"localhost,127.0.0.1" help:"host"`
	Listen     string   `default:"127.0.0.1:8443" help:"listen"`
	Days       int      `default:"30" help:"days"`
	Training   bool     `help:"training"`

	Who         string `placeholder:"NAME" help:"who"`
	Why         string `placeholder:"TEXT" help:"why"`
	Application string `placeholder:"NUMBER" help:"application"`
}

// foundation is the result of init.
type foundation struct {
	Dir      string `json:"dir"`
	ID       string `json:"id"`
	Name     string `json:"name"`
	Root     string `json:"root"`
	Bundle   string `json:"bundle"`
	Number   int    `json:"number"`
	Database string `json:"database"`
}

// Run implements the command.
func (c *initCmd) Run(a *app) error {
	if authority.Exists(a.cli.Dir) {
		return situated("exists", "Dir", a.cli.Dir)
	}
	if err := (desk.Centre{Name: c.Name, Division: c.Division}).CheckFounding(c.order(a), c.department(), c.Days); err != nil {
		return err
	}
	if err := desk.CheckHosts(c.Host); err != nil {
		return err
	}
	cfg := &config{ID: uuid.NewString(), Name: c.Name, Division: c.Division, Training: c.Training, DB: a.cli.DB,
		Serve: serveConfig{Listen: c.Listen, Hosts: c.Host}, Bundle: bundleConfig{Days: c.Days, StaleAfterDays: c.Days}}
	switch {
	case cfg.DB == "":
		cfg.DB = defaultDB
	case !isURL(cfg.DB):
		path, err := filepath.Abs(cfg.DB)
		if err != nil {
			return err
		}
		cfg.DB = path
	}
	if err := a.tryRegistry(cfg); err != nil {
		return err
	}
	auth, err := authority.Create(a.cli.Dir, authority.Spec{Name: c.Name, Hosts: c.Host, Now: time.Now()})
	if err != nil {
		return err
	}
	if err := auth.Close(); err != nil {
		return err
	}
	if err := cfg.write(a.cli.Dir); err != nil {
		return err
	}
	x, err := a.openWith(cfg)
	if err != nil {
		return err
	}
	defer x.close()
	return c.found(a, x)
}

// tryRegistry opens the registry before any key is made: it must answer, and must not be that of another centre.
func (a *app) tryRegistry(cfg *config) error {
	if err := os.MkdirAll(a.cli.Dir, 0o700); err != nil {
		return err
	}
	s, err := registry.Open(a.ctx, cfg.target(a.cli.Dir, ""))
	if err != nil {
		return &storeError{err}
	}
	defer s.Close()
	all, err := s.Departments(a.ctx)
	if err == nil && len(all) > 0 {
		err = situated("exists", "Dir", cfg.DB)
	}
	return err
}

// order is the ground of the founding, with words for what is not said.
func (c *initCmd) order(a *app) registry.Order {
	o := registry.Order{Who: c.Who, Why: c.Why, Application: c.Application}
	if o.Who == "" {
		o.Who = operator()
	}
	if o.Why == "" {
		o.Why = a.text("sealcenter.init.why")
	}
	if o.Application == "" {
		o.Application = "—"
	}
	return o
}

// department is the name of the first one.
func (c *initCmd) department() string {
	if c.Department == "" {
		return c.Name
	}
	return c.Department
}

// found records the first department and writes the first bundle.
func (c *initCmd) found(a *app, x *centre) error {
	o, name := c.order(a), c.department()
	if err := x.Founding(a.ctx, o, name); err != nil {
		return err
	}
	b, err := x.Bundle(a.ctx, o, desk.BundleOptions{Days: x.config.Bundle.Days, Policy: x.config.Bundle.policy()})
	if err != nil {
		return err
	}
	root, err := x.RootFingerprint()
	if err != nil {
		return err
	}
	path := x.Authority.BundlePath(b.Number, b.Manifest)
	a.say("sealcenter.init.done", "Name", c.Name, "Dir", a.cli.Dir, "Department", name, "Root", root, "Bundle", path)
	a.say("sealcenter.init.keys")
	return a.result(foundation{Dir: a.cli.Dir, ID: x.config.ID, Name: c.Name, Root: root, Bundle: path, Number: b.Number, Database: x.Store.Kind()})
}

// operator is the name of the user of the computer.
func operator() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "sealcenter"
}

// serverCertCmd is `sealcenter server-cert`.
type serverCertCmd struct {
	Host []string `required:"" placeholder:"NAME" help:"host"`
}

// Run implements the command.
func (c *serverCertCmd) Run(a *app) error {
	if err := desk.CheckHosts(c.Host); err != nil {
		return err
	}
	return a.with(func(x *centre) error {
		if err := x.Authority.RenewServer(x.Centre.Name, c.Host, time.Now()); err != nil {
			return err
		}
		a.say("sealcenter.server_cert.done")
		return a.result(map[string]any{"hosts": c.Host})
	})
}

// serveCmd is `sealcenter serve`.
type serveCmd struct {
	Listen     string `placeholder:"ADDRESS" help:"listen"`
	TLCPListen string `name:"tlcp-listen" placeholder:"ADDRESS" help:"tlcp_listen"`
}

// Run implements the command.
func (c *serveCmd) Run(a *app) error {
	return a.with(func(x *centre) error {
		key, err := x.Authority.Entity(authority.Centre)
		if err != nil {
			return err
		}
		s := server.New(server.Options{Desk: x.Desk, Key: key, Limits: x.config.Serve.limits(), Log: a.log})
		l, err := c.listen(x)
		if err != nil {
			return err
		}
		a.say("sealcenter.serve.listening", "Address", l.tls.Addr().String(), "TLCP", l.tlcpAddress())
		if err := a.result(map[string]string{"listening": l.tls.Addr().String(), "tlcp": l.tlcpAddress()}); err != nil {
			return errors.Join(err, l.close())
		}
		a.log.Info("serving", "address", l.tls.Addr().String(), "tlcp", l.tlcpAddress(), "database", x.Store.Kind(), "pid", os.Getpid())
		return l.serve(a.ctx, s, a.log, stopTime)
	})
}
