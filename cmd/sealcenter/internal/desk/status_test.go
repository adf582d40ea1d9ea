package desk_test

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sealdesk/cmd/sealcenter/internal/centretest"
	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/trust"
)

// TestStates walks articles 9 to 11: which state follows which.
func TestStates_transitions(t *testing.T) {
	c := newCentre(t)
	ctx, o := t.Context(), centretest.Order
	moves := map[string]func(id string) error{
		"suspend": func(id string) error { _, err := c.Suspend(ctx, o, id); return err },
		"resume":  func(id string) error { _, err := c.Resume(ctx, o, id); return err },
		"cancel":  func(id string) error { _, err := c.Cancel(ctx, o, id, "已交回"); return err },
		"lost":    func(id string) error { _, err := c.ReportLost(ctx, o, id, time.Time{}); return err },
	}
	for _, x := range []struct{ path, last, key string }{
		{"", "suspend", ""}, {"", "resume", "state"}, {"", "cancel", ""}, {"", "lost", ""},
		{"suspend", "suspend", "state"}, {"suspend", "resume", ""}, {"suspend", "cancel", ""}, {"suspend", "lost", ""},
		{"lost", "suspend", "state"}, {"lost", "resume", "state"}, {"lost", "cancel", ""}, {"lost", "lost", "state"},
		{"cancel", "suspend", "state"}, {"cancel", "resume", "state"}, {"cancel", "cancel", "state"}, {"cancel", "lost", "state"},
	} {
		id := c.Issue(t, nil).Seal.ID
		if x.path != "" {
			if err := moves[x.path](id); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Millisecond) // states are told apart by the millisecond
		}
		err := moves[x.last](id)
		if x.key == "" && err != nil {
			t.Errorf("%s after %q: %v", x.last, x.path, err)
		} else if x.key != "" {
			refused(t, x.last+" after "+x.path, err, x.key)
		}
	}
	refused(t, "unknown seal", moves["suspend"]("15000000009999"), "seal_unknown")
}

func TestCancel_handBack(t *testing.T) {
	c := newCentre(t)
	x := c.Issue(t, nil)
	_, err := c.Cancel(t.Context(), centretest.Order, x.Seal.ID, "")
	refused(t, "not handed back", err, "no_handback")
	if _, err := c.ReportLost(t.Context(), centretest.Order, x.Seal.ID, time.Time{}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Millisecond)
	if _, err := c.Cancel(t.Context(), centretest.Order, x.Seal.ID, ""); err != nil {
		t.Errorf("a lost seal cannot be handed back: %v", err)
	}
}

func TestReportLost_cutOff(t *testing.T) {
	c := newCentre(t)
	x := c.Issue(t, nil)
	same := c.Issue(t, func(r *desk.Request) { r.PublicKey, r.Cert = nil, x.Cert })
	for _, since := range []time.Time{time.Now().Add(time.Minute), x.Seal.ValidFrom} {
		_, err := c.ReportLost(t.Context(), centretest.Order, x.Seal.ID, since)
		refused(t, since.String(), err, "since")
	}
	if _, err := c.Suspend(t.Context(), centretest.Order, x.Seal.ID); err != nil {
		t.Fatal(err)
	}
	cut := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	lost, err := c.ReportLost(t.Context(), centretest.Order, x.Seal.ID, cut)
	if err != nil || lost.Revoked == "" || !slices.Equal(lost.SameKey, []string{same.Seal.ID}) {
		t.Fatalf("%+v, %v", lost, err)
	}
	s := bundle(t, c)
	history, _, err := s.SealHistory(x.Seal.ID)
	if err != nil || len(history) != 2 || history[1].Status != trust.StatusReportedLost || !history[1].Since.Equal(cut) {
		t.Errorf("the loss does not replace the later suspension: %+v, %v", history, err)
	}
	lists := s.Lists()
	if !slices.ContainsFunc(lists, func(l trust.ListInfo) bool { return l.Revoked == 1 }) {
		t.Errorf("no list names the lost key: %+v", lists)
	}
	_, err = c.Desk.Issue(t.Context(), centretest.Order, centretest.Request(x.Key.Public().Point()))
	refused(t, "the lost key again", err, "key_lost")
	r := centretest.Request(nil)
	r.Cert = x.Cert
	_, err = c.Desk.Issue(t.Context(), centretest.Order, r)
	refused(t, "its certificate again", err, "key_lost")
}

// TestReportLost_otherCertificatesOfTheKey: a key that is lost is lost under every certificate; one that another authority issued, too.
func TestReportLost_otherCertificatesOfTheKey(t *testing.T) {
	c := newCentre(t)
	x := c.Issue(t, nil)
	other := c.Issue(t, func(r *desk.Request) { r.PublicKey = x.Key.Public().Point() })
	lost, err := c.ReportLost(t.Context(), centretest.Order, x.Seal.ID, time.Time{})
	if err != nil || !slices.Equal(lost.SameKey, []string{other.Seal.ID}) {
		t.Fatalf("%+v, %v", lost, err)
	}
	for _, cert := range [][]byte{x.Cert, other.Cert} {
		digest := gm.SM3(cert)
		if r, revoked, err := c.Store.Revocation(t.Context(), hex.EncodeToString(digest[:])); err != nil || !revoked || !r.Time.Equal(lost.Since) {
			t.Errorf("a certificate of the lost key: %+v, %v, %v", r, revoked, err)
		}
	}
	pki, cert := sealtestHolder(t)
	if _, err := c.AddAnchor(t.Context(), centretest.Order, trust.PurposeSigner, false, pki.SignerCACert, nil); err != nil {
		t.Fatal(err)
	}
	c.Bundle(t)
	r := centretest.Request(nil)
	r.Cert = cert
	out, err := c.Desk.Issue(t.Context(), centretest.Order, r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReportLost(t.Context(), centretest.Order, out.Seal.ID, time.Time{}); err != nil {
		t.Fatal(err)
	}
	_, err = c.Desk.Issue(t.Context(), centretest.Order, r)
	refused(t, "a foreign certificate whose key was lost", err, "key_lost")
}

// TestStates_aheadOfThePeriod: a seal that is issued for next month can be lost or given up today.
func TestStates_aheadOfThePeriod(t *testing.T) {
	c := newCentre(t)
	var ids []string
	for range 3 {
		x := c.Issue(t, func(r *desk.Request) {
			r.ValidFrom, r.ValidTo = time.Now().AddDate(0, 1, 0), time.Now().AddDate(1, 0, 0)
		})
		ids = append(ids, x.Seal.ID)
	}
	time.Sleep(2 * time.Millisecond)
	_, suspended := c.Suspend(t.Context(), centretest.Order, ids[0])
	_, lost := c.ReportLost(t.Context(), centretest.Order, ids[1], time.Time{})
	_, cancelled := c.Cancel(t.Context(), centretest.Order, ids[2], "已交回")
	if err := errors.Join(suspended, lost, cancelled); err != nil {
		t.Error(err)
	}
	s := bundle(t, c)
	for i, want := range []trust.Status{trust.StatusSuspended, trust.StatusReportedLost, trust.StatusCancelled} {
		if st, listed := s.SealStatus(ids[i]); !listed || st.Status != want {
			t.Errorf("%s: %+v, %v", ids[i], st, listed)
		}
	}
	_, err := c.ReportLost(t.Context(), centretest.Order, c.Issue(t, nil).Seal.ID, time.Now().AddDate(-1, 0, 0))
	refused(t, "lost before it was issued", err, "since")
}

// TestReplace_refusals names what is in the way, and leaves nothing behind.
func TestReplace_refusals(t *testing.T) {
	c := newCentre(t)
	if err := c.AddDepartment(t.Context(), centretest.Order, "示范盟行政公署办公室", "150400"); err != nil {
		t.Fatal(err)
	}
	region := func(r *desk.Request) { r.Department = "150000" }
	done, other := c.Issue(t, region), c.Issue(t, region)
	request := func(division string) desk.Request {
		r := centretest.Request(centretest.Key(t).Public().Point())
		r.Department, r.Division = division, division
		return r
	}
	if _, _, err := c.Replace(t.Context(), centretest.Order, done.Seal.ID, "已交回", request("150000")); err != nil {
		t.Fatal(err)
	}
	_, _, err := c.Replace(t.Context(), centretest.Order, done.Seal.ID, "已交回", request("150000"))
	refused(t, "replaced already", err, "state")
	_, _, err = c.Replace(t.Context(), centretest.Order, "15000000009999", "已交回", request("150000"))
	refused(t, "unknown", err, "seal_unknown")
	_, _, err = c.Replace(t.Context(), centretest.Order, other.Seal.ID, "已交回", request("150400"))
	refused(t, "another department's", err, "other_department")
	if all, err := c.Store.Seals(t.Context(), "", 10); err != nil || len(all) != 3 {
		t.Errorf("%d seals, %v", len(all), err)
	}
}

func TestReplace_linksAndCancels(t *testing.T) {
	c := newCentre(t)
	old := c.Issue(t, nil)
	r := centretest.Request(centretest.Key(t).Public().Point())
	_, _, err := c.Replace(t.Context(), centretest.Order, old.Seal.ID, "", r)
	refused(t, "not handed back", err, "no_handback")
	if all, err := c.Store.Seals(t.Context(), "", 10); err != nil || len(all) != 1 {
		t.Errorf("a refused replacement left %d seals, %v", len(all), err)
	}
	out, changed, err := c.Replace(t.Context(), centretest.Order, old.Seal.ID, "已交回", r)
	if err != nil || changed.Status != trust.StatusCancelled || changed.Revoked == "" {
		t.Fatalf("%+v, %v", changed, err)
	}
	was, err := c.Store.Seal(t.Context(), old.Seal.ID)
	if err != nil || was.ReplacedBy != out.Seal.ID || string(was.DER) != string(old.Seal.Raw) {
		t.Errorf("%+v, %v", was.ReplacedBy, err)
	}
	is, err := c.Store.Seal(t.Context(), out.Seal.ID)
	if err != nil || is.Replaces != old.Seal.ID {
		t.Errorf("%+v, %v", is.Replaces, err)
	}
	_, _, err = c.Replace(t.Context(), centretest.Order, old.Seal.ID, "已交回", centretest.Request(centretest.Key(t).Public().Point()))
	if err == nil {
		t.Error("a seal was replaced twice")
	}
	events, err := c.Store.SealEvents(t.Context(), old.Seal.ID)
	if err != nil || !strings.Contains(events[len(events)-1].Detail, out.Seal.ID) {
		t.Errorf("%+v, %v", events, err)
	}
}
