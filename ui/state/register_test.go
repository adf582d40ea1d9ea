package state

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/register"
)

func use(seq int64, at time.Time, change func(*Use)) Use {
	u := Use{Use: register.Use{Entry: register.Entry{Seq: seq, Time: at, SealName: "示范旗人民政府", File: fmt.Sprintf("%d.pdf", seq)}, Outcome: register.KindDone}}
	if change != nil {
		change(&u)
	}
	return u
}

// lines tells rows as text: a day with its number of uses, or the number of a use.
func lines(r Register) string {
	var out []string
	for _, row := range r.Rows {
		if !row.Day.IsZero() {
			out = append(out, fmt.Sprintf("%s(%d)", row.Day.Format("0102"), row.N))
			continue
		}
		out = append(out, fmt.Sprint(r.Content.Uses[row.Use].Seq))
	}
	return strings.Join(out, " ")
}

func TestRegister_daysAndQuery(t *testing.T) {
	night := time.Date(2026, 8, 31, 15, 59, 0, 0, time.UTC) // 23:59 in China
	w := work()
	w.register = RegisterContent{Uses: []Use{
		use(1, night.AddDate(0, 0, -3), nil),
		use(4, night, func(u *Use) {
			u.Approver = "Bayar 巴雅尔"
			u.Matter = register.MatterNotice
			u.Words = "受理通知单"
		}),
		use(7, night.Add(2*time.Minute), func(u *Use) { u.Outcome = register.KindRefused; u.Words = "已拒绝" }),
		use(9, night.Add(time.Hour), func(u *Use) { u.Reason = "供热 通知" }),
	}}
	cases := map[string]struct {
		query, want string
		found       int
	}{
		"all":                 {"", "0901(2) 9 7 0831(1) 4 0828(1) 1", 4},
		"blank":               {"  ", "0901(2) 9 7 0831(1) 4 0828(1) 1", 4},
		"approver, any case":  {"bAYAR", "0831(1) 4", 1},
		"word of the window":  {"已拒绝", "0901(1) 7", 1},
		"two words, one row":  {"通知 供热", "0901(1) 9", 1},
		"in different fields": {"巴雅尔 受理", "0831(1) 4", 1},
		"day":                 {"2026-08-28", "0828(1) 1", 1},
		"day in words":        {"2026年9月1日", "0901(2) 9 7", 2},
		"time of China":       {"23:59 4.pdf", "0831(1) 4", 1},
		"nothing":             {"批复", "", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, w).do(ScreenChosen{ScreenRegister}, QueryTyped{c.query})
			if got := lines(b.d.Register); got != c.want || b.d.Register.Found != c.found {
				t.Errorf("got %q, %d uses; want %q, %d", got, b.d.Register.Found, c.want, c.found)
			}
		})
	}
}

func TestRegister_phases(t *testing.T) {
	w := work()
	w.register = RegisterContent{Uses: []Use{use(1, today, nil)}, Report: &register.Report{Records: 3}}
	b := newBench(t, w)
	first := b.step(ScreenChosen{ScreenRegister})
	if b.d.Register.Phase != RegisterReading {
		t.Fatalf("phase %d", b.d.Register.Phase)
	}
	b.do(RegisterAgain{}, UseChosen{1})
	if u, ok := b.d.Register.Use(); b.d.Register.Phase != RegisterRead || !ok || u.Seq != 1 || b.d.Register.Damaged() {
		t.Errorf("%+v", b.d.Register)
	}
	version := b.d.Register.Version
	first(t.Context(), func(e Event) { b.step(e) }) // the answer to the first question comes last
	if b.d.Register.Version != version {
		t.Error("an answer that is out of date was taken")
	}
	b.do(RegisterExportChosen{"a.csv"})
	if w.exported != "a.csv" || b.d.Register.Saved != "a.csv" {
		t.Errorf("exported %q, said %q", w.exported, b.d.Register.Saved)
	}
	w.regErr = errUnreadable
	b.do(RegisterExportChosen{"b.csv"}, RegisterAgain{})
	if r := b.d.Register; r.Phase != RegisterFailed || !errors.Is(r.Err, errUnreadable) || r.Saved != "" || len(b.d.Notices) != 1 {
		t.Errorf("%+v, %v", r, b.d.Notices)
	}
	for name, c := range map[string]struct {
		content RegisterContent
		want    bool
		word    string
	}{
		"whole":      {RegisterContent{Report: &register.Report{}}, false, "whole"},
		"noted":      {RegisterContent{Report: &register.Report{Findings: []register.Finding{{Code: register.CodeTorn}}}}, false, "whole"},
		"damaged":    {RegisterContent{Report: &register.Report{Findings: []register.Finding{{Code: register.CodeCut, Damage: true}}}}, true, "damaged"},
		"unreadable": {RegisterContent{Unreadable: 1, Report: &register.Report{}}, true, "damaged"},
	} {
		r := Register{Phase: RegisterRead, Content: c.content}
		if r.Damaged() != c.want || r.Condition() != c.word {
			t.Errorf("%s: damaged %v, %s", name, r.Damaged(), r.Condition())
		}
	}
}

func TestOrder_matterAndApprover(t *testing.T) {
	w := work("a.pdf")
	var got Order
	w.seal = func(_ context.Context, o Order) ([]Outcome, error) { got = o; return sealedAll(o), nil }
	b := newBench(t, w).do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf"}}, MatterChosen{register.MatterOffice}, MatterChosen{"bribe"},
		ApproverTyped{" 巴雅尔 "}, ReasonTyped{"发文"})
	b.d.Screen = ScreenRegister
	b.do(FinishTapped{})
	if got.Matter != register.MatterOffice || got.Approver != "巴雅尔" || got.Reason != "发文" {
		t.Errorf("ordered %+v", got)
	}
	if w.calls[len(w.calls)-1] != "read register" {
		t.Error("the register on the screen was not read again after sealing")
	}
	b.do(MatterChosen{register.MatterShared}, SealAgain{})
	if s := b.d.Sealing; s.Matter != "" || s.Approver != "" || s.Reason != "" {
		t.Errorf("the next document begins with %+v", s)
	}
	b.do(FilesDropped{Paths: []string{"a.pdf"}}, ApproverTyped{strings.Repeat("旗", 100)}, ReasonTyped{strings.Repeat("旗", 400)})
	if s := b.d.Sealing; s.Approver != strings.Repeat("旗", 66) || s.Reason != strings.Repeat("旗", 166) {
		t.Errorf("%d and %d bytes were taken", len(s.Approver), len(s.Reason))
	}
}

func TestCenter(t *testing.T) {
	w := work()
	w.center = Center{Phase: CenterConnected, Host: "centre"}
	ctx, stop := context.WithCancel(t.Context())
	var got []Event
	Machine{Work: w}.watchCenter(ctx, func(e Event) { got = append(got, e); stop() })
	if !reflect.DeepEqual(got, []Event{CenterProbed{w.center}}) {
		t.Errorf("%v", got)
	}
	if centerPause < 30*time.Second {
		t.Error("the centre is asked too often")
	}
	Machine{Work: w}.watchCenter(ctx, func(Event) { t.Error("something was sent after the end") })
	for name, c := range map[string]struct {
		done []Outcome
		want CenterPhase
	}{
		"not asked":       {[]Outcome{{}}, CenterAsking},
		"receipt":         {[]Outcome{{Receipt: "r"}}, CenterConnected},
		"away":            {[]Outcome{{Away: errUnreadable}}, CenterAway},
		"away, then back": {[]Outcome{{Away: errUnreadable}, {Receipt: "r"}}, CenterConnected},
	} {
		if b := newBench(t, w).do(CenterProbed{Center{Phase: CenterAsking}}, OrderEnded{Outcomes: c.done}); b.d.Center.Phase != c.want {
			t.Errorf("%s: %s", name, b.d.Center.Phase)
		}
	}
}
