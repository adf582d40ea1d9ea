package main

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/trust"
)

// showCmd is `sealcenter show`.
type showCmd struct {
	ID             string `arg:"" optional:"" help:"show_id"`
	Events         int    `placeholder:"N" help:"events"`
	Seals          bool   `help:"seals"`
	Checkpoints    bool   `help:"checkpoints"`
	Out            string `placeholder:"FILE" type:"path" help:"seal_copy"`
	CertificateOut string `placeholder:"FILE" type:"path" help:"certificate_copy"`
}

// Run implements the command.
func (c *showCmd) Run(a *app) error {
	if c.ID == "" && (c.Out != "" || c.CertificateOut != "") {
		return cmdline.Usage("seal_missing")
	}
	return a.with(func(x *centre) error {
		switch {
		case c.ID != "":
			return c.seal(a, x)
		case c.Seals:
			return a.showSeals(x)
		case c.Checkpoints:
			return a.showCheckpoints(x)
		case c.Events > 0:
			events, err := x.Store.Events(a.ctx, c.Events)
			if err != nil {
				return err
			}
			a.tellEvents(events)
			return a.result(eventViews(events))
		}
		return a.overview(x)
	})
}

// eventView is an event in JSON.
type eventView struct {
	Seq         int64           `json:"seq"`
	Time        time.Time       `json:"time"`
	Action      string          `json:"action"`
	Seal        string          `json:"seal,omitempty"`
	Division    string          `json:"division,omitempty"`
	Status      string          `json:"status,omitempty"`
	Since       time.Time       `json:"since,omitzero"`
	Who         string          `json:"who"`
	Why         string          `json:"why"`
	Application string          `json:"application"`
	Detail      json.RawMessage `json:"detail"`
}

func eventViews(events []registry.Event) []eventView {
	out := []eventView{}
	for _, e := range events {
		out = append(out, eventView{e.Seq, e.Time, e.Action, e.SealID, e.Division, string(e.Status), e.Since, e.Who, e.Why, e.Application, json.RawMessage(e.Detail)})
	}
	return out
}

func (a *app) tellEvents(events []registry.Event) {
	for _, e := range events {
		state := ""
		if e.Status != "" {
			state = a.text("sealcenter.show.state", "Status", a.cat.T("status."+string(e.Status), nil), "Since", clock(e.Since))
		}
		a.say("sealcenter.show.event", "Time", clock(e.Time), "Action", a.text("sealcenter.action."+e.Action), "ID", e.SealID, "State", state, "Who", e.Who, "Why", e.Why,
			"Application", e.Application)
	}
}

// sealView is a seal in JSON.
type sealView struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Unit       string      `json:"unit"`
	Kind       string      `json:"kind"`
	Division   string      `json:"division"`
	Issuer     string      `json:"issuer"`
	SM3        string      `json:"sm3"`
	Signer     string      `json:"signerSM3"`
	ValidFrom  time.Time   `json:"validFrom"`
	ValidTo    time.Time   `json:"validTo"`
	Status     string      `json:"status"`
	Since      time.Time   `json:"since"`
	Replaces   string      `json:"replaces,omitempty"`
	ReplacedBy string      `json:"replacedBy,omitempty"`
	History    []eventView `json:"history,omitempty"`

	Verifications []verificationView `json:"verifications,omitempty"` // the last ones, newest first
}

func viewSeal(s registry.Seal, state registry.State) sealView {
	return sealView{ID: s.ID, Name: s.Name, Unit: s.Unit, Kind: s.UnitKind, Division: s.Division, Issuer: s.Issuer, SM3: s.SM3, Signer: s.CertSM3,
		ValidFrom: s.ValidFrom, ValidTo: s.ValidTo, Status: string(state.Status), Since: state.Since, Replaces: s.Replaces, ReplacedBy: s.ReplacedBy}
}

// seal shows one seal with its life, and gives copies of its files (article 17: exports are copies).
func (c *showCmd) seal(a *app, x *centre) error {
	if err := checkOutputs(c.Out, c.CertificateOut); err != nil {
		return err
	}
	s, err := x.Store.Seal(a.ctx, c.ID)
	if errors.Is(err, registry.ErrNotFound) {
		return &desk.Refusal{Key: "seal_unknown", Data: map[string]string{"ID": c.ID}}
	}
	if err != nil {
		return err
	}
	state, err := x.Store.State(a.ctx, c.ID)
	if err != nil {
		return err
	}
	events, err := x.Store.SealEvents(a.ctx, c.ID)
	if err != nil {
		return err
	}
	if err := c.copies(a, x, s); err != nil {
		return err
	}
	a.say("sealcenter.show.seal", "ID", s.ID, "Name", s.Name, "Unit", s.Unit, "Division", s.Division, "Issuer", s.Issuer, "SM3", s.SM3,
		"From", clock(s.ValidFrom), "To", clock(s.ValidTo), "Status", a.cat.T("status."+string(state.Status), nil), "Since", clock(state.Since))
	if s.Replaces != "" {
		a.say("sealcenter.show.replaces", "ID", s.Replaces)
	}
	if s.ReplacedBy != "" {
		a.say("sealcenter.show.replaced_by", "ID", s.ReplacedBy)
	}
	a.tellEvents(events)
	v := viewSeal(s, state)
	v.History = eventViews(events)
	if err := a.lastVerifications(x, &v); err != nil {
		return err
	}
	return a.result(v)
}

func (c *showCmd) copies(a *app, x *centre, s registry.Seal) error {
	if c.Out != "" {
		if err := writeOutput(c.Out, s.DER, 0o644); err != nil {
			return err
		}
	}
	if c.CertificateOut == "" {
		return nil
	}
	cert, err := x.Store.Certificate(a.ctx, s.CertSM3)
	if err != nil {
		return err
	}
	return writeOutput(c.CertificateOut, authority.EncodeCertificate(cert.DER), 0o644)
}

// sealPage is how many seals are read at a time.
const sealPage = 500

func (a *app) showSeals(x *centre) error {
	after := ""
	for {
		seals, err := x.Store.Seals(a.ctx, after, sealPage)
		if err != nil {
			return err
		}
		for _, s := range seals {
			state, err := x.Store.State(a.ctx, s.ID)
			if err != nil {
				return err
			}
			a.say("sealcenter.show.line", "ID", s.ID, "Name", s.Name, "Status", a.cat.T("status."+string(state.Status), nil), "Since", clock(state.Since))
			if err := a.result(viewSeal(s, state)); err != nil {
				return err
			}
			after = s.ID
		}
		if len(seals) < sealPage {
			return nil
		}
	}
}

// centreView is the overview in JSON.
type centreView struct {
	ID            string                `json:"id"`
	Name          string                `json:"name"`
	Division      string                `json:"division"`
	Root          string                `json:"root"`
	Database      string                `json:"database"`
	Bundle        int                   `json:"bundle"`
	Expires       time.Time             `json:"expires"`
	Departments   []registry.Department `json:"departments"`
	Clients       []registry.Client     `json:"clients"`
	Seals         map[trust.Status]int  `json:"seals"`
	Verifications int                   `json:"verifications"`
}

// overview shows the centre as a whole.
func (a *app) overview(x *centre) error {
	v := centreView{ID: x.Centre.ID, Name: x.Centre.Name, Division: x.Centre.Division, Database: x.Store.Kind()}
	b, err := x.Store.LatestBundle(a.ctx)
	if err != nil && !errors.Is(err, registry.ErrNotFound) {
		return err
	}
	v.Bundle, v.Expires = b.Number, b.Expires
	for _, read := range []func() error{
		func() (err error) { v.Root, err = x.RootFingerprint(); return err },
		func() (err error) { v.Departments, err = x.Store.Departments(a.ctx); return err },
		func() (err error) { v.Clients, err = x.Store.Clients(a.ctx); return err },
		func() (err error) { v.Seals, err = x.Store.Counts(a.ctx); return err },
		func() (err error) { v.Verifications, err = x.Store.CountVerifications(a.ctx); return err },
	} {
		if err := read(); err != nil {
			return err
		}
	}
	a.tellOverview(v)
	return a.result(v)
}

func (a *app) tellOverview(v centreView) {
	a.say("sealcenter.show.centre", "Name", v.Name, "Division", v.Division, "Root", v.Root, "Database", v.Database, "Number", strconv.Itoa(v.Bundle),
		"Expires", clock(v.Expires), "Verifications", strconv.Itoa(v.Verifications))
	for _, d := range v.Departments {
		a.say("sealcenter.show.department", "Name", d.Name, "Division", d.Division, "Level", a.text("sealcenter.level."+string(desk.LevelOf(d.Division))))
	}
	for _, s := range states {
		a.say("sealcenter.show.count", "Status", a.cat.T("status."+s, nil), "N", strconv.Itoa(v.Seals[trust.Status(s)]))
	}
	for _, c := range v.Clients {
		key := "sealcenter.show.client"
		if c.Disabled {
			key = "sealcenter.show.client_disabled"
		}
		a.say(key, "Name", c.Name, "Transport", c.Transport, "Until", clock(c.NotAfter), "Fingerprint", c.Fingerprint[:16])
	}
}
