package trust

import (
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
)

// TestStatusAt_table asks the same of a trust file and of a bundle.
func TestStatusAt_table(t *testing.T) {
	w := newWorld(t)
	history := map[string][]SealStatus{
		"always":  {{Status: StatusInForce}},
		"since":   {{Status: StatusInForce, Since: day(-100)}},
		"resumed": {{Status: StatusInForce, Since: day(-100)}, {Status: StatusSuspended, Since: day(-50)}, {Status: StatusInForce, Since: day(-40)}},
		"lost":    {{Status: StatusInForce}, {Status: StatusReportedLost, Since: day(-10)}},
		"gone":    {{Status: StatusCancelled, Since: day(-10)}}, // only what became of it is known
		"lost, then cancelled": {{Status: StatusInForce, Since: day(-100)}, {Status: StatusSuspended, Since: day(-50)},
			{Status: StatusReportedLost, Since: day(-49)}, {Status: StatusCancelled, Since: day(-40)}},
	}
	f := file(anchor(PurposeSigner, w.root))
	var records []SealRecord
	for id, h := range history {
		records = append(records, SealRecord{ID: id, History: h})
		for _, x := range h {
			x.ID = id
			f.Seals = append(f.Seals, x)
		}
	}
	stores := map[string]*Store{"file": load(t, f), "bundle": mustRead(t, write(t, w.spec(t), func(yield func(SealRecord) bool) {
		for _, r := range records {
			if !yield(r) {
				return
			}
		}
	}, w.by.key()), w.by.pin())}
	ms := time.Millisecond
	for _, c := range []struct {
		id   string
		at   time.Time
		want Status
	}{
		{"always", day(-10000), StatusInForce}, {"always", now, StatusInForce},
		{"since", day(-100).Add(-ms), StatusNotIssued}, {"since", day(-100), StatusInForce},
		{"resumed", day(-101), StatusNotIssued}, {"resumed", day(-50).Add(-ms), StatusInForce}, {"resumed", day(-50), StatusSuspended},
		{"resumed", day(-40).Add(-ms), StatusSuspended}, {"resumed", day(-40), StatusInForce},
		{"lost", day(-1000), StatusInForce}, {"lost", day(-10).Add(-ms), StatusInForce}, {"lost", day(-10), StatusReportedLost},
		{"gone", day(-11), StatusInForce}, {"gone", day(-10), StatusCancelled},
		{"lost, then cancelled", day(-45), StatusReportedLost}, {"lost, then cancelled", now, StatusCancelled},
	} {
		for kind, s := range stores {
			st, listed, err := s.StatusAt(c.id, c.at)
			if err != nil || !listed || st.Status != c.want || st.ID != c.id {
				t.Errorf("%s, %s at %v: %+v %v %v, want %s", kind, c.id, c.at, st, listed, err, c.want)
			}
		}
	}
	for kind, s := range stores {
		if st, ok := s.SealStatus("resumed"); !ok || st.Status != StatusInForce || !st.Since.Equal(day(-40)) {
			t.Errorf("%s: %+v", kind, st)
		}
		if s.Seals() != len(history) {
			t.Errorf("%s: %d seals", kind, s.Seals())
		}
	}
}

func TestStale(t *testing.T) {
	w := newWorld(t)
	s := mustRead(t, write(t, w.spec(t), nil, w.by.key()), w.by.pin())
	for days, want := range map[int]bool{0: false, 90: false, 91: true} {
		if s.Stale(day(days)) != want {
			t.Errorf("after %d days: %v", days, !want)
		}
	}
	if !s.Stale(day(90).Add(time.Nanosecond)) {
		t.Error("just past the limit")
	}
	if load(t, file(anchor(PurposeSigner, w.root))).Stale(day(10000)) {
		t.Error("stale without a policy")
	}
}

func TestAddEvidence(t *testing.T) {
	w := newWorld(t)
	stranger := issue(t, "stranger", ca("根", -1), nil) // the same name
	s := mustRead(t, write(t, w.spec(t), nil, w.by.key()), w.by.pin())
	revoked := map[string]gm.Revocation{w.signer.cert.SerialHex: {Time: day(5)}}
	later := day(10)
	fresh := crl(t, w.root, day(6), day(36), revoked)
	for name, c := range map[string]struct {
		crls [][]byte
		want RevocationStatus
	}{
		"nothing":       {nil, RevocationGood},
		"newer":         {[][]byte{fresh}, RevocationRevoked},
		"older":         {[][]byte{crl(t, w.root, day(-5), day(40), revoked)}, RevocationGood},
		"of a stranger": {[][]byte{crl(t, stranger, day(6), day(36), revoked)}, RevocationGood},
		"rubbish":       {[][]byte{{1}, nil, w.root.cert.Raw}, RevocationGood},
		"behind others": {[][]byte{{1}, crl(t, w.root, day(-5), day(40), nil), fresh}, RevocationRevoked},
	} {
		with := s.AddEvidence(c.crls)
		if r := with.Revocation(w.signer.cert, w.root.cert, later); r.Status != c.want {
			t.Errorf("%s: %s, %s", name, r.Status, r.Detail)
		}
		if len(with.Anchors()) != len(s.Anchors()) || with.Number() != s.Number() {
			t.Errorf("%s: more than lists has changed", name)
		}
	}
	if r := s.Revocation(w.signer.cert, w.root.cert, later); r.Status != RevocationGood || len(s.Lists()) != 1 {
		t.Error("the store itself has changed")
	}
	var none *Store
	if none.AddEvidence([][]byte{fresh}) != nil {
		t.Error("evidence makes a store of nothing")
	}
}
