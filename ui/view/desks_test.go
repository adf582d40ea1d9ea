package view

import (
	"fmt"
	"image"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
	"sealdesk/token"
	"sealdesk/ui/state"
)

// moreDesks are the states between those of desks: work under way, what stands in the way, long lists.
func moreDesks() map[string]state.Desk {
	out := map[string]state.Desk{"ready empty": ready(), "sealing": sealing(), "opening": opening(), "refused": refused(), "settings open": openSettings(), "settings diagnosing": diagnosing(),
		"verifying fifty": verifyingFifty(), "verified clean": verifiedClean(), "verified now": verifiedNow(), "pin batch": askingBatch(), "pin pad": askingPad(),
		"failed pin": done(&token.PINError{Wrong: true, State: token.PINState{Low: true}}), "two seals": twoSeals(), "existing seal": existingSeal(), "no trust": withoutTrust()}
	for name, n := range map[string]state.Notice{"not pdf": {Key: "gui.notice.not_pdf", Arg: "说明.txt\n会议记录（第三稿）.docx\n扫描件 2026-11-18.jpg"}, "no pdf": {Key: "gui.notice.no_pdf"},
		"trust imported": {Key: "gui.notice.trust_imported", Arg: "示范盟公署办公室"}, "command": {Key: "gui.notice.command_copied",
			Arg: "sealctl seal '/home/user/文件/关于做好2026年冬季供热和牧区防灾减灾工作的通知.pdf' --seal 15299900000145 --over-date --matter notice --approver 巴雅尔 --reason 冬季供热"}} {
		d := placed()
		d.Notices = []state.Notice{n}
		out["notice "+name] = d
	}
	return out
}

// sealing is a batch of which the second document is being sealed.
func sealing() state.Desk {
	d := batch()
	d.Sealing.Phase, d.Sealing.Sheet = state.SealWorking, false
	d.Sealing.Progress = state.Progress{Stage: state.StageSeal, Document: 1, Done: 3, Total: 10}
	for _, doc := range d.Sealing.Documents {
		d.Sealing.Ordered = append(d.Sealing.Ordered, doc.Path)
	}
	return d
}

// opening is a document that is being read.
func opening() state.Desk {
	d := placed()
	d.Sealing.Documents = []state.Document{{Path: "/a/通知.pdf", Rule: state.Rule{Kind: state.RuleDate}}}
	return d
}

// refused is a document that must not be sealed, with findings of each weight.
func refused() state.Desk {
	d := placed()
	doc := &d.Sealing.Documents[0]
	doc.Marks, doc.Info.Findings = nil, []pdfseal.Finding{{Level: pdfseal.LevelRefuse, Key: pdfseal.FindingJavaScript}, {Level: pdfseal.LevelWarn, Key: pdfseal.FindingForm, Page: 2, Pages: "2", Area: pdfseal.Area{X: 40, Y: 60, W: 60, H: 8}, Data: map[string]string{"count": "1", "names": "份数"}},
		{Level: pdfseal.LevelNote, Key: pdfseal.FindingAttachment}}
	doc.Review.Findings = []pdfseal.Finding{{Level: pdfseal.LevelWarn, Key: rules.FindingName, Page: 2, Pages: "2", Data: map[string]string{"seal": good.Name, "names": "示范旗教育局"}}}
	return d
}

func askingBatch() state.Desk {
	d := asking(token.PINState{})
	d.Sealing.Documents = append(d.Sealing.Documents, document("批复.pdf"), document("关于印发《示范旗电子印章使用管理办法（试行）》的通知.pdf"))
	d.Sealing.Ordered = nil
	for _, doc := range d.Sealing.Documents {
		d.Sealing.Ordered = append(d.Sealing.Ordered, doc.Path)
	}
	d.Sealing.Ask.Request.Documents = 3
	return d
}

// askingPad is a key with a PIN pad of its own.
func askingPad() state.Desk {
	d := asking(token.PINState{})
	d.Sealing.Ask.Request.Token.ProtectedPath = true
	return d
}

// twoSeals is a key with two seals, of which none is chosen.
func twoSeals() state.Desk {
	d := placed()
	d.Keys.All = keyWith(func(k *state.Key) {
		second := good
		second.ID, second.Name = "15299900000146", "示范旗人民政府办公室合同专用章"
		k.Seals = append(k.Seals, second)
	})
	d.Sealing.Documents[0].Marks = nil
	return d
}

// existingSeal is a document that carries a seal already.
func existingSeal() state.Desk {
	d := placed()
	d.Sealing.Documents[0].Info.Seals = []state.Area3{{Page: 2, Area: state.Area{X: 40, Y: 210, W: 42, H: 42}, Name: "示范旗教育局"}}
	return d
}

func withoutTrust() state.Desk {
	d := placed()
	d.Trust = state.TrustState{}
	return d
}

// openSettings are settings of which none is fixed, before any diagnosis.
func openSettings() state.Desk {
	d := settings()
	d.Options.Locked = nil
	d.Settings = state.Settings{Draft: d.Options, Trial: state.Trial{Path: "x", Keys: 2}}
	return d
}

func diagnosing() state.Desk {
	d := openSettings()
	d.Settings.Running = true
	return d
}

// verifyingFifty is a folder of 50 files of which a part has been judged.
func verifyingFifty() state.Desk {
	d := verified(pdfseal.VerdictInvalid)
	v := &d.Verification
	v.View, v.Details = state.ViewNow, false
	first := v.Items[0]
	v.Items = v.Items[:1]
	for i := 1; i < 50; i++ {
		item := state.Item{Path: fmt.Sprintf("/a/%02d-关于做好2026年冬季供热和牧区防灾减灾工作的通知.pdf", i)}
		if i < 20 {
			rep := *first.Result.Report
			rep.Verdict = []pdfseal.Verdict{pdfseal.VerdictValid, pdfseal.VerdictValidNotice, pdfseal.VerdictIndeterminate, pdfseal.VerdictUnsealed, pdfseal.VerdictInvalid}[i%5]
			item.Done, item.Result = true, state.Verified{Pages: 3, Report: &rep}
		}
		v.Items = append(v.Items, item)
	}
	return d
}

// verifiedClean is a document about which nothing is to be said.
func verifiedClean() state.Desk {
	d := verified(pdfseal.VerdictValid)
	v := &d.Verification
	v.View, v.Details, v.Items = state.ViewNow, false, v.Items[:1]
	at := today.Add(-time.Hour)
	rep := *v.Items[0].Result.Report
	rep.Reasons, rep.Changes = nil, nil
	rep.Seals = []pdfseal.SealReport{rep.Seals[0]}
	s := &rep.Seals[0]
	s.Time, s.Coverage = pdfseal.TimeSummary{Value: &at, Source: pdfseal.TimeReceipt}, pdfseal.Coverage{Revision: 1, Revisions: 1, WholeFile: true}
	s.Checks = nil
	for _, id := range []string{"B1", "C1", "E1", "I1", "T1", "T5"} {
		s.Checks = append(s.Checks, pdfseal.Check{ID: id, Status: pdfseal.CheckPassed})
	}
	v.Items[0] = state.Item{Path: "/a/通知.pdf", Done: true, Result: state.Verified{Pages: 3, Report: &rep, Pictures: []image.Image{good.Picture}}}
	return d
}

// verifiedNow is a changed document as it is now.
func verifiedNow() state.Desk {
	d := verified(pdfseal.VerdictInvalid)
	d.Verification.View, d.Verification.Details = state.ViewNow, false
	return d
}
