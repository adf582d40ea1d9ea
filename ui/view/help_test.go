package view

import (
	"context"
	"errors"
	"image"
	"image/color"
	"io/fs"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/register"
	"sealdesk/token"
	"sealdesk/ui/explain"
	"sealdesk/ui/i18n"
	"sealdesk/ui/pages"
	"sealdesk/ui/pages/pagestest"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
)

var today = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)

// blank is a document of white pages.
type blank struct{ path string }

func (blank) Page(_ context.Context, _ int, ppm float64) (*image.RGBA, pages.Size, error) {
	img := image.NewRGBA(image.Rect(0, 0, int(210*ppm+0.5), int(297*ppm+0.5)))
	for i := range img.Pix {
		img.Pix[i] = 0xFF
	}
	return img, pages.Size{W: 210, H: 297}, nil
}

type blanks struct{}

func (blanks) Source(path string, revision int) pages.Source {
	return blank{path + string(rune('0'+revision))}
}

// bench is a window of the test driver with a frame in it.
type bench struct {
	t      *testing.T
	window fyne.Window
	frame  *Frame
	mu     sync.Mutex
	events []state.Event
	posts  chan func()
}

func newBench(t *testing.T, lang string, o theme.Options, size fyne.Size) *bench {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(theme.New(o))
	cat, err := i18n.New(lang)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, window: a.NewWindow("test"), posts: make(chan func(), 1000)}
	b.window.SetPadded(false)
	env := &Env{Catalogue: cat, Window: b.window, Pages: blanks{}, Post: func(f func()) { b.posts <- f }, Command: func(state.Desk) string { return "sealctl" },
		Dispatch: func(e state.Event) { b.mu.Lock(); defer b.mu.Unlock(); b.events = append(b.events, e) }}
	b.frame = NewFrame(env)
	b.frame.status.now = func() time.Time { return today }
	b.window.SetContent(b.frame.Object())
	b.window.Resize(size)
	t.Cleanup(func() { b.frame.Close(); b.window.Close() })
	return b
}

// settle runs what waits for the window's goroutine until nothing comes any more.
func (b *bench) settle() { pagestest.Settle(b.t, b.posts) }

func (b *bench) take() []state.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.events
	b.events = nil
	return out
}

func picture() image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for x := range 64 {
		img.Set(x, x, color.NRGBA{R: 0xE6, A: 0xFF})
	}
	return img
}

var good = state.Seal{ID: "15299900000145", Name: "示范旗人民政府办公室", Width: 42, Height: 42, ValidFrom: today, ValidTo: today.AddDate(2, 0, 0),
	CertNotAfter: today.AddDate(1, 0, 0), Holder: "乌日娜", Picture: picture()}

func keyWith(f func(*state.Key)) []state.Key {
	k := state.Key{Info: token.Info{ID: "k", Label: "TRAINING KEY 政府办公室", Serial: "SK6EB27D74B6", Training: true, PINMin: 4, PINMax: 16, Manufacturer: "TRAINING KEY", Model: "softkey", Firmware: "1.0", Module: "/usr/lib/softkey.so"},
		Seals: []state.Seal{good}, Certificates: []token.Certificate{{Subject: "CN=示范旗人民政府办公室, OU=乌日娜", SerialHex: "2F4C9A0172", NotBefore: today, NotAfter: today.AddDate(1, 0, 0), Signing: true}}}
	f(&k)
	return []state.Key{k}
}

func ready() state.Desk {
	return state.Desk{Screen: state.ScreenSeal, Now: today, Sealing: state.Sealing{Page: 1, Rule: state.Rule{Kind: state.RuleDate}},
		Keys:  state.Keys{Read: true, All: keyWith(func(*state.Key) {}), Chosen: "k"},
		Trust: state.TrustState{Path: "t", Number: 218, Issued: today.AddDate(0, 0, -3), Expires: today.AddDate(1, 0, 0), AgeDays: 3}}
}

func document(name string) state.Document {
	return state.Document{Path: "/a/" + name, Loaded: true, Info: state.DocumentInfo{Pages: 3, Width: 210, Height: 297,
		Findings: []pdfseal.Finding{{Level: pdfseal.LevelWarn, Key: pdfseal.FindingForm, Page: 2, Pages: "2", Data: map[string]string{"count": "1", "names": "份数"}}, {Level: pdfseal.LevelNote, Key: pdfseal.FindingAttachment}}},
		Rule: state.Rule{Kind: state.RuleDate}, Marks: []state.Mark{{Page: 2, X: 142.2, Y: 231.5}}}
}

func placed() state.Desk {
	d := ready()
	d.Sealing.Phase, d.Sealing.Page, d.Sealing.Documents = state.SealPlacing, 2, []state.Document{document("关于做好2026年冬季供热和牧区防灾减灾工作的通知.pdf")}
	return d
}

func batch() state.Desk {
	d := placed()
	other := document("批复.pdf")
	other.Marks, other.PlaceErr = nil, errors.New("no date")
	d.Sealing.Documents = append(d.Sealing.Documents, other, document("函.pdf"))
	d.Sealing.Sheet = true
	return d
}

func asking(w token.PINState) state.Desk {
	d := placed()
	k, _ := d.Keys.Key()
	d.Sealing.Phase, d.Sealing.Ordered = state.SealPIN, []string{"/a/通知.pdf"}
	d.Sealing.Ask = &state.PINAsked{Request: token.PINRequest{Token: k.Info, Warning: w, SealName: good.Name, Documents: 1}, Reply: func(token.PIN, error) {}}
	return d
}

func done(err error) state.Desk {
	d := batch()
	d.Sealing.Phase, d.Sealing.Sheet = state.SealDone, false
	d.Sealing.Documents = d.Sealing.Documents[:2]
	d.Sealing.Documents[0].Outcome = &state.Outcome{Sealed: true, Out: "/a/通知_已签章.pdf", Report: &pdfseal.Report{Verdict: pdfseal.VerdictValidNotice,
		Reasons: []pdfseal.Reason{{Key: pdfseal.ReasonTimeClaimed, Verdict: pdfseal.VerdictValidNotice}}}}
	if err == nil {
		d.Sealing.Documents = d.Sealing.Documents[:1]
		return d
	}
	d.Sealing.Documents[1].Outcome = &state.Outcome{Err: err}
	return d
}

// said is a sentence that is the same in every language.
type said string

func (s said) Sentence(explain.Translator) string { return string(s) }

func verified(v pdfseal.Verdict) state.Desk {
	d := ready()
	d.Screen = state.ScreenVerify
	at := today
	rep := &pdfseal.Report{Verdict: v, Size: 12345, SM3: "00ff", Reasons: []pdfseal.Reason{{Key: pdfseal.ReasonTimeClaimed, Rule: "T5", Verdict: pdfseal.VerdictValidNotice},
		{Key: pdfseal.ReasonHashMismatch, Rule: "E3", Verdict: pdfseal.VerdictInvalid}},
		Changes: []pdfseal.Change{{Key: pdfseal.ChangePage, Page: 2, Data: map[string]string{"rule": "I2", "key": "Contents"}}},
		Seals: []pdfseal.SealReport{{Verdict: v, Seal: pdfseal.SealSummary{Name: good.Name, ID: good.ID, Maker: "CN=制章中心"}, Time: pdfseal.TimeSummary{Value: &at},
			Coverage: pdfseal.Coverage{Revision: 2, Revisions: 3}, Marks: []pdfseal.PlacedMark{{Page: 2, X: 140, Y: 230, W: 42, H: 42}},
			Checks: []pdfseal.Check{{ID: "B1", Status: pdfseal.CheckPassed}, {ID: "E1", Status: pdfseal.CheckPassed}, {ID: "T1", Status: pdfseal.CheckSkipped}, {ID: "T5", Status: pdfseal.CheckFailed}}}},
		Trust: &pdfseal.TrustSummary{Bundle: "示范中心", Issued: today, AgeDays: 3}}
	d.Verification = state.Verification{Page: 2, View: state.ViewBeside, Details: true, Items: []state.Item{
		{Path: "/a/通知.pdf", Done: true, Result: state.Verified{Pages: 3, Report: rep, Since: 2, Pictures: []image.Image{good.Picture}}, Changes: state.Comparison{Begun: true, Ended: true, More: []int{3}, Err: pdfseal.ErrNotPDF, Spots: []state.Spot{
			{Page: 2, Area: state.Area{X: 20, Y: 20, W: 30, H: 10}, Words: said("第 2 页“拨付资金 1,200,000.00 元”处被新加的注释遮盖，原文看不见了")}, {Page: 2, Words: said("第 2 页与签章时不同")}}}},
		{Path: "/a/坏.pdf", Done: true, Err: pdfseal.ErrNotPDF}, {Path: "/a/等.pdf"}}}
	return d
}

func settings() state.Desk {
	d := ready()
	d.Screen = state.ScreenSettings
	d.Options = state.Options{Path: "/home/u/.config/sealdesk/sealdesk.toml", Lang: "zh", Suffix: "_已签章", Existing: "error", Rule: state.RuleDate, Module: "/usr/lib/softkey.so",
		Found: []string{"/usr/lib/x86_64-linux-gnu/pkcs11/opensc-pkcs11.so"}, Locked: map[string]string{"module": "/etc/sealdesk/policy.toml", "center_url": "信任包第 218 期（示范盟统一验证中心）"},
		Center: state.CenterOptions{URL: "https://center.example:8443/base", CA: "/home/u/.config/sealdesk/center/ca.pem", Transport: "tls"}}
	draft := d.Options.Center
	draft.Pins = "sha256:0f"
	d.Settings = state.Settings{Draft: d.Options, Saved: true, Center: draft, Probe: state.CenterTrial{For: draft, Ended: true, Err: &center.Error{Kind: center.KindPin, Host: "center.example:8443"}}, Trial: state.Trial{Path: "x", Err: &token.ModuleError{Path: "x", Reason: token.ReasonMissing}},
		Diagnosis: []state.Finding{{Grade: state.GradeGood, Key: "gui.diag.pages"}, {Grade: state.GradeNote, Key: "gui.diag.no_trust"}, {Grade: state.GradeBad, Key: "gui.diag.trust_bad", Err: pdfseal.ErrNotPDF}}}
	return d
}

// desks are the screens in the states that look different.
func desks() map[string]state.Desk {
	out := map[string]state.Desk{"empty": {Screen: state.ScreenSeal, Now: today}, "ready": ready(), "placed": placed(), "batch": batch(),
		"pin": asking(token.PINState{}), "pin low": asking(token.PINState{Low: true}), "pin final": asking(token.PINState{FinalTry: true}),
		"done": done(nil), "failed": done(token.ErrRemoved), "settings": settings()}
	for _, v := range []pdfseal.Verdict{pdfseal.VerdictValid, pdfseal.VerdictValidNotice, pdfseal.VerdictIndeterminate, pdfseal.VerdictInvalid, pdfseal.VerdictUnsealed} {
		out["verified "+string(v)] = verified(v)
	}
	empty := ready()
	empty.Screen = state.ScreenVerify
	out["verify empty"] = empty
	noticed := placed()
	noticed.Notices = []state.Notice{{Err: pdfseal.ErrEncrypted}}
	out["notice"] = noticed
	closing := placed()
	closing.Closing = true
	out["closing"] = closing
	for name, k := range keyDesks() {
		out["key "+name] = k
	}
	for name, p := range map[string]state.CenterTrial{"asking": {Running: true}, "answers": {Ended: true, Answer: state.CenterAnswer{Host: "center.example:8443", Protocol: "TLS 1.3",
		Subject: "CN=center.example, O=示范盟统一验证中心", Until: today, Elapsed: 12 * time.Millisecond, Skew: -time.Hour}}} {
		d := settings()
		d.Settings.Probe, d.Settings.Center = p, d.Options.Center
		out["settings centre "+name] = d
	}
	for name, r := range registers() {
		d := ready()
		d.Screen, d.Register, d.Center = state.ScreenRegister, r, state.Center{Phase: state.CenterConnected}
		out["register "+name] = d
	}
	for _, p := range state.CenterPhases() {
		d := placed()
		d.Center = state.Center{Phase: p}
		d.Sealing.Matter, d.Sealing.Approver, d.Sealing.Reason = register.MatterNotice, "巴雅尔", "冬季供热"
		out["centre "+string(p)] = d
	}
	maps.Copy(out, moreDesks())
	maps.Copy(out, straddleDesks())
	maps.Copy(out, normaliseDesks())
	return out
}

// registers are registers of seal use in the states that look different.
func registers() map[string]state.Register {
	use := func(seq int64, f func(*state.Use)) state.Use {
		u := state.Use{Use: register.Use{Outcome: register.KindDone, Entry: register.Entry{Seq: seq, Time: today.Add(time.Duration(seq) * 7 * time.Hour), SealID: good.ID, SealName: good.Name,
			Custodian: "CN=示范旗人民政府办公室, OU=乌日娜", File: "关于做好2026年冬季供热和牧区防灾减灾工作的通知.pdf", Output: "/home/u/文件/关于做好2026年冬季供热和牧区防灾减灾工作的通知_已签章.pdf",
			Matter: register.MatterNotice, Approver: "巴雅尔", Reason: "冬季供热", After: strings.Repeat("0f", 32), Result: "valid", Receipt: "R-2026-0001", Marks: []register.Mark{{Page: 1}, {Page: 2}, {Page: 7}}}}}
		f(&u)
		return u
	}
	content := state.RegisterContent{Report: &register.Report{Records: 21, Last: today, Protected: 17, Signed: today}, Uses: []state.Use{use(1, func(*state.Use) {}),
		use(4, func(u *state.Use) {
			u.Outcome, u.ErrorKey, u.Matter, u.Receipt = register.KindRefused, "token.pin_wrong", "", ""
		}),
		use(7, func(u *state.Use) { u.Result, u.Receipt = "valid_with_notice", register.ReceiptQueued }),
		use(9, func(u *state.Use) { u.Outcome, u.ErrorKey, u.Approver = register.KindFailed, "of.a.later.program", "" }),
		use(12, func(u *state.Use) { u.Outcome = register.KindSigning; u.Marks = nil })}}
	damaged := content
	damaged.Unreadable, damaged.Report = 2, &register.Report{Records: 21}
	for _, c := range register.Codes() {
		damaged.Report.Findings = append(damaged.Report.Findings, register.Finding{Code: c, Damage: true, Seq: 4, To: 6, Line: 5, Detail: "x"})
	}
	noted := content
	noted.Report = &register.Report{Records: 21, Last: today, Findings: []register.Finding{{Code: register.CodePending, Seq: 12, Detail: "x.pdf"}}}
	out := map[string]state.Register{"unread": {}, "reading": {Phase: state.RegisterReading}, "failed": {Phase: state.RegisterFailed, Err: fs.ErrPermission}}
	m := state.Machine{}
	read := func(c state.RegisterContent, events ...state.Event) state.Register {
		d := state.Desk{}
		for _, e := range append([]state.Event{state.RegisterAnswered{Content: c}}, events...) {
			d, _ = m.Step(d, e)
		}
		return d.Register
	}
	out["empty"] = read(state.RegisterContent{Report: &register.Report{}})
	out["whole"] = read(content, state.UseChosen{Seq: 1})
	out["refused"] = read(content, state.UseChosen{Seq: 4}, state.RegisterExported{Path: "/home/u/用印登记簿.csv"})
	out["found"] = read(content, state.QueryTyped{Text: "巴雅尔"})
	out["not found"] = read(content, state.QueryTyped{Text: "没有"}, state.ReceiptsFetched{Fetched: state.Fetched{Embedded: 2, Left: 1}, Err: pdfseal.ErrNotPDF})
	out["damaged"] = read(damaged, state.UseChosen{Seq: 7})
	out["noted"] = read(noted)
	return out
}

// keyDesks show the keys in every state.
func keyDesks() map[string]state.Desk {
	out := map[string]state.Desk{}
	add := func(s state.KeyState, k state.Keys) {
		d := ready()
		d.Screen, d.Keys = state.ScreenKeys, k
		out[string(s)] = d
	}
	one := func(s state.KeyState, f func(*state.Key)) {
		add(s, state.Keys{Read: true, All: keyWith(f), Chosen: "k"})
	}
	seal := func(s state.KeyState, f func(*state.Seal)) {
		one(s, func(k *state.Key) { c := good; f(&c); k.Seals = []state.Seal{c} })
	}
	add(state.KeyReading, state.Keys{})
	add(state.KeyNone, state.Keys{Read: true})
	add(state.KeyNoDriver, state.Keys{Err: &token.ModuleError{Reason: token.ReasonNone}})
	add(state.KeyWrongDriver, state.Keys{Err: &token.ModuleError{Path: "/a/b.so", Reason: token.ReasonWrongClass}})
	add(state.KeyServiceDown, state.Keys{Err: &token.ModuleError{Path: "/a/b.so", Reason: token.ReasonInitialise}})
	add(state.KeyFault, state.Keys{Err: errors.New("x")})
	add(state.KeyRemoved, state.Keys{Read: true, Removed: true})
	add(state.KeySeveral, state.Keys{Read: true, All: append(keyWith(func(*state.Key) {}), keyWith(func(k *state.Key) { k.ID, k.Serial = "l", "SK6EB27D9A01" })...)})
	one(state.KeyNoSeal, func(k *state.Key) { k.Seals = nil })
	one(state.KeyReady, func(*state.Key) {})
	one(state.KeyInitialPIN, func(k *state.Key) { k.PIN.ToBeChanged = true })
	one(state.KeyPINLow, func(k *state.Key) { k.PIN.Low = true })
	one(state.KeyPINFinal, func(k *state.Key) { k.PIN.FinalTry = true })
	one(state.KeyPINLocked, func(k *state.Key) { k.PIN.Locked = true })
	seal(state.KeyExpiring, func(s *state.Seal) { s.CertNotAfter = today.AddDate(0, 1, 0) })
	seal(state.KeyExpired, func(s *state.Seal) { s.CertNotAfter = today.AddDate(0, -1, 0) })
	seal(state.KeyLost, func(s *state.Seal) { s.Status = "reported-lost" })
	seal(state.KeyNotFiled, func(s *state.Seal) { s.Status = "unlisted" })
	one(state.KeyClock, func(*state.Key) {})
	d := out[string(state.KeyClock)]
	d.Trust.Issued = today.AddDate(0, 1, 0)
	out[string(state.KeyClock)] = d
	return out
}
