package form_test

import (
	"strings"
	"testing"

	"sealdesk/ui/form"
	"sealdesk/ui/i18n"
)

// TestNew_everyKind: each form has its title, articles and fields, and each of them words in both languages.
func TestNew_everyKind(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		cat, err := i18n.New(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range form.Kinds() {
			f := form.New(k, form.Seal{}, form.Document{})
			keys := []string{"form.title." + string(k)}
			for _, s := range f.Sections {
				keys = append(keys, "form.section."+s.Name)
				for i, r := range s.Rows {
					keys = append(keys, "form.row."+r.Name)
					if r.Choices != "" {
						keys = append(keys, "form.choice."+r.Choices)
					}
					if r.Sign != "" {
						keys = append(keys, "form.sign."+r.Sign)
					}
					if r.Half && (i == 0 || !s.Rows[i-1].Half) && (i+1 == len(s.Rows) || !s.Rows[i+1].Half) {
						t.Errorf("%s: half of a line at %s stands alone", k, r.Name)
					}
				}
			}
			if !k.Known() || f.Articles == "" || len(f.Sections) < 3 {
				t.Errorf("%s: %+v", k, f)
			}
			for _, key := range keys {
				if !cat.Has(key) {
					t.Errorf("%s: %s is not in the catalogue %s", k, key, lang)
				}
			}
		}
	}
	if form.Kind("gift").Known() {
		t.Error("a form that there is not")
	}
}

func TestNew_fills(t *testing.T) {
	s := form.Seal{Name: "示范旗\n人民政府", ID: "15000000000000", Maker: strings.Repeat("长", 500), Key: "SK1"}
	for _, k := range form.Kinds() {
		got := map[string]string{}
		for _, section := range form.New(k, s, form.Document{}).Sections {
			for _, r := range section.Rows {
				got[r.Name] = r.Text
			}
		}
		name, named := got["seal_name"]
		if named != k.OfSeal() || named && name != "示范旗 人民政府" {
			t.Errorf("%s: name %q", k, name)
		}
		if n := len([]rune(got["maker"])); n > 161 {
			t.Errorf("%s: %d characters in one field", k, n)
		}
	}
}
