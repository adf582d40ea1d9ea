package i18n_test

import (
	"slices"
	"strings"
	"testing"

	"sealdesk/ui/i18n"
)

func load(t *testing.T, lang string) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.New(lang)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Keys()) == 0 {
		t.Fatalf("catalogue %s is empty", lang)
	}
	return c
}

func TestCatalogues_sameKeysAndPlaceholders(t *testing.T) {
	zh, en := load(t, i18n.Chinese), load(t, i18n.English)
	for _, k := range zh.Keys() {
		if !en.Has(k) {
			t.Errorf("en.json lacks %s", k)
			continue
		}
		if a, b := zh.Placeholders(k), en.Placeholders(k); !slices.Equal(a, b) {
			t.Errorf("%s: placeholders differ: zh %v, en %v", k, a, b)
		}
	}
	for _, k := range en.Keys() {
		if !zh.Has(k) {
			t.Errorf("zh_Hans.json lacks %s", k)
		}
	}
}

func TestCatalogues_sentences(t *testing.T) {
	for _, lang := range []string{i18n.Chinese, i18n.English} {
		c := load(t, lang)
		for _, k := range c.Keys() {
			text := c.T(k, nil)
			if strings.TrimSpace(text) == "" && len(c.Placeholders(k)) == 0 {
				t.Errorf("%s: %s is empty", lang, k)
			}
			if strings.Contains(text, "{{") || strings.Contains(text, "}}") {
				t.Errorf("%s: %s has a malformed placeholder: %s", lang, k, text)
			}
		}
	}
}

func TestMatch(t *testing.T) {
	for tag, want := range map[string]string{"zh": "zh", "zh-CN": "zh", "zh_Hans": "zh", "en-GB": "en", "EN": "en"} {
		if got, ok := i18n.Match(tag); !ok || got != want {
			t.Errorf("Match(%q) = %q, %v", tag, got, ok)
		}
	}
	if _, err := i18n.New("fr"); err == nil {
		t.Error("French has no catalogue, yet New accepted it")
	}
	if c := load(t, ""); c.Lang() != i18n.Chinese {
		t.Error("the default language is not Chinese")
	}
}

func TestT(t *testing.T) {
	c := load(t, "en")
	if got := c.T("no.such.key", nil); got != "«no.such.key»" {
		t.Errorf("unknown key gave %q", got)
	}
	if got := c.T("list.separator", nil); got == "" {
		t.Error("list.separator is empty")
	}
	if one, two := c.N("pin.documents", 1, nil), c.N("pin.documents", 2, nil); one == two || !strings.Contains(two, "2") {
		t.Errorf("plural forms: %q, %q", one, two)
	}
}
