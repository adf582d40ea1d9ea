package pdfseal_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/internal/mutant"
)

// gated gives what the gate finds in a document.
func gated(t *testing.T, doc []byte) []pdfseal.Finding {
	t.Helper()
	inv, err := pdfseal.Inspect(context.Background(), bytes.NewReader(doc), newOffice(t).trust)
	if err != nil {
		t.Fatal(err)
	}
	return inv.Findings
}

// wantFound fails unless there is a finding of that key, on those pages, in that place and with those data.
func wantFound(t *testing.T, list []pdfseal.Finding, want pdfseal.Finding) {
	t.Helper()
	for _, f := range list {
		if f.Key != want.Key || f.Pages != want.Pages || f.Level != want.Level || f.Area != want.Area {
			continue
		}
		same := true
		for k, v := range want.Data {
			same = same && f.Data[k] == v
		}
		if same {
			return
		}
	}
	t.Errorf("no %+v in %+v", want, list)
}

// suspicious is a document of three pages with everything that the gate lists.
func suspicious() []byte {
	page := func(extra string) string {
		return "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595.276 841.89] /Resources <</Font <</F1 6 0 R>>>> " + extra + ">>"
	}
	return writeTable([]string{
		"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [7 0 R 8 0 R]>> /OCProperties <</OCGs [10 0 R]/D <<>>>> /OpenAction 13 0 R>>",
		"<</Type /Pages /Count 3 /Kids [3 0 R 4 0 R 5 0 R]>>",
		page("/Annots [7 0 R 9 0 R] /Contents 14 0 R"), page("/Annots [8 0 R 11 0 R] /Contents 14 0 R"), page(""),
		"<</Type /Font /Subtype /TrueType /BaseFont /ABCDEF+SimSun>>",
		"<</Type /Annot /Subtype /Widget /FT /Tx /T (name) /Rect [60 500 160 520] /P 3 0 R /F 4>>",
		"<</Type /Annot /Subtype /Widget /FT /Tx /T (sum) /Rect [60 500 160 520] /P 4 0 R /F 4>>",
		"<</Type /Annot /Subtype /Link /Rect [50 50 250 90] /A <</S /URI /URI (https://example.com)>>>>",
		"<</Type /OCG /Name (draft)>>",
		"<</Type /Annot /Subtype /FileAttachment /Rect [50 50 250 90] /FS 12 0 R>>",
		"<</Type /Filespec /F (list.xls) /EF <<>>>>",
		"<</S /JavaScript /JS (x)>>",
		mutant.Stream("", "BT /F1 12 Tf 60 60 Td (x) Tj ET"),
	}, "")
}

// TestInspect_told: every finding says what and on which pages, and in which place where there is one.
func TestInspect_told(t *testing.T) {
	type data = map[string]string
	square := pdfseal.Area{X: 17.64, Y: 265.25, W: 70.56, H: 14.11}
	list := gated(t, suspicious())
	for _, want := range []pdfseal.Finding{
		{Level: pdfseal.LevelRefuse, Key: pdfseal.FindingJavaScript, Data: data{"count": "1"}},
		{Level: pdfseal.LevelNote, Key: pdfseal.FindingActions, Pages: "1", Area: square, Data: data{"action": "URI"}},
		{Level: pdfseal.LevelWarn, Key: pdfseal.FindingForm, Pages: "1–2", Data: data{"count": "2", "names": "name, sum"}},
		{Level: pdfseal.LevelWarn, Key: pdfseal.FindingAttachment, Pages: "2", Area: square, Data: data{"names": "list.xls"}},
		{Level: pdfseal.LevelWarn, Key: pdfseal.FindingOptionalContent, Data: data{"names": "draft", "count": "1"}},
		{Level: pdfseal.LevelWarn, Key: pdfseal.FindingFont, Pages: "1–2", Data: data{"names": "SimSun"}},
	} {
		wantFound(t, list, want)
	}
	if len(list) != 6 {
		t.Errorf("%d findings: %+v", len(list), list)
	}
}

// TestInspect_marks: marks of existing seals that cannot be seen are named, whatever made them so.
func TestInspect_marks(t *testing.T) {
	b := plainBase(t)
	place := pdfseal.Area{X: 30, Y: 190, W: 20, H: 20}
	seal := map[string]string{"seal": b.sealName(t)}
	found := func(code string, area pdfseal.Area) pdfseal.Finding {
		return pdfseal.Finding{Level: pdfseal.LevelWarn, Key: pdfseal.FindingMark, Pages: "1", Area: area, Data: map[string]string{"mark": code, "seal": seal["seal"]}}
	}
	for _, c := range []struct {
		name   string
		change func(k *kitUpdate)
		want   pdfseal.Finding
	}{
		{"hidden", func(k *kitUpdate) { k.replace(k.widgets()[0], `/F 644`, "/F 646") }, found("flags", place)},
		{"not printed", func(k *kitUpdate) { k.replace(k.widgets()[0], `/F 644`, "/F 640") }, found("flags", place)},
		{"layer", func(k *kitUpdate) { k.insert(k.widgets()[0], "/OC 13 0 R") }, found("layer", place)},
		{"no size", func(k *kitUpdate) { k.replace(k.widgets()[0], `/Rect \[.*?\]`, "/Rect [100 100 100 100]") },
			found("empty", pdfseal.Area{X: 35.28, Y: 261.72})},
		{"off the page", func(k *kitUpdate) { k.replace(k.widgets()[0], `/Rect \[.*?\]`, "/Rect [570 100 620 150]") },
			found("off_page", pdfseal.Area{X: 201.08, Y: 244.08, W: 17.64, H: 17.64})},
		{"cropped", func(k *kitUpdate) { k.insert(k.page(1), "/CropBox [0 400 595 841]") }, found("off_page", pdfseal.Area{X: 30, Y: 189.69, W: 20, H: 20})},
		{"covered", func(k *kitUpdate) {
			k.annotate(k.page(1), fmt.Sprintf("<</Type /Annot/Subtype /Stamp/F 4%s>>", regexp.MustCompile(`/Rect \[.*?\]`).FindString(k.text(k.widgets()[0]))))
		}, found("covered", place)},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := b.update(t)
			c.change(k)
			list := gated(t, k.bytes())
			wantFound(t, list, c.want)
			if !slices.ContainsFunc(list, func(f pdfseal.Finding) bool {
				return f.Key == pdfseal.FindingSealNotValid && f.Level == pdfseal.LevelRefuse && f.Pages == "1" && f.Data["seal"] == seal["seal"]
			}) {
				t.Errorf("the seal that is not valid is not named: %+v", list)
			}
		})
	}
	for _, f := range gated(t, b.doc) {
		if f.Key == pdfseal.FindingMark {
			t.Errorf("a good mark is found: %+v", f)
		}
	}
}

// TestInspect_otherPicture: a mark that shows another picture than its seal's is named.
func TestInspect_otherPicture(t *testing.T) {
	b := plainBase(t)
	k := b.reseal(t)
	k.recolour()
	wantFound(t, gated(t, k.bytes()), pdfseal.Finding{Level: pdfseal.LevelWarn, Key: pdfseal.FindingMark, Pages: "1",
		Area: pdfseal.Area{X: 30, Y: 190, W: 20, H: 20}, Data: map[string]string{"mark": "picture", "seal": b.sealName(t)}})
}

// sealName is the name of the only seal of a base.
func (b *kitBase) sealName(t *testing.T) string {
	t.Helper()
	rep, err := b.judge(b.doc)
	if err != nil || len(rep.Seals) != 1 || rep.Seals[0].Seal.Name == "" {
		t.Fatalf("%v, %+v", err, rep)
	}
	return rep.Seals[0].Seal.Name
}
