package explain_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/center"
	"sealdesk/ui/explain"
	"sealdesk/ui/i18n"
)

// TestError_center: every situation of the centre says what, why and what to do, with its values.
func TestError_center(t *testing.T) {
	for _, lang := range []string{i18n.Chinese, i18n.English} {
		cat, err := i18n.New(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range center.Kinds() {
			m := explain.Error(fmt.Errorf("status: %w", &center.Error{Kind: k, Host: "centre.example:443", Stage: "answer", Status: 400, Code: "bad", Title: "title",
				NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1, 0), Skew: 24 * time.Hour, Err: errors.New("cause")}))
			want := explain.ExitCentre
			if k == center.KindSettings {
				want = explain.ExitUsage
			}
			text := m.Texts(cat).String()
			if m.Key != "center."+string(k) || m.Exit != want || strings.ContainsAny(text, "«{") {
				t.Errorf("%s %s: %+v: %s", lang, k, m, text)
			}
			if k != center.KindSettings && !strings.Contains(text, "centre.example") {
				t.Errorf("%s %s does not name the centre: %s", lang, k, text)
			}
			if k == center.KindClock && !strings.Contains(text, "+24:00") {
				t.Errorf("%s %s does not say by how much: %s", lang, k, text)
			}
		}
	}
	if m := explain.Error(fmt.Errorf("center: %w", context.Canceled)); m.Key != "cancelled" {
		t.Errorf("cancel is %s", m.Key)
	}
}
