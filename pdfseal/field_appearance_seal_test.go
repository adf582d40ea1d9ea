package pdfseal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"sealdesk/pdfseal"
)

// TestFieldAppearance_secondSeal seals the result again: the appearances belong to the first seal's revision and stay as they are.
func TestFieldAppearance_secondSeal(t *testing.T) {
	o := newOffice(t)
	_, doc := sealedForm(t, formDocument(1, widget([4]int{20, 700, 140, 720}, "/FT /Tx /V (value)")))
	twice := o.affix(t, doc, 1, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	rep := o.verify(t, twice)
	wantAccepted(t, rep, 2)
	if len(rep.Changes) != 1 || rep.Changes[0].Key != pdfseal.ChangeSealAdded {
		t.Errorf("changes %v", rep.Changes)
	}
	qpdfClean(t, twice)
	if bytes.Contains(twice[len(doc):], []byte("/Tx BMC")) {
		t.Error("the second seal draws fields")
	}
	if f := finding(t, doc); f.Key != "" {
		t.Errorf("finding %+v in the sealed form", f)
	}
}

// TestFieldAppearance_refusals lists the forms for which no true appearance can be made.
func TestFieldAppearance_refusals(t *testing.T) {
	o := newOffice(t)
	at := [4]int{20, 700, 140, 720}
	parent := "<< /T (top) /FT /Tx /V <FEFF18201821> /Kids [ 6 0 R ] >>"
	direct := retable(bytes.Replace(formDocument(0), []byte("/Annots [ "), []byte("/Annots [ "+widget(at, "/FT /Tx /V (x)")), 1))
	signed := formDocument(1, widget(at, "/FT /Sig /V 7 0 R"), "<< /Type /Sig /Filter /X /Contents <00> /ByteRange [ 0 1 2 3 ] >>")
	for name, c := range map[string]struct {
		doc  []byte
		key  string
		data map[string]string
	}{
		"Mongolian letters": {formDocument(1, widget(at, "/FT /Tx /Parent 7 0 R"), parent), pdfseal.FindingFieldCharacters,
			map[string]string{"field": "top.f", "characters": "ᠠ U+1820, ᠡ U+1821"}},
		"value that is no text":      {formDocument(1, widget(at, "/FT /Tx /V << /A 1 >>")), pdfseal.FindingFieldUndrawn, map[string]string{"field": "f"}},
		"widget in the page's array": {direct, pdfseal.FindingFieldUndrawn, map[string]string{"field": "f"}},
		"signed already":             {signed, pdfseal.FindingNeedAppsSealed, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			_, err := pdfseal.Affix(context.Background(), &out, bytes.NewReader(c.doc), o.request(1, pdfseal.Mark{Page: 1, X: 50, Y: 200}))
			var re *pdfseal.RefusedError
			if !errors.As(err, &re) || re.Findings[0].Key != c.key || out.Len() > 0 {
				t.Fatalf("error %v, want %s", err, c.key)
			}
			for k, want := range c.data {
				if got := re.Findings[0].Data[k]; got != want {
					t.Errorf("%s is %q, want %q", k, got, want)
				}
			}
		})
	}
}

// FuzzFieldAppearance seals a form with any field: it is refused, or the result is valid.
func FuzzFieldAppearance(f *testing.F) {
	for _, s := range []string{
		"/FT /Tx /V (value) /DA (/Helv 12 Tf 0 g) /Q 1", "/FT /Tx /Ff 4096 /V <FEFF793A8303> /MK << /R 90 /BC [ 0 1 0 ] /BG [ 1 ] >> /BS << /S /D /D [ 0 1 ] >>",
		"/FT /Ch /Opt [ (a) [ (b) (c) ] 3 ] /V [ (b) (x) ] /TI 9", "/FT /Btn /Ff 32768 /AS /a /MK << /CA (\\344) /BC [ 1 0 0 0 ] >>", "/FT /Tx /Ff 16777216 /MaxLen 99999 /V (1) /Parent 6 0 R",
		"/FT /Tx /V 7 0 R /DR << /Font << /A << /Subtype /Type1 /Encoding << /Differences [ -9 /a 300 /b ] >> /FirstChar -5 /Widths [ 1 2 ] >> >> >> /DA (/A 3 Tf)",
	} {
		f.Add(s)
	}
	o := newOffice(f)
	f.Fuzz(func(t *testing.T, field string) {
		doc := formDocument(1, "<< /Type /Annot /Subtype /Widget /T (f) /Rect [ 20 700 140 720 ] "+field+" >>", "<< /Length 4 >>\nstream\ntext\nendstream")
		var out bytes.Buffer
		if _, err := pdfseal.Affix(context.Background(), &out, bytes.NewReader(doc), o.request(0, pdfseal.Mark{Page: 1, X: 195, Y: 285})); err != nil {
			return
		}
		if v := o.verdict(out.Bytes()); v != pdfseal.VerdictValid && v != pdfseal.VerdictValidNotice {
			t.Errorf("%s: %s", field, v)
		}
	})
}

// TestFieldAppearance_former gives fields an appearance: it is kept where it shows the value, replaced where it shows another, and, where
// that cannot be told, replaced if the value can be drawn.
func TestFieldAppearance_former(t *testing.T) {
	const helv = "/F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
	const own = "/F << /Type /Font /Subtype /Type1 /BaseFont /ABCDEF+X /FontDescriptor << /Flags 4 >> >>"
	const wide = "/F << /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 8 0 R >>"
	const cmap = "1 beginbfchar <0001> <793A> endbfchar 1 beginbfrange <0002> <0004> <0061> endbfrange"
	for name, c := range map[string]struct{ field, fonts, content, count string }{
		"same":                   {"/FT /Tx /V (two words)", helv, "/Tx BMC BT /F 9 Tf (two) Tj 0 -9 Td [ (wo) -9 (rds) ] TJ ET EMC", "0"},
		"same, of the form":      {"/FT /Tx /V (one)", "", "BT /Helv 9 Tf <6F6E65> ' ET", "0"},
		"same, with /ToUnicode":  {"/FT /Tx /V <FEFF793A00610062>", wide, "BT /F 9 Tf <000100020003> Tj ET", "0"},
		"same, predefined CMap":  {"/FT /Tx /V <FEFF793A>", "/F << /Subtype /Type0 /BaseFont /X /Encoding /UniGB-UCS2-H >>", "BT /F 9 Tf <793A> Tj ET", "0"},
		"same, GBK":              {"/FT /Tx /V <FEFF793A>", "/F << /Subtype /Type0 /BaseFont /X /Encoding /GBK-EUC-H >>", "BT /F 9 Tf <CABE> Tj ET", "0"},
		"list":                   {"/FT /Ch /Opt [ (a) [ (x) (b) ] ] /V (x)", helv, "BT /F 9 Tf (a) Tj (b) Tj ET", "0"},
		"list without text":      {"/FT /Ch /Opt [ (a) (b) ]", helv, "0 0 9 9 re S", "1"},
		"combo box":              {"/FT /Ch /Ff 131072 /Opt [ (a) [ (x) (b) ] ] /V (x)", helv, "BT /F 9 Tf (b) Tj ET", "0"},
		"password":               {"/FT /Tx /Ff 8192 /V (x)", helv, "BT /F 9 Tf (**) Tj ET", "0"},
		"other":                  {"/FT /Tx /V (new)", helv, "BT /F 9 Tf (old) Tj ET", "1"},
		"other, value removed":   {"/FT /Tx", helv, "BT /F 9 Tf (old) Tj ET", "1"},
		"empty, as is the value": {"/FT /Tx", helv, "/Tx BMC EMC", "0"},
		"unknown":                {"/FT /Tx /V (new)", own, "BT /F 9 Tf (new) Tj ET", "1"},
		"unknown, picture":       {"/FT /Tx /V (new)", helv, "/Im Do", "1"},
		"unknown, not drawable":  {"/FT /Tx /V <FEFF1820>", own, "BT /F 9 Tf (x) Tj ET", "0"},
		"unknown, value removed": {"/FT /Tx", own, "BT /F 9 Tf (x) Tj ET", "0"},
		"bar code":               {"/FT /Tx /V (new) /PMD << >>", helv, "0 0 9 9 re f", "0"},
		"button, empty /N":       {"/FT /Btn /V /Yes", "", "", "1"},
		"unreadable":             {"/FT /Tx /V (new)", helv, "%unreadable", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			ap := "/AP << /N 7 0 R /D 8 0 R >>"
			if c.content == "" {
				ap = "/AP << /N << >> >>"
			}
			filter := ""
			if c.content == "%unreadable" {
				filter = "/Filter /LZWDecode"
			}
			doc := formDocument(1, widget([4]int{20, 700, 140, 720}, c.field+" "+ap),
				fmt.Sprintf("<< /Type /XObject /Subtype /Form /BBox [ 0 0 120 20 ] %s /Resources << /Font << %s >> >> /Length %d >>\nstream\n%s\nendstream", filter, c.fonts, len(c.content), c.content),
				fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(cmap), cmap))
			if f := finding(t, doc); f.Level != pdfseal.LevelWarn || f.Data["count"] != c.count {
				t.Fatalf("finding %+v, want %s appearances", f, c.count)
			}
			_, sealed := sealedForm(t, doc)
			if c.count == "1" && c.content != "" && !bytes.Contains(sealed[len(doc):], []byte("/D 8 0 R")) {
				t.Error("the appearance of the pressed field is lost")
			}
		})
	}
}
