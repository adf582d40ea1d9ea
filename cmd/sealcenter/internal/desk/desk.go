package desk

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"

	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/trust"
)

// Centre says which centre the desk belongs to.
type Centre struct {
	ID, Name string
	Division string // the outermost one that it serves
	Training bool   // identifiers of seals carry the mark TRAINING
}

// Desk makes the changes. It is safe for concurrent use as far as its store is.
type Desk struct {
	Centre    Centre
	Store     *registry.Store
	Authority *authority.Authority
	Now       func() time.Time // nil: time.Now
}

func (d *Desk) now() time.Time {
	if d.Now != nil {
		return d.Now().UTC().Truncate(time.Millisecond)
	}
	return time.Now().UTC().Truncate(time.Millisecond)
}

// maxText bounds names and reasons, in characters.
const maxText = 200

// plain reports whether s is short text for people, without control characters.
func plain(s string) bool {
	return strings.TrimSpace(s) == s && s != "" && len([]rune(s)) <= maxText && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f || r == '\uFFFD' })
}

// checkOrder demands who, why and the application of article 8.
func checkOrder(o registry.Order) error {
	for name, v := range map[string]string{"--who": o.Who, "--why": o.Why, "--application": o.Application} {
		if !plain(v) {
			return refuse("order", "Field", name)
		}
	}
	return nil
}

// department turns a record into the department of a bundle.
func department(r registry.Department) trust.Department {
	return trust.Department{Name: r.Name, Division: r.Division, Level: LevelOf(r.Division), Makers: []string{r.MakerSM3}}
}

// CheckFounding refuses, before any key is made, what Founding and the first Bundle would refuse after it.
func (c Centre) CheckFounding(o registry.Order, department string, days int) error {
	if err := checkOrder(o); err != nil {
		return err
	}
	switch {
	case !plain(c.Name):
		return refuse("unit", "Field", "--name")
	case !plain(department):
		return refuse("unit", "Field", "--department")
	case !IsDivision(c.Division):
		return refuse("division", "Division", c.Division)
	}
	return checkDays(days)
}

var hostName = regexp.MustCompile(`^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// CheckHosts refuses what can be no name or address in a certificate of the endpoint.
func CheckHosts(hosts []string) error {
	if len(hosts) == 0 {
		return refuse("host", "Host", "—")
	}
	for _, h := range hosts {
		if net.ParseIP(h) == nil && !hostName.MatchString(h) {
			return refuse("host", "Host", h)
		}
	}
	return nil
}

// Founding records the making of the centre with its first department.
func (d *Desk) Founding(ctx context.Context, o registry.Order, name string) error {
	return d.addDepartment(ctx, o, registry.ActionInit, name, d.Centre.Division)
}

// Owns reports whether the registry is that of this centre: it names the first department with the maker whose certificate is here.
func (d *Desk) Owns(ctx context.Context) (bool, error) {
	first, err := d.Store.Department(ctx, d.Centre.Division)
	if errors.Is(err, registry.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	maker, err := d.Authority.MakerCertificate(d.Centre.Division)
	if err != nil {
		return false, err
	}
	return fingerprint(maker) == first.MakerSM3, nil
}

// AddDepartment makes the office of a league or banner an issuing department, with a maker of its own.
func (d *Desk) AddDepartment(ctx context.Context, o registry.Order, name, division string) error {
	return d.addDepartment(ctx, o, registry.ActionDepartment, name, division)
}

func (d *Desk) addDepartment(ctx context.Context, o registry.Order, action, name, division string) error {
	if err := checkOrder(o); err != nil {
		return err
	}
	switch {
	case !plain(name):
		return refuse("unit", "Field", "--name")
	case !IsDivision(division):
		return refuse("division", "Division", division)
	case !inside(division, d.Centre.Division):
		return refuse("division_outside", "Division", division, "Own", d.Centre.Division)
	}
	if old, err := d.Store.Department(ctx, division); err == nil {
		return refuse("division_taken", "Division", division, "Department", old.Name)
	}
	now := d.now()
	maker, err := d.Authority.NewMaker(division, name, "", now)
	if err != nil {
		return err
	}
	cert := maker.Cert()
	return d.Store.Update(ctx, func(c *registry.Change) error {
		event, err := c.Record(registry.Event{Time: now, Order: o, Action: action, Division: division, Detail: detail("name", name)})
		if err != nil {
			return err
		}
		if err := c.AddCertificate(event, certificate(cert, "seal-maker", name, "")); err != nil {
			return err
		}
		err = c.AddDepartment(event, registry.Department{Division: division, Name: name, MakerSM3: fingerprint(cert)})
		if errors.Is(err, registry.ErrConflict) {
			return refuse("division_taken", "Division", division, "Department", name)
		}
		return err
	})
}

// certificate is the record of a certificate.
func certificate(c *gm.Certificate, authority, unit, person string) registry.Certificate {
	return registry.Certificate{SM3: fingerprint(c), Authority: authority, Serial: c.SerialHex, KeySM3: keySM3(c.Public), Unit: unit, Person: person, DER: c.Raw,
		NotBefore: c.NotBefore, NotAfter: c.NotAfter}
}

func keySM3(k gm.PublicKey) string {
	f := gm.SM3(k.Point())
	return hex.EncodeToString(f[:])
}

func fingerprint(c *gm.Certificate) string {
	f := c.Fingerprint()
	return hex.EncodeToString(f[:])
}

// detail writes what else an event is about.
func detail(pairs ...string) string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			m[pairs[i]] = pairs[i+1]
		}
	}
	b, err := json.Marshal(m)
	if err != nil { // a map of strings can always be written
		panic(fmt.Sprintf("desk: %v", err))
	}
	return string(b)
}

// issuing finds the department that issues; empty means the only one.
func (d *Desk) issuing(ctx context.Context, division string) (trust.Department, error) {
	all, err := d.Store.Departments(ctx)
	if err != nil {
		return trust.Department{}, err
	}
	if division == "" && len(all) != 1 {
		return trust.Department{}, refuse("no_department")
	}
	for _, r := range all {
		if division == "" || r.Division == division {
			return department(r), nil
		}
	}
	return trust.Department{}, refuse("department_unknown", "Division", division)
}
