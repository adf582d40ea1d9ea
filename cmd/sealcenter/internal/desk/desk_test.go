package desk_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/cmd/sealcenter/internal/centretest"
	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/trust"
)

// refused asks that err is a refusal with the key.
func refused(t *testing.T, what string, err error, key string) {
	t.Helper()
	var r *desk.Refusal
	if !errors.As(err, &r) || r.Key != key {
		t.Errorf("%s: %v, want a refusal %q", what, err, key)
		return
	}
	if !slices.Contains(desk.RefusalKeys(), key) {
		t.Errorf("RefusalKeys lacks %q", key)
	}
}

func newCentre(t *testing.T) *centretest.Centre {
	t.Helper()
	return centretest.New(t, filepath.Join(t.TempDir(), "centre.db"))
}

// TestCheckIssue is article 6, unit by unit.
func TestCheckIssue(t *testing.T) {
	for _, c := range []struct {
		issuer, division string
		kind             desk.UnitKind
		rule             string
	}{
		{"150000", "150000", desk.Bureau, ""}, {"150000", "150400", desk.Government, ""}, {"150000", "150429", desk.Government, ""},
		{"150000", "150000", desk.Government, "own_government"}, {"150000", "150400", desk.Bureau, "skip_level"}, {"150000", "150429", desk.Bureau, "skip_level"},
		{"150000", "150429", desk.Township, "skip_level"}, {"150000", "110000", desk.Bureau, "foreign_region"}, {"150000", "110100", desk.Government, "foreign_region"},
		{"150400", "150400", desk.Bureau, ""}, {"150400", "150400", desk.Government, "own_government"}, {"150400", "150429", desk.Bureau, "skip_level"},
		{"150400", "150429", desk.Government, "skip_level"}, {"150400", "150000", desk.Bureau, "foreign_region"}, {"150400", "150500", desk.Bureau, "foreign_region"},
		{"150429", "150429", desk.Bureau, ""}, {"150429", "150429", desk.Township, ""}, {"150429", "150429", desk.Government, "own_government"},
		{"150429", "150430", desk.Bureau, "foreign_region"}, {"150429", "150400", desk.Bureau, "foreign_region"}, {"150400", "150400", desk.Township, "township_level"},
	} {
		err := desk.CheckIssue(trust.Department{Name: "x", Division: c.issuer}, c.division, c.kind)
		if c.rule == "" {
			if err != nil {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		refused(t, c.issuer+" for "+string(c.kind)+" of "+c.division, err, c.rule)
	}
	for s, want := range map[string]bool{"150000": true, "150429": true, "150400": true, "15000": false, "1500000": false, "15x000": false, "000000": false, "150029": false} {
		if desk.IsDivision(s) != want {
			t.Errorf("IsDivision(%q) = %v", s, !want)
		}
	}
}

func TestIssue_numbersLevelsAndCertificate(t *testing.T) {
	c := newCentre(t)
	a, b := c.Issue(t, nil), c.Issue(t, func(r *desk.Request) { r.Unit = "第二厅" })
	if a.Seal.ID != "15000000000001" || b.Seal.ID != "15000000000002" {
		t.Errorf("identifiers %s, %s", a.Seal.ID, b.Seal.ID)
	}
	if listed, usable := a.Seal.Lists(a.Cert); !listed || !usable {
		t.Error("the seal does not list its custodian's certificate")
	}
	if err := c.AddDepartment(t.Context(), centretest.Order, "示范旗人民政府办公室", "150429"); err != nil {
		t.Fatal(err)
	}
	banner := c.Issue(t, func(r *desk.Request) { r.Department, r.Division, r.Kind = "150429", "150429", desk.Township })
	if !strings.HasPrefix(banner.Seal.ID, "150429") || string(banner.Seal.MakerCert) == string(a.Seal.MakerCert) {
		t.Errorf("%s by another department's maker", banner.Seal.ID)
	}
	r := centretest.Request(centretest.Key(t).Public().Point())
	_, err := c.Desk.Issue(t.Context(), centretest.Order, r)
	refused(t, "two departments, none named", err, "no_department")
	c.Centre.Training, r.Department = true, "150000"
	out, err := c.Desk.Issue(t.Context(), centretest.Order, r)
	if err != nil || out.Seal.ID != "TRAINING15000000000001" {
		t.Errorf("%+v, %v", out, err)
	}
	store := bundle(t, c)
	for _, x := range []*centretest.Custodian{a, banner} {
		if st, listed := store.SealStatus(x.Seal.ID); !listed || st.Status != trust.StatusInForce {
			t.Errorf("bundle on %s: %+v, %v", x.Seal.ID, st, listed)
		}
	}
}

// bundle writes the next bundle and opens it as a client does.
func bundle(t *testing.T, c *centretest.Centre) *trust.Store {
	t.Helper()
	b := c.Bundle(t)
	root, err := c.RootFingerprint()
	if err != nil {
		t.Fatal(err)
	}
	s, err := trust.Open(c.Authority.BundlePath(b.Number, b.Manifest), trust.Pins{Roots: []string{root}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestIssue_refusals(t *testing.T) {
	c := newCentre(t)
	first := c.Issue(t, nil)
	_, self := sealtestHolder(t)
	for name, x := range map[string]struct {
		key    string
		change func(*desk.Request)
	}{
		"no unit":                   {"unit", func(r *desk.Request) { r.Unit = "" }},
		"control character":         {"unit", func(r *desk.Request) { r.Custodian = "甲\n乙" }},
		"division":                  {"division", func(r *desk.Request) { r.Division = "15" }},
		"identifier":                {"seal_id", func(r *desk.Request) { r.ID = "1" }},
		"identifier elsewhere":      {"seal_id_division", func(r *desk.Request) { r.ID = "15042900000001" }},
		"identifier taken":          {"seal_id_taken", func(r *desk.Request) { r.ID = first.Seal.ID }},
		"picture":                   {"picture", func(r *desk.Request) { r.Picture.Data = []byte("x") }},
		"picture without size":      {"picture", func(r *desk.Request) { r.Picture.WidthMM = 0 }},
		"validity":                  {"validity", func(r *desk.Request) { r.ValidTo = r.ValidFrom }},
		"key":                       {"key_file", func(r *desk.Request) { r.PublicKey = []byte("x") }},
		"department":                {"department_unknown", func(r *desk.Request) { r.Department = "150400" }},
		"certificate of a stranger": {"certificate_untrusted", func(r *desk.Request) { r.PublicKey, r.Cert = nil, self }},
		"no certificate":            {"certificate_unusable", func(r *desk.Request) { r.PublicKey, r.Cert = nil, []byte("x") }},
	} {
		if name == "certificate of a stranger" {
			c.Bundle(t)
		}
		r := centretest.Request(centretest.Key(t).Public().Point())
		x.change(&r)
		_, err := c.Desk.Issue(t.Context(), centretest.Order, r)
		refused(t, name, err, x.key)
	}
	_, err := c.Desk.Issue(t.Context(), registry.Order{Who: "甲", Why: "x"}, centretest.Request(centretest.Key(t).Public().Point()))
	refused(t, "no application", err, "order")
	if n, err := c.Store.Counts(t.Context()); err != nil || n[trust.StatusInForce] != 1 {
		t.Errorf("%v, %v", n, err)
	}
}

// sealtestHolder is a custodian certified by another authority, with that authority's certificate.
func sealtestHolder(t *testing.T) (pki *sealtest.PKI, cert []byte) {
	t.Helper()
	pki, err := sealtest.NewPKI(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	h, err := pki.NewHolder("别处", "丙", time.Now().AddDate(0, -1, 0), time.Now().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return pki, h.SignCert
}

func TestIssue_certificateOfAnotherAuthority(t *testing.T) {
	c := newCentre(t)
	pki, cert := sealtestHolder(t)
	if _, err := c.AddAnchor(t.Context(), centretest.Order, trust.PurposeSigner, false, pki.SignerCACert, nil); err != nil {
		t.Fatal(err)
	}
	_, err := c.AddAnchor(t.Context(), centretest.Order, trust.PurposeSigner, false, pki.SignerCACert, nil)
	refused(t, "anchor twice", err, "anchor_known")
	_, err = c.AddAnchor(t.Context(), centretest.Order, trust.PurposeSigner, false, cert, nil)
	refused(t, "no authority", err, "anchor")
	bundle(t, c)
	r := centretest.Request(nil)
	r.Cert = cert
	out, err := c.Desk.Issue(t.Context(), centretest.Order, r)
	if err != nil || out.NewCert || string(out.Certificate) != string(cert) {
		t.Fatalf("%+v, %v", out, err)
	}
	lost, err := c.ReportLost(t.Context(), centretest.Order, out.Seal.ID, time.Time{})
	if err != nil || !lost.ForeignCert || lost.Revoked != "" {
		t.Errorf("%+v, %v", lost, err)
	}
}

// TestBundle_twoDesks: two desks that write a bundle at once get a number each.
func TestBundle_twoDesks(t *testing.T) {
	centretest.Each(t, func(t *testing.T, target string) {
		c := centretest.New(t, target)
		two := *c.Desk
		two.Store = centretest.Store(t, target)
		var all sync.WaitGroup
		for _, d := range []*desk.Desk{c.Desk, &two} {
			all.Go(func() {
				for range 3 {
					if _, err := d.Bundle(t.Context(), centretest.Order, desk.BundleOptions{Days: 1}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if b, err := c.Store.LatestBundle(t.Context()); err != nil || b.Number != 6 {
			t.Errorf("bundle %d, %v", b.Number, err)
		}
	})
}

func TestIssue_certificateOfACancelledSeal(t *testing.T) {
	c := newCentre(t)
	x := c.Issue(t, nil)
	if _, err := c.Cancel(t.Context(), centretest.Order, x.Seal.ID, "已交回"); err != nil {
		t.Fatal(err)
	}
	r := centretest.Request(nil)
	r.Cert = x.Cert
	_, err := c.Desk.Issue(t.Context(), centretest.Order, r)
	refused(t, "revoked certificate", err, "certificate_revoked")
}

func TestDepartment_refusals(t *testing.T) {
	c := newCentre(t)
	for division, key := range map[string]string{"150000": "division_taken", "110000": "division_outside", "15": "division"} {
		refused(t, division, c.AddDepartment(t.Context(), centretest.Order, "办公厅", division), key)
	}
	refused(t, "no name", c.AddDepartment(t.Context(), centretest.Order, "", "150400"), "unit")
}

func TestClients_disabled(t *testing.T) {
	c := newCentre(t)
	c.Client(t, "局")
	if _, err := c.AddClient(t.Context(), centretest.Order, "局", "tlcp"); err != nil {
		t.Fatal(err)
	}
	if n, err := c.DisableClients(t.Context(), centretest.Order, "局"); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	_, err := c.DisableClients(t.Context(), centretest.Order, "局")
	refused(t, "again", err, "client_disabled")
	_, err = c.DisableClients(t.Context(), centretest.Order, "厅")
	refused(t, "unknown", err, "client_unknown")
}

// TestRotateRoot: a client of the old root follows to the new one.
func TestRotateRoot(t *testing.T) {
	c := newCentre(t)
	old, err := c.RootFingerprint()
	if err != nil {
		t.Fatal(err)
	}
	c.Bundle(t)
	changed, err := c.RotateRoot(t.Context(), centretest.Order)
	if err != nil || changed == old {
		t.Fatalf("%s, %v", changed, err)
	}
	if s, err := c.OpenBundle(t.Context()); err != nil {
		t.Errorf("the bundle before: %v", err)
	} else {
		_ = s.Close()
	}
	for range 2 { // offices that were away for the first one still follow
		b := c.Bundle(t)
		for _, pin := range []string{old, changed} {
			s, err := trust.Open(c.Authority.BundlePath(b.Number, b.Manifest), trust.Pins{Roots: []string{pin}})
			if err != nil {
				t.Errorf("under %s: %v", pin, err)
				continue
			}
			if !slices.Equal(s.Roots(), []string{changed}) {
				t.Errorf("roots %v", s.Roots())
			}
			_ = s.Close()
		}
	}
}

func TestBundle_daysAndClock(t *testing.T) {
	c := newCentre(t)
	for _, days := range []int{0, -1, 367} {
		_, err := c.Desk.Bundle(t.Context(), centretest.Order, desk.BundleOptions{Days: days})
		refused(t, "days", err, "bundle_days")
	}
	first := c.Bundle(t)
	c.Now = func() time.Time { return time.Now().Add(-time.Hour) }
	_, err := c.Desk.Bundle(t.Context(), centretest.Order, desk.BundleOptions{Days: 1})
	refused(t, "clock set back", err, "clock")
	c.Now = nil
	second := bundle(t, c)
	if second.Number() != first.Number+1 || second.Previous() != first.Manifest {
		t.Errorf("number %d, previous %s", second.Number(), second.Previous())
	}
}
