package registry_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/cmd/sealcenter/internal/centretest"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/trust"
)

var at = time.Date(2026, 3, 2, 9, 0, 0, 123e6, time.UTC)

// fill records a department, a certificate, and a seal in force.
func fill(t *testing.T, s *registry.Store, id string) {
	t.Helper()
	err := s.Update(t.Context(), func(c *registry.Change) error {
		event, err := c.Record(registry.Event{Time: at, Order: centretest.Order, Action: registry.ActionIssue, SealID: id, Division: "150000", Status: trust.StatusInForce, Since: at})
		if err != nil {
			return err
		}
		err = c.AddDepartment(event, registry.Department{Division: "150000", Name: "办公厅", MakerSM3: "m"})
		if err != nil && !errors.Is(err, registry.ErrConflict) {
			return err
		}
		cert := registry.Certificate{SM3: "c-" + id, Authority: "signer", Serial: "0A" + id, KeySM3: "k-" + id, Unit: "厅", Person: "甲", DER: []byte{1, 0, 255},
			NotBefore: at, NotAfter: at.AddDate(1, 0, 0)}
		if err := c.AddCertificate(event, cert); err != nil {
			return err
		}
		return c.AddSeal(event, registry.Seal{ID: id, SM3: "s-" + id, DER: []byte(id), Name: "印章", Unit: "厅", UnitKind: "department", Division: "150000", Issuer: "150000",
			CertSM3: cert.SM3, ValidFrom: at, ValidTo: at.AddDate(1, 0, 0)})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStore(t *testing.T) {
	centretest.Each(t, func(t *testing.T, target string) {
		for _, c := range []struct {
			name string
			do   func(*testing.T, *registry.Store)
		}{
			{"seal and states", testSeal}, {"nothing is changed or deleted", func(t *testing.T, s *registry.Store) { testGuards(t, s, target) }},
			{"a failed change leaves nothing", testRollback}, {"verification", testVerification}, {"one request, many callers", testSameRequest},
			{"checkpoints", testCheckpoints}, {"clients, bundles, anchors", testRest}, {"revocations", testRevocations}, {"identifiers", testLastID},
		} {
			t.Run(c.name, func(t *testing.T) { c.do(t, centretest.Store(t, target)) })
		}
		t.Run("a second opening finds everything", func(t *testing.T) {
			s := centretest.Store(t, target)
			if _, err := s.Seal(t.Context(), "15000000000001"); err != nil {
				t.Error(err)
			}
			if err := s.Ping(t.Context()); err != nil || s.Kind() == "" {
				t.Error(err)
			}
		})
	})
}

func testSeal(t *testing.T, s *registry.Store) {
	ctx, id := t.Context(), "15000000000001"
	if _, err := s.Seal(ctx, id); !errors.Is(err, registry.ErrNotFound) {
		t.Fatalf("absent seal: %v", err)
	}
	fill(t, s, id)
	got, err := s.Seal(ctx, id)
	if err != nil || string(got.DER) != id || !got.ValidFrom.Equal(at) || got.Name != "印章" || got.Replaces != "" || got.ReplacedBy != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	later := at.Add(time.Hour)
	err = s.Update(ctx, func(c *registry.Change) error {
		_, err := c.Record(registry.Event{Time: later, Order: centretest.Order, Action: registry.ActionSuspend, SealID: id, Status: trust.StatusSuspended, Since: later})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if st, err := s.State(ctx, id); err != nil || st.Status != trust.StatusSuspended || !st.Since.Equal(later) {
		t.Errorf("%+v, %v", st, err)
	}
	events, err := s.SealEvents(ctx, id)
	if err != nil || len(events) != 2 || events[0].Action != registry.ActionIssue || events[1].Order != centretest.Order || events[1].Detail != "{}" {
		t.Errorf("%+v, %v", events, err)
	}
	var walked []registry.History
	if err := s.WalkHistory(ctx, func(h registry.History) error { walked = append(walked, h); return nil }); err != nil || len(walked) != 2 || walked[1].Issuer != "150000" {
		t.Errorf("%+v, %v", walked, err)
	}
	stop := errors.New("enough")
	if err := s.WalkHistory(ctx, func(registry.History) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a walk that is stopped: %v", err)
	}
	counts, err := s.Counts(ctx)
	if err != nil || counts[trust.StatusSuspended] != 1 || len(counts) != 1 {
		t.Errorf("%v, %v", counts, err)
	}
	if list, err := s.Seals(ctx, "", 10); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	if list, err := s.Seals(ctx, id, 10); err != nil || len(list) != 0 {
		t.Errorf("after the last: %v, %v", list, err)
	}
	if last, err := s.Events(ctx, 1); err != nil || len(last) != 1 || last[0].Action != registry.ActionSuspend {
		t.Errorf("%v, %v", last, err)
	}
}

// testGuards tries to change what is recorded, past this package (article 17).
func testGuards(t *testing.T, s *registry.Store, target string) {
	fill(t, s, "15000000000077")
	driver, dsn := "sqlite", target
	if registry.IsPostgres(target) {
		driver = "pgx"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		"UPDATE seals SET der = NULL", "UPDATE seals SET name = 'x'", "DELETE FROM seals", "UPDATE events SET why = 'x'", "DELETE FROM events",
		"DELETE FROM certificates", "UPDATE departments SET name = 'x'",
	} {
		if _, err := db.Exec(statement); err == nil || !strings.Contains(err.Error(), "never changed") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	got, err := s.Seal(t.Context(), "15000000000077")
	if err != nil || got.Name != "印章" {
		t.Errorf("%+v, %v", got, err)
	}
}

func testRollback(t *testing.T, s *registry.Store) {
	before, err := s.Events(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	fault := errors.New("fault")
	err = s.Update(t.Context(), func(c *registry.Change) error {
		if _, err := c.Record(registry.Event{Time: at, Order: centretest.Order, Action: registry.ActionSuspend}); err != nil {
			return err
		}
		return fault
	})
	if !errors.Is(err, fault) {
		t.Errorf("%v", err)
	}
	if _, err := (&registry.Change{}).Record(registry.Event{}); err == nil {
		t.Error("an event without action was recorded")
	}
	after, err := s.Events(t.Context(), 1000)
	if err != nil || len(after) != len(before) {
		t.Errorf("%d events, before %d, %v", len(after), len(before), err)
	}
}

func testVerification(t *testing.T, s *registry.Store) {
	v := registry.Verification{ID: "v1", RequestID: "r1", RequestSM3: "d", Client: "局", Time: at, SealID: "15000000000001", Verdict: "valid", Reasons: []string{}, Receipt: []byte{0, 1}, Bundle: 3}
	if _, err := s.Verification(t.Context(), "r1"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("absent: %v", err)
	}
	if err := s.AddVerification(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	v.ID = "v2"
	if err := s.AddVerification(t.Context(), v); !errors.Is(err, registry.ErrConflict) {
		t.Errorf("the same request again: %v", err)
	}
	got, err := s.Verification(t.Context(), "r1")
	if err != nil || got.ID != "v1" || got.Bundle != 3 || !got.Time.Equal(at) || got.Reasons == nil {
		t.Errorf("%+v, %v", got, err)
	}
	if list, err := s.SealVerifications(t.Context(), "15000000000001", 5); err != nil || len(list) != 1 || list[0].ID != "v1" {
		t.Errorf("%v, %v", list, err)
	}
}

func testSameRequest(t *testing.T, s *registry.Store) {
	before, err := s.CountVerifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	kept := make(chan error, 16)
	for i := range cap(kept) {
		all.Go(func() {
			kept <- s.AddVerification(t.Context(), registry.Verification{ID: fmt.Sprint("same", i), RequestID: "same", Time: at, Receipt: []byte{1}, Reasons: []string{"a"}})
		})
	}
	all.Wait()
	close(kept)
	ok := 0
	for err := range kept {
		switch {
		case err == nil:
			ok++
		case !errors.Is(err, registry.ErrConflict):
			t.Error(err)
		}
	}
	after, err := s.CountVerifications(t.Context())
	if err != nil || ok != 1 || after != before+1 {
		t.Errorf("%d of 16 kept, %d records more, %v", ok, after-before, err)
	}
}

func testCheckpoints(t *testing.T, s *registry.Store) {
	add := func(register string, size int64, head string) error {
		return s.AddCheckpoint(t.Context(), registry.Checkpoint{Register: register, Size: size, Head: head, Signer: "k", Time: at, DER: []byte{1}, Client: "局", Received: at})
	}
	for _, c := range []struct {
		register string
		size     int64
		head     string
		fork     bool
	}{
		{"r", 10, "a", false}, {"r", 10, "a", false}, {"r", 10, "b", true}, {"r", 9, "c", true}, {"r", 12, "d", false}, {"r", 10, "a", false},
		{"other", 1, "x", false}, {"r", 11, "e", true}, {"r", 12, "d", false},
	} {
		if err := add(c.register, c.size, c.head); errors.Is(err, registry.ErrFork) != c.fork || err != nil && !c.fork {
			t.Errorf("%+v: %v", c, err)
		}
	}
	list, err := s.Checkpoints(t.Context(), "r")
	if err != nil || len(list) != 2 || list[1].Size != 12 || !list[1].Time.Equal(at) {
		t.Errorf("%+v, %v", list, err)
	}
	if all, err := s.Checkpoints(t.Context(), ""); err != nil || len(all) != 3 {
		t.Errorf("%d, %v", len(all), err)
	}
}

func testRest(t *testing.T, s *registry.Store) {
	ctx := t.Context()
	if _, err := s.LatestBundle(ctx); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("%v", err)
	}
	err := s.Update(ctx, func(c *registry.Change) error {
		event, err := c.Record(registry.Event{Time: at, Order: centretest.Order, Action: registry.ActionBundle})
		if err != nil {
			return err
		}
		return errors.Join(
			c.AddBundle(event, registry.Bundle{Number: 9, Manifest: "m9", Issued: at, Expires: at, Size: 7}),
			c.AddBundle(event, registry.Bundle{Number: 10, Manifest: "m10", Issued: at, Expires: at, Size: 8}),
			c.AddClient(event, registry.Client{Fingerprint: "f1", Name: "局", Transport: "tls", NotAfter: at}),
			c.AddClient(event, registry.Client{Fingerprint: "f2", Name: "厅", Transport: "tlcp", NotAfter: at}),
			c.DisableClient(event, "f1"),
			c.AddAnchor(event, registry.Anchor{SM3: "a", Purpose: trust.PurposeSigner, Intermediate: true, DER: []byte{1}}),
			c.AddCRL(event, "l", []byte{2}), c.AddCRL(event, "l", []byte{2}))
	})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := s.LatestBundle(ctx); err != nil || b.Number != 10 || b.Manifest != "m10" {
		t.Errorf("%+v, %v", b, err)
	}
	if c, err := s.Client(ctx, "f1"); err != nil || !c.Disabled || c.Name != "局" {
		t.Errorf("%+v, %v", c, err)
	}
	if all, err := s.Clients(ctx); err != nil || len(all) != 2 || all[1].Disabled {
		t.Errorf("%+v, %v", all, err)
	}
	if all, err := s.Anchors(ctx); err != nil || len(all) != 1 || !all[0].Intermediate {
		t.Errorf("%+v, %v", all, err)
	}
	if all, err := s.ForeignCRLs(ctx); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	for name, do := range map[string]func(*registry.Change) error{
		"bundle":     func(c *registry.Change) error { return c.AddBundle(1, registry.Bundle{Number: 9}) },
		"client":     func(c *registry.Change) error { return c.AddClient(1, registry.Client{Fingerprint: "f1"}) },
		"department": func(c *registry.Change) error { return c.AddDepartment(1, registry.Department{Division: "150000"}) },
	} {
		if err := s.Update(ctx, do); !errors.Is(err, registry.ErrConflict) {
			t.Errorf("%s twice: %v", name, err)
		}
	}
}

func testRevocations(t *testing.T, s *registry.Store) {
	ctx := t.Context()
	fill(t, s, "15000000000050")
	revoke := func(when time.Time, reason int) {
		t.Helper()
		err := s.Update(ctx, func(c *registry.Change) error {
			event, err := c.Record(registry.Event{Time: at, Order: centretest.Order, Action: registry.ActionReportLost, SealID: "15000000000050", Status: trust.StatusReportedLost, Since: when})
			if err != nil {
				return err
			}
			return c.Revoke(event, registry.Revocation{CertSM3: "c-15000000000050", Time: when, Reason: reason})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, revoked, err := s.Revocation(ctx, "c-15000000000050"); revoked || err != nil {
		t.Errorf("%v, %v", revoked, err)
	}
	revoke(at, 1)
	revoke(at.Add(time.Hour), 5) // the first one counts
	r, revoked, err := s.Revocation(ctx, "c-15000000000050")
	if err != nil || !revoked || !r.Time.Equal(at) || r.Reason != 1 {
		t.Errorf("%+v, %v, %v", r, revoked, err)
	}
	all, err := s.Revocations(ctx, "signer")
	if err != nil || !slices.ContainsFunc(all, func(r registry.Revocation) bool { return r.Serial == "0A15000000000050" }) {
		t.Errorf("%+v, %v", all, err)
	}
	err = s.Update(ctx, func(c *registry.Change) error {
		for key, want := range map[string]bool{"k-15000000000050": true, "k-15000000000001": false} {
			if lost, err := c.KeyLost(key); err != nil || lost != want {
				t.Errorf("%s lost: %v, %v", key, lost, err)
			}
		}
		uses, err := c.SealsOfKey("k-15000000000050")
		if err != nil || !slices.Equal(uses, []registry.KeyUse{{SealID: "15000000000050", CertSM3: "c-15000000000050"}}) {
			t.Errorf("%+v, %v", uses, err)
		}
		own, err := c.CertificatesOfKey("k-15000000000050")
		if !slices.Equal(own, []string{"c-15000000000050"}) {
			t.Errorf("%v", own)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func testLastID(t *testing.T, s *registry.Store) {
	fill(t, s, "15042900000007")
	fill(t, s, "15042900000010")
	fill(t, s, "150429000000100")
	for prefix, want := range map[string]string{"15042900": "15042900000010", "15043000": ""} {
		err := s.Update(t.Context(), func(c *registry.Change) error {
			got, err := c.LastSealID(prefix, 14)
			if got != want {
				t.Errorf("%s: %q, want %q", prefix, got, want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestOpen_newerTables(t *testing.T) {
	target := t.TempDir() + "/centre.db"
	if err := centretest.Store(t, target).Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(target); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st, err)
	}
	db, err := sql.Open("sqlite", target)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO migrations (version) VALUES (1000)"); err != nil {
		t.Fatal(err)
	}
	if _, err := registry.Open(t.Context(), target); !errors.Is(err, registry.ErrNewer) {
		t.Errorf("%v", err)
	}
	if _, err := registry.Open(t.Context(), t.TempDir()+"/no/such/folder/x.db"); err == nil {
		t.Error("a registry in no folder was opened")
	}
}
