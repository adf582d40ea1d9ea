package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/pdfseal/trust"
)

// departmentCmd is `sealcenter department`.
type departmentCmd struct {
	order
	Name     string `required:"" placeholder:"NAME" help:"department_name"`
	Division string `required:"" placeholder:"CODE" help:"department_division"`
}

// Run implements the command.
func (c *departmentCmd) Run(a *app) error {
	return a.with(func(x *centre) error {
		if err := x.AddDepartment(a.ctx, c.order.order(), c.Name, c.Division); err != nil {
			return err
		}
		a.say("sealcenter.department.done", "Name", c.Name, "Division", c.Division)
		a.say("sealcenter.publish")
		return a.result(map[string]string{"division": c.Division, "name": c.Name, "level": string(desk.LevelOf(c.Division))})
	})
}

// bundleCmd is `sealcenter bundle`.
type bundleCmd struct {
	order
	Days int    `placeholder:"DAYS" help:"days"`
	Out  string `placeholder:"FILE" type:"path" help:"bundle_out"`
}

// bundleResult is the result of bundle.
type bundleResult struct {
	Number  int    `json:"number"`
	File    string `json:"file"`
	Root    string `json:"root"`
	Issued  string `json:"issued"`
	Expires string `json:"expires"`
	Size    int64  `json:"size"`
}

// Run implements the command.
func (c *bundleCmd) Run(a *app) error {
	if err := checkOutputs(c.Out); err != nil {
		return err
	}
	return a.with(func(x *centre) error {
		days := c.Days
		if days == 0 {
			days = x.config.Bundle.Days
		}
		b, err := x.Bundle(a.ctx, c.order.order(), desk.BundleOptions{Days: days, Policy: x.config.Bundle.policy()})
		if err != nil {
			return err
		}
		path := x.Authority.BundlePath(b.Number, b.Manifest)
		if c.Out != "" {
			if err := copyFile(path, c.Out); err != nil {
				return err
			}
			path = c.Out
		}
		root, err := x.RootFingerprint()
		if err != nil {
			return err
		}
		a.say("sealcenter.bundle.done", "Number", strconv.Itoa(b.Number), "File", path, "Expires", clock(b.Expires), "Root", root)
		return a.result(bundleResult{Number: b.Number, File: path, Root: root, Issued: b.Issued.Format(time.RFC3339), Expires: b.Expires.Format(time.RFC3339), Size: b.Size})
	})
}

// copyFile copies a bundle, which may be large, to a new file.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return situated("output", "Path", to, "Detail", err.Error())
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return situated("output", "Path", to, "Detail", errors.Join(err, os.Remove(to)).Error())
	}
	return nil
}

// clientCmd is `sealcenter client`.
type clientCmd struct {
	order
	Name      string `required:"" placeholder:"NAME" help:"client_name"`
	Out       string `placeholder:"DIR" type:"path" help:"client_out"`
	Transport string `enum:"tls,tlcp" default:"tls" help:"transport"`
	Disable   bool   `help:"disable"`
}

// Run implements the command.
func (c *clientCmd) Run(a *app) error {
	if c.Disable {
		return a.with(func(x *centre) error {
			n, err := x.DisableClients(a.ctx, c.order.order(), c.Name)
			if err != nil {
				return err
			}
			a.say("sealcenter.client.disabled", "Name", c.Name, "N", strconv.Itoa(n))
			return a.result(map[string]any{"name": c.Name, "disabled": n})
		})
	}
	if c.Out == "" {
		return cmdline.Usage("flags_missing", "Flags", "--out=DIR")
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return situated("output", "Path", c.Out, "Detail", err.Error())
	}
	cert, key, ca := filepath.Join(c.Out, "client.crt"), filepath.Join(c.Out, "client.key"), filepath.Join(c.Out, "ca.crt")
	if err := checkOutputs(cert, key, ca); err != nil {
		return err
	}
	return a.with(func(x *centre) error {
		f, err := x.AddClient(a.ctx, c.order.order(), c.Name, c.Transport)
		if err != nil {
			return err
		}
		defer clear(f.Key)
		for _, w := range []struct {
			path    string
			content []byte
			mode    os.FileMode
		}{{key, f.Key, 0o600}, {cert, f.Certificate, 0o644}, {ca, f.CA, 0o644}} {
			if err := writeOutput(w.path, w.content, w.mode); err != nil {
				return err
			}
		}
		a.say("sealcenter.client.done", "Name", c.Name, "Dir", c.Out, "Until", clock(f.NotAfter))
		return a.result(map[string]string{"name": c.Name, "certificate": cert, "key": key, "ca": ca, "fingerprint": f.Fingerprint, "transport": c.Transport})
	})
}

// anchorCmd is `sealcenter anchor`.
type anchorCmd struct {
	order
	Purpose      string   `required:"" enum:"signer,seal-maker,timestamp" placeholder:"PURPOSE" help:"purpose"`
	Certificate  string   `required:"" type:"existingfile" placeholder:"FILE" help:"anchor_certificate"`
	Intermediate bool     `help:"intermediate"`
	CRL          []string `name:"crl" type:"existingfile" placeholder:"FILE" help:"crl"`
}

// Run implements the command.
func (c *anchorCmd) Run(a *app) error {
	cert, err := readInput(c.Certificate)
	if err != nil {
		return err
	}
	var lists [][]byte
	for _, path := range c.CRL {
		b, err := readInput(path)
		if err != nil {
			return err
		}
		lists = append(lists, b)
	}
	return a.with(func(x *centre) error {
		added, err := x.AddAnchor(a.ctx, c.order.order(), trust.Purpose(c.Purpose), c.Intermediate, cert, lists)
		if err != nil {
			return err
		}
		a.say("sealcenter.anchor.done", "Subject", added.Subject)
		a.say("sealcenter.publish")
		return a.result(map[string]string{"subject": added.Subject, "purpose": c.Purpose})
	})
}

// rotateCmd is `sealcenter rotate-root`.
type rotateCmd struct{ order }

// Run implements the command.
func (c *rotateCmd) Run(a *app) error {
	return a.with(func(x *centre) error {
		root, err := x.RotateRoot(a.ctx, c.order.order())
		if err != nil {
			return err
		}
		a.say("sealcenter.rotate_root.done", "Root", root)
		a.say("sealcenter.publish")
		return a.result(map[string]string{"root": root})
	})
}
