package explain_test

import (
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/register"
	"sealdesk/ui/explain"
	"sealdesk/ui/i18n"
)

// TestRegisterCSV_wordsOnly: no code of the program stands in a cell.
func TestRegisterCSV_wordsOnly(t *testing.T) {
	cat, err := i18n.New(i18n.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	use := register.Use{Entry: register.Entry{Seq: 1, Matter: register.MatterOffice, Receipt: register.ReceiptQueued}, Outcome: register.KindDone}
	var out strings.Builder
	if err := register.WriteCSV(&out, []register.Use{use}, explain.RegisterCSV(cat, time.UTC)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"办公平台公文", "已盖章", "待补"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is missing in %s", want, out.String())
		}
	}
	for _, code := range []string{"queued", "done", "office"} {
		if strings.Contains(out.String(), code) {
			t.Errorf("%s stands in %s", code, out.String())
		}
	}
}

// TestRegisterFinding_records: one record is one number, several are a span; what a check leaves alone is not said to be set aside.
func TestRegisterFinding_records(t *testing.T) {
	cat, err := i18n.New(i18n.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]register.Finding{
		"缺第 7 条":    {Code: register.CodeCut, Seq: 7, To: 7},
		"缺第 7–9 条":  {Code: register.CodeCut, Seq: 7, To: 9},
		"下次盖章时另存":   {Code: register.CodeTorn},
		"已另存：end-1": {Code: register.CodeTorn, Detail: "end-1"},
	} {
		if got := explain.RegisterFinding(cat, f); !strings.Contains(got, want) {
			t.Errorf("%q, want %q in it", got, want)
		}
	}
}
