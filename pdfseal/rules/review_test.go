package rules

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"testing"
	"time"
)

var today = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)

// government is a seal to which none of the checks objects on the letters of these tests.
var government = Seal{Name: "示范旗人民政府", Width: 45, Height: 45}

// black is a page full of ink.
var black = NewInk(image.NewRGBA(image.Rect(0, 0, 210, 297)), 1)

// keys are what the review of one sealed page, full of ink, answers.
func keys(t *testing.T, runs []Run, seal Seal) map[string]Finding {
	t.Helper()
	out := map[string]Finding{}
	for _, f := range Review([]Sheet{{Page: 1, Height: 297, Runs: runs, Ink: black, Sealed: true}}, seal, today) {
		if f.Key == "" || f.Clause == "" || f.Check == "" || f.Level != Warn && f.Level != Refuse {
			t.Errorf("incomplete: %+v", f)
		}
		out[f.Key] = f
	}
	return out
}

func row(text string, x, y float64) Run {
	return Run{Text: text, X: x, Y: y, W: 5.6 * float64(len([]rune(text))), H: 5.6}
}

// The diameters of 国发〔1999〕25号 by the name of the organ: a millimetre more or, where the size is fixed, less is found.
func TestReview_size(t *testing.T) {
	for name, legal := range map[string]float64{
		"国务院": 60, "内蒙古自治区人民政府": 50, "示范省人民政府": 50, "北京市人民政府": 50, "国务院办公厅": 50, "中华人民共和国教育部": 50,
		"示范自治州人民政府": 45, "示范市人民政府": 45, "示范县人民政府": 45, "示范自治县人民政府": 45, "示范旗人民政府": 45, "示范自治旗人民政府": 45,
		"示范市新城区人民政府": 45, "示范盟行政公署": 45, "示范地区行政公署": 45, "示范旗白音镇人民政府": 42, "示范县东乡人民政府": 42, "示范旗宝音苏木人民政府": 42,
		"中华人民共和国驻示范国大使馆": 42, "示范旗人民政府（样章）": 45,
	} {
		for _, d := range []float64{legal - 1, legal, legal + 1} {
			f, found := keys(t, nil, Seal{Name: name, Width: d, Height: d})[FindingSize]
			if found != (d != legal) {
				t.Errorf("%s, %v mm: found %v", name, d, found)
			}
			if found && (f.Data["legal"] != fmt.Sprint(legal) || f.Data["size"] != fmt.Sprintf("%v×%v", d, d) || f.Data["article"] == "" || f.Level != Warn) {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if _, found := keys(t, nil, Seal{Name: name, Width: legal, Height: legal - 5})[FindingSize]; !found {
			t.Errorf("%s: an oval is not found", name)
		}
	}
	for name, most := range map[string]float64{"示范旗教育局": 45, "示范旗人民政府办公室": 45, "内蒙古自治区教育厅": 45, "示范有限公司": 45, "示范旗人民政府合同专用章": 45,
		"张三": 45, "国家示范局": 50} {
		for _, d := range []float64{20, most - 5, most, most + 1} {
			if _, found := keys(t, nil, Seal{Name: name, Width: d, Height: 20})[FindingSizeMost]; found != (d > most) {
				t.Errorf("%s, %v mm: found %v", name, d, found)
			}
		}
	}
}

// organs are thirty names none of which may take the seal of another.
var organNames = strings.Fields(`示范旗人民政府 示范旗人民政府办公室 示范旗教育局 示范旗财政局 示范旗公安局 示范旗民政局 示范旗司法局 示范旗水利局 示范旗农牧局
	示范旗统计局 示范旗审计局 示范旗医疗保障局 示范旗林业和草原局 示范旗文化和旅游局 示范旗卫生健康委员会 示范旗发展和改革委员会 示范旗人民法院 示范旗人民检察院
	示范旗第一中学 示范旗人民医院 示范旗融媒体中心 示范盟行政公署 示范盟教育局 范例旗人民政府 范例旗教育局 内蒙古自治区教育厅 内蒙古自治区人民政府 白音镇人民政府
	示范旗总工会 示范旗供销合作社`)

// Thirty mismatches are found with both strings; the right seal is not, nor with the marks of practice or of a single purpose.
func TestReview_name(t *testing.T) {
	for i, signed := range organNames {
		runs, _ := letter(2, "2026年8月31日")
		runs[len(runs)-2].Text = signed
		for _, suffix := range []string{"", "（样章）", "(样章)", "合同专用章", "财务专用章(1)", "婚姻登记专用章", "公章", "电子印章"} {
			if f, found := keys(t, runs, Seal{Name: signed + suffix})[FindingName]; found {
				t.Errorf("%s: %v", signed+suffix, f.Data)
			}
		}
		other := organNames[(i+1)%len(organNames)]
		for _, seal := range []string{other, other + "（样章）", other + "专用章"} {
			f, found := keys(t, runs, Seal{Name: seal})[FindingName]
			if !found || f.Data["seal"] != seal || f.Data["names"] != signed || f.Page != 1 || f.Level != Warn {
				t.Errorf("%s on a letter of %s: %+v", seal, signed, f)
			}
		}
	}
	if len(organNames) != 30 {
		t.Errorf("%d names", len(organNames))
	}
}

func TestReview_nameUnjudged(t *testing.T) {
	for _, c := range []struct{ seal, signed string }{
		{"内蒙古自治区教育厅", "自治区教育厅"}, {"示范旗教育局", "内蒙古自治区示范旗教育局"}, // a level above is left out
		{"示范旗教育局", "张三"}, {"张三之印", "示范旗教育局"}, // a person's
		{"示范旗教育局", "示范旗教育局（盖章）"}, {"示范旗教育局", "示 范 旗 教 育 局"},
	} {
		runs, _ := letter(2, "2026年8月31日")
		runs[len(runs)-2].Text = c.signed
		if f, found := keys(t, runs, Seal{Name: c.seal})[FindingName]; found {
			t.Errorf("%s on a letter of %s: %v", c.seal, c.signed, f.Data)
		}
	}
}

// The page under the seal speaks first; where it bears no name, the last page does.
func TestReview_nameElsewhere(t *testing.T) {
	runs, _ := letter(2, "2026年8月31日")
	for sealed, want := range map[int]bool{1: true, 2: false} {
		var sheets []Sheet
		for page, signed := range []string{"示范旗教育局", "示范旗人民政府", ""} {
			on := append([]Run(nil), runs...)
			on[len(on)-2].Text = signed
			if signed == "" {
				on = nil
			}
			sheets = append(sheets, Sheet{Page: page + 1, Height: 297, Runs: on, Ink: black, Sealed: page+1 == sealed})
		}
		found := false
		for _, f := range Review(sheets, government, today) {
			found = found || f.Key == FindingName && f.Page == 1
		}
		if found != want {
			t.Errorf("sealed on page %d: found %v", sealed, found)
		}
	}
}

func TestReview_date(t *testing.T) {
	for date, want := range map[string]string{
		"2026年9月1日": "", "2026年9月2日": FindingDateFuture, "2027年1月1日": FindingDateFuture, "2026年3月10日": "", "2026年2月1日": FindingDateOld,
		"二〇二五年十二月三十一日": FindingDateOld, "二〇二六年八月十日": "", "二〇二六年十月二十一日": FindingDateFuture, "２０２６年１２月３１日": FindingDateFuture, "2026年13月1日": "",
	} {
		runs, _ := letter(2, date)
		got := keys(t, runs, government)
		_, future := got[FindingDateFuture]
		_, old := got[FindingDateOld]
		if future != (want == FindingDateFuture) || old != (want == FindingDateOld) {
			t.Errorf("%s: %v, want %q", date, got, want)
		}
	}
}

func TestReview_secret(t *testing.T) {
	for _, c := range []struct {
		runs  []Run
		found bool
	}{
		{[]Run{row("机密★1年", 28, 47)}, true},
		{[]Run{row("绝密★", 28, 47)}, true},
		{[]Run{row("秘密 ★ 6个月", 28, 47)}, true},
		{[]Run{row("秘密☆长期", 28, 47)}, true},
		{[]Run{row("机密10年", 28, 47)}, true},
		{[]Run{row("绝密★启用前", 28, 30)}, true},
		{[]Run{row("密级：机密", 150, 30)}, true},
		{[]Run{row("机　密", 28, 47)}, true},
		{[]Run{row("机密★5年", 28, 60), row("示政办函〔2026〕37号", 130, 60)}, true}, // the letter form
		{[]Run{row("000001", 28, 37), row("秘密★2年", 28, 47), row("特急", 28, 57)}, true},
		{[]Run{row("机密★1年", 28, 200)}, false}, // not in the head
		{[]Run{row("关于加强国家秘密保护工作的通知", 60, 70)}, false},
		{[]Run{row("国家秘密的密级分为绝密、机密、秘密三级。", 28, 60)}, false},
		{[]Run{row("商业秘密★长期", 28, 47)}, false},
		{[]Run{row("内部★1年", 28, 47)}, false},
		{[]Run{row("保密审查表", 80, 40)}, false},
		{[]Run{row("秘密", 80, 60), row("机密", 120, 60), row("绝密", 160, 60)}, false}, // the head of a table
		{[]Run{row("示范旗国家保密局文件", 40, 60)}, false},
		{[]Run{row("机密级计算机1年检测报告", 28, 60)}, false},
		{[]Run{row("密级：公开", 28, 47)}, false},
	} {
		f, found := keys(t, c.runs, government)[FindingSecret]
		if found != c.found || found && (f.Level != Refuse || f.Data["text"] == "" || f.Page != 1) {
			t.Errorf("%s: %+v", c.runs[0].Text, f)
		}
	}
}

func TestReview_unfilled(t *testing.T) {
	for _, c := range []struct {
		runs  []Run
		found bool
	}{
		{[]Run{row("姓名：________", 28, 100)}, true},
		{[]Run{row("年", 120, 200), row("月", 140, 200), row("日", 160, 200)}, true},
		{[]Run{row("填写年月日", 28, 100)}, false},
		{[]Run{row("2026", 110, 200), row("年", 120, 200), row("9", 132, 200), row("月", 140, 200), row("1", 150, 200), row("日", 160, 200)}, false},
		{[]Run{row("a_b__c", 28, 100)}, false},
	} {
		if f, found := keys(t, c.runs, government)[FindingUnfilled]; found != c.found {
			t.Errorf("%s: %+v", c.runs[0].Text, f)
		}
	}
}

// What cannot be looked at is a note, and nothing is said of it besides.
func TestReview_unread(t *testing.T) {
	for _, s := range []Sheet{{Page: 3, Unread: true}, {Page: 3, Sealed: true, Unread: true}, {Page: 3, Sealed: true}} {
		got := Review([]Sheet{s}, government, today)
		if len(got) != 1 || got[0].Key != FindingUnreviewed || got[0].Level != Note || got[0].Page != 3 {
			t.Errorf("%+v: %+v", s, got)
		}
	}
}

// Brightness decides what is print: pale and large is a watermark, red is a seal.
func TestReview_blank(t *testing.T) {
	text := []Run{row("示范旗人民政府决定如下", 28, 100)}
	big := []Run{{Text: "样本样本样本", X: 30, Y: 100, W: 150, H: 25}}
	grey := func(v uint8) color.Color { return color.RGBA{v, v, v, 255} }
	for name, c := range map[string]struct {
		runs []Run
		ink  color.Color
		key  string
	}{
		"white":         {nil, grey(255), FindingBlankPage},
		"hidden text":   {text, grey(255), FindingBlankPage},
		"pale text":     {text, grey(0xb0), ""},
		"text":          {text, grey(0), ""},
		"watermark":     {big, grey(0xb0), FindingBlankPage},
		"seal":          {nil, color.RGBA{230, 20, 20, 255}, FindingBlankPage},
		"red head":      {text, color.RGBA{230, 20, 20, 255}, FindingBlankPage},
		"picture":       {nil, color.RGBA{20, 20, 160, 255}, ""},
		"number":        {[]Run{row("—1—", 98, 275)}, grey(255), FindingBlankPage},
		"no text":       {[]Run{row("（此页无正文）", 34, 40)}, grey(0), FindingNoText},
		"no text, seal": {[]Run{row("此页无正文", 34, 40), row("示范旗人民政府", 120, 100)}, grey(0), FindingNoText},
	} {
		img := image.NewRGBA(image.Rect(0, 0, 420, 594))
		draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
		draw.Draw(img, image.Rect(56, 200, 360, 250), image.NewUniform(c.ink), image.Point{}, draw.Src)
		got := ""
		for _, f := range Review([]Sheet{{Page: 1, Height: 297, Runs: c.runs, Ink: NewInk(img, 2), Sealed: true}}, government, today) {
			got = f.Key
		}
		if got != c.key {
			t.Errorf("%s: %q, want %q", name, got, c.key)
		}
	}
}
