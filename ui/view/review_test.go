package view

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
	"sealdesk/ui/theme"
)

// What the regulations say of the seal on its page stands beside the page with what the document itself is warned of; the place is told once.
func TestReview_isShownBesideThePage(t *testing.T) {
	for lang, want := range map[string][2]string{
		"zh": {"“示范旗人民政府”与落款“示范旗教育局”不一致", "第 2 页"}, "en": {"“示范旗教育局”", "page 2"},
	} {
		b := newBench(t, lang, theme.Options{}, fyne.NewSize(1280, 720))
		d := placed()
		b.frame.Render(d)
		doc := &d.Sealing.Documents[0]
		doc.Info.Findings = nil
		doc.Review.Findings = []pdfseal.Finding{pdfseal.Finding{Level: pdfseal.LevelWarn, Key: rules.FindingName,
			Data: map[string]string{"seal": "示范旗人民政府", "names": "示范旗教育局"}}.On([]int{2})}
		b.frame.Render(d)
		b.settle()
		text := strings.ReplaceAll(all(b.frame.seal.inspector.checks), "\n", "")
		if !strings.Contains(text, want[0]) || strings.Count(text, want[1]) != 1 {
			t.Errorf("%s:\n%s", lang, text)
		}
	}
}
