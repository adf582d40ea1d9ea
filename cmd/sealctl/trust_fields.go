package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sealdesk/pdfseal/trust"
	"sealdesk/ui/job"
)

// inspectBundle checks a trust bundle by itself; whether its root is the centre's is for verify and import.
func (a *app) inspectBundle(path string, at time.Time) (*inspection, error) {
	s, err := trust.Open(path, trust.Pins{AllowUnpinned: true})
	if err != nil {
		return nil, &job.TrustError{Path: path, Err: err}
	}
	defer s.Close()
	if at.IsZero() {
		at = a.now()
	}
	i := &inspection{Kind: "bundle", Version: strconv.Itoa(s.Number()), Fields: bundleFields(s, at)}
	i.check("signature", nil, strings.Join(s.SignedBy(), " "))
	err = s.Check(a.ctx)
	if a.ctx.Err() != nil {
		return nil, a.ctx.Err()
	}
	i.check("sections", coded("TRUST_SECTION", err), fmt.Sprintf("%d seals, %d revocation lists", s.Seals(), len(s.Lists())))
	i.check("expiry", period(s.Issued(), s.Expires(), at, "TRUST_EXPIRED"), utc(s.Expires()))
	if s.Stale(at) {
		i.check("age", errors.New("TRUST_STALE: older than the policy allows"), "")
	} else {
		i.check("age", nil, strconv.Itoa(s.AgeDays(at)))
	}
	return i, nil
}

// bundleFields describes a bundle in JSON.
func bundleFields(s *trust.Store, at time.Time) map[string]any {
	anchors := []any{}
	for _, x := range s.Anchors() {
		c := x.Certificate
		anchors = append(anchors, map[string]any{"purpose": string(x.Purpose), "intermediate": x.Intermediate, "subject": c.Subject, "serial": c.SerialHex,
			"notBefore": utc(c.NotBefore), "notAfter": utc(c.NotAfter), "fingerprint": trust.Fingerprint(c.Raw)})
	}
	departments := []any{}
	for _, d := range s.Departments() {
		departments = append(departments, map[string]any{"name": d.Name, "division": d.Division, "level": string(d.Level), "makers": notes(d.Makers), "also": notes(d.Also)})
	}
	lists := []any{}
	for _, l := range s.Lists() {
		lists = append(lists, map[string]any{"issuer": l.Issuer, "thisUpdate": utc(l.ThisUpdate), "nextUpdate": utc(l.NextUpdate), "revoked": l.Revoked})
	}
	p := s.Policy()
	locked := map[string]any{}
	for _, l := range p.Locked {
		locked[l.Name] = l.Value
	}
	return map[string]any{
		"number": s.Number(), "name": s.Name(), "centre": map[string]any{"id": s.Centre().ID, "name": s.Centre().Name}, "issued": utc(s.Issued()), "expires": utc(s.Expires()),
		"ageDays": s.AgeDays(at), "stale": s.Stale(at), "manifest": s.Manifest(), "previous": s.Previous(), "root": s.Root(), "roots": notes(s.Roots()),
		"signedBy": notes(s.SignedBy()), "pinned": s.Pinned(), "anchors": anchors, "departments": departments, "crls": lists, "seals": s.Seals(),
		"policy": map[string]any{"staleAfterDays": p.StaleAfterDays, "graceHours": p.GraceHours, "locked": locked, "workstations": notes(p.Workstations)},
	}
}

// printBundle prints a bundle for people.
func (a *app) printBundle(s *trust.Store) {
	a.say("trust.head", "Name", s.Name(), "ID", s.Centre().ID, "Number", strconv.Itoa(s.Number()))
	a.say("trust.expires", "Issued", day(s.Issued()), "Expires", day(s.Expires()), "Age", strconv.Itoa(s.AgeDays(a.now())))
	if s.Stale(a.now()) || a.now().After(s.Expires()) {
		a.say("trust.old")
	}
	if s.Pinned() {
		a.say("trust.root", "Root", grouped([]string{s.Root()}))
	} else {
		a.say("trust.root_unpinned", "Root", grouped([]string{s.Root()}))
	}
	a.say("trust.anchors")
	for _, x := range s.Anchors() {
		kind := a.text("trust.anchor")
		if x.Intermediate {
			kind = a.text("trust.intermediate")
		}
		a.say("trust.authority", "Purpose", a.text("purpose."+string(x.Purpose)), "Kind", kind, "Subject", x.Certificate.Subject, "To", day(x.Certificate.NotAfter))
	}
	a.say("trust.departments", "N", strconv.Itoa(len(s.Departments())))
	for _, d := range s.Departments() {
		a.say("trust.department", "Name", d.Name, "Level", a.text("level."+string(d.Level)), "Division", d.Division, "Makers", strconv.Itoa(len(d.Makers)))
	}
	if s.HasSealStatus() {
		a.say("trust.seals", "N", strconv.Itoa(s.Seals()))
	} else {
		a.say("trust.no_seals")
	}
	a.say("trust.lists", "N", strconv.Itoa(len(s.Lists())))
	for _, l := range s.Lists() {
		a.say("trust.list", "Issuer", l.Issuer, "This", day(l.ThisUpdate), "Next", day(l.NextUpdate), "N", strconv.Itoa(l.Revoked))
	}
	a.printPolicy(s.Policy())
}

func (a *app) printPolicy(p trust.Policy) {
	if p.StaleAfterDays > 0 {
		a.say("trust.policy.stale", "Days", strconv.Itoa(p.StaleAfterDays))
	}
	if p.GraceHours > 0 {
		a.say("trust.policy.grace", "Hours", strconv.Itoa(p.GraceHours))
	}
	for _, l := range p.Locked {
		a.say("trust.policy.locked", "Name", l.Name, "Value", l.Value)
	}
	if len(p.Workstations) > 0 {
		a.say("trust.policy.workstations", "N", strconv.Itoa(len(p.Workstations)))
	}
}
