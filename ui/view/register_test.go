package view

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sealdesk/pdfseal/register"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
)

func TestRegister_says(t *testing.T) {
	cases := map[string]struct{ want, not []string }{
		"empty":     {[]string{"尚无用印记录"}, []string{"登记簿完整", "核验回执"}},
		"whole":     {[]string{"登记簿完整，至 2026-09-01 16:00:00，共 21 条记录", "前 17 条由密钥签署", "2026-09-02", "已盖章", "已拒绝", "待补", "未写完", "1-2、7", "第 1 条", "共 5 次用印"}, []string{"不完整"}},
		"refused":   {[]string{"口令", "已导出：/home/u/用印登记簿.csv"}, nil},
		"found":     {[]string{"找到 4 次，共 5 次用印"}, []string{"of.a.later.program"}},
		"not found": {[]string{"没有找到", "找到 0 次"}, []string{"尚无用印记录"}},
		"damaged":   {[]string{"登记簿不完整", "无法读取的有 2 行", "第 4 条记录被改动（文件第 5 行）", "另有 13 处"}, []string{"登记簿完整"}},
		"noted":     {[]string{"登记簿完整", "第 12 条用印没有写完"}, []string{"不可全信"}},
		"reading":   {[]string{"正在读取登记簿…"}, []string{"尚无用印记录"}},
	}
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	for name, c := range cases {
		b.frame.Render(desks()["register "+name])
		b.settle()
		shown := all(b.frame.Object())
		for _, text := range c.want {
			if !strings.Contains(shown, text) {
				t.Errorf("%s: %q is not shown in\n%s", name, text, shown)
			}
		}
		for _, text := range c.not {
			if strings.Contains(shown, text) {
				t.Errorf("%s: %q is shown", name, text)
			}
		}
	}
}

func TestRegister_searchAndChoose(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	b.frame.Render(desks()["register whole"])
	b.settle()
	b.frame.Find()
	if b.window.Canvas().Focused() != b.frame.register.query.Field {
		t.Fatal("the search field has not got the keyboard")
	}
	test.Type(b.frame.register.query.Field, "巴雅")
	b.frame.register.list.Select(0) // a day
	b.frame.register.list.Select(1)
	var asked, chosen int
	for _, e := range b.take() {
		switch e := e.(type) {
		case state.QueryTyped:
			asked++
		case state.UseChosen:
			if chosen++; e.Seq != 12 {
				t.Errorf("use %d was chosen, the newest is 12", e.Seq)
			}
		}
	}
	if asked != 2 || chosen != 1 {
		t.Errorf("%d queries and %d uses were sent", asked, chosen)
	}
}

// What an input method hands over at once comes back from the state one by one; nothing that was typed is lost.
func TestTyped_echoChangesNothing(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	var sent []string
	f := b.frame.env.newTyped("", func(s string) { sent = append(sent, s) })
	test.Type(f.Field, "发文")
	f.show("发")
	if f.Text != "发文" {
		t.Fatalf("an echo has left %q", f.Text)
	}
	f.show("发文")
	f.show("")
	if f.Text != "" || len(sent) != 2 {
		t.Errorf("a text that was taken away: %q, sent %q", f.Text, sent)
	}
	test.Type(f.Field, "发文")
	f.show("发")
	f.show("批复")
	if f.Text != "批复" {
		t.Errorf("another text: %q", f.Text)
	}
}

func TestSealing_matterAndApprover(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	d := placed()
	b.frame.Render(d)
	b.settle()
	i := b.frame.seal.inspector
	i.matter.SetSelectedIndex(6)
	test.Type(i.approver.Field, "巴")
	i.matter.SetSelectedIndex(0)
	events := b.take()
	want := []state.Event{state.MatterChosen{Matter: register.MatterShared}, state.ApproverTyped{Text: "巴"}, state.MatterChosen{}}
	if len(events) != len(want) {
		t.Fatalf("%v", events)
	}
	for n := range want {
		if events[n] != want[n] {
			t.Errorf("%v instead of %v", events[n], want[n])
		}
	}
	d.Sealing.Matter, d.Sealing.Approver = register.MatterOffice, "乌日娜"
	b.frame.Render(d)
	b.settle()
	if i.matter.Selected != "办公平台公文" || i.approver.Text != "乌日娜" || len(b.take()) != 0 {
		t.Errorf("shown: %q, %q", i.matter.Selected, i.approver.Text)
	}
}
