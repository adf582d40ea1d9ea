package desk

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/register"
	"sealdesk/ui/explain"
	"sealdesk/ui/i18n"
	"sealdesk/ui/state"
)

func TestRegister(t *testing.T) {
	o := newOffice(t)
	c, err := o.ReadRegister(t.Context())
	if err != nil || len(c.Uses) != 0 || c.Report == nil || c.Report.Damaged() {
		t.Fatalf("before the first use: %+v, %v", c, err)
	}
	out := o.order(o.write("a.pdf", blank(a4, a4)), state.Mark{Page: 2, X: 100, Y: 100})
	order := state.Order{SealID: sealID, Documents: []state.OrderDocument{{In: o.write("b.pdf", blank(a4)), Marks: []state.Mark{{Page: 1, X: 90, Y: 90}}}}, PIN: typed("111111")}
	if _, err := o.Seal(t.Context(), order); err == nil {
		t.Fatal("a wrong PIN was taken")
	}
	if c, err = o.ReadRegister(t.Context()); err != nil || len(c.Uses) != 2 || c.Report.Damaged() || c.Report.Last.IsZero() {
		t.Fatalf("%+v, %v", c, err)
	}
	u := c.Uses[0]
	if u.Matter != register.MatterOffice || u.Approver != "巴雅尔" || u.Pages(",") != "2" || u.OutputPath() != out.Out || u.Outcome != register.KindDone {
		t.Errorf("%+v", u)
	}
	if !strings.Contains(u.Words, "办公平台公文") || !strings.Contains(c.Uses[1].Words, "口令") {
		t.Errorf("words %q, %q", u.Words, c.Uses[1].Words)
	}
	o.exportRegister()
	o.damageRegister()
}

// exportRegister writes the register with the two uses and reads it with another reader.
func (o *office) exportRegister() {
	o.t.Helper()
	path := filepath.Join(o.dir, "register.csv")
	if err := o.ExportRegister(o.t.Context(), path); err != nil {
		o.t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		o.t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) != 3 || len(rows[0]) != len(register.Columns) || !slices.Contains(rows[0], "审批人") || !slices.Contains(rows[1], "办公平台公文") {
		o.t.Errorf("%v, %v", rows, err)
	}
	if err := o.ExportRegister(o.t.Context(), path); !errors.Is(err, pdfseal.ErrOutputExists) {
		o.t.Errorf("a file was written over: %v", err)
	}
}

// damageRegister changes one name in the middle of the register.
func (o *office) damageRegister() {
	o.t.Helper()
	path := filepath.Join(o.config().Register, "register.jsonl")
	raw, err := os.ReadFile(path)
	if err != nil {
		o.t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(raw, []byte("巴雅尔"), []byte("巴特尔"), 1), 0o600); err != nil {
		o.t.Fatal(err)
	}
	c, err := o.ReadRegister(o.t.Context())
	if err != nil || !c.Report.Damaged() || !(state.Register{Content: c}).Damaged() {
		o.t.Fatalf("%+v, %v", c.Report, err)
	}
	cat, err := i18n.New("zh")
	if err != nil {
		o.t.Fatal(err)
	}
	if text := explain.RegisterFinding(cat, c.Report.Findings[0]); !strings.Contains(text, "第 1 条") {
		o.t.Errorf("the damage is told as %q", text)
	}
	if f := o.lookRegister(o.t.Context()); f[0].Grade != state.GradeBad {
		o.t.Errorf("the diagnosis says %+v", f)
	}
}

func TestProbeCenter(t *testing.T) {
	o := newOffice(t)
	if c := o.ProbeCenter(t.Context()); c.Phase != state.CenterUnset || c.Err != nil {
		t.Errorf("%+v", c)
	}
	o.cfg.Center.URL, o.cfg.Center.CA = "https://127.0.0.1:1", o.write("ca.pem", []byte("nothing"))
	var e *center.Error
	if c := o.ProbeCenter(t.Context()); c.Phase != state.CenterAway || !errors.As(c.Err, &e) {
		t.Errorf("%+v", c)
	}
	if f := o.lookCenter(t.Context()); f[0].Grade != state.GradeBad {
		t.Errorf("the diagnosis says %+v", f)
	}
}
