package report

import (
	"image"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
)

// Translator answers the sentence of a key; *i18n.Catalogue is one.
type Translator interface {
	T(key string, data map[string]string) string
}

// fact is a label and what stands behind it.
type fact struct{ Label, Text string }

// fileView is a file of the report in finished sentences.
type fileView struct {
	Name, Verdict, Mark, Colour, Next string
	Reasons                           []reasonView
	Facts                             []fact
	Seals                             []sealView
	Changes                           []string
	Pages                             []pageView
	Pairs                             []pairView
	Notes                             []string
}

type sealView struct {
	Heading, Verdict, Mark, Colour string
	Reasons                        []reasonView
	Lines                          []lineView
	Facts                          []fact
	Timeline                       []fact
	Picture                        image.Image
}

// reasonView is a reason with its shape; what is no reason of a verdict has none.
type reasonView struct{ Mark, Colour, Text string }

type lineView struct{ Label, Text, Mark string }

type pageView struct {
	Caption string
	Image   image.Image
}

type pairView struct {
	Caption, Then, Now    string
	Spots                 []string
	ThenImage, NowImage   image.Image
	ThenAbsent, NowAbsent string
}

// writer fills sentences.
type writer struct {
	t   Translator
	now time.Time
}

func (w writer) text(key string, pairs ...string) string {
	data := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i]] = pairs[i+1]
	}
	return w.t.T(key, data)
}

func (w writer) file(d *Document) fileView {
	r := d.Report
	v := fileView{Name: filepath.Base(r.File), Verdict: w.text("verdict." + string(r.Verdict)), Mark: Mark(r.Verdict),
		Colour: hex(VerdictColour(r.Verdict)), Reasons: w.reasons(r.Reasons)}
	if r.Verdict != pdfseal.VerdictValid {
		v.Next = w.text("next." + string(r.Verdict))
	}
	if len(d.Problem) > 0 {
		v.Reasons, v.Next = nil, ""
		for _, text := range d.Problem {
			v.Reasons = append(v.Reasons, reasonView{Text: text})
		}
	}
	for _, n := range d.Centre {
		if n.Warning {
			v.Reasons = append(v.Reasons, reasonView{"!", hex(VerdictColour(pdfseal.VerdictIndeterminate)), n.Text})
		}
		if n.Differs {
			v.Next = ""
		}
	}
	v.Facts = append(v.Facts, fact{w.text("report.file"), r.File}, fact{w.text("report.size"), w.text("report.bytes", "N", strconv.FormatInt(r.Size, 10))})
	if r.SM3 != "" {
		v.Facts = append(v.Facts, fact{"SM3", r.SM3})
	}
	trust := w.text("report.no_bundle")
	if r.Trust != nil {
		trust = w.text("report.bundle", "Name", r.Trust.Bundle, "Number", strconv.Itoa(r.Trust.Number), "Issued", r.Trust.Issued.In(china).Format("2006-01-02"), "Age", strconv.Itoa(r.Trust.AgeDays))
	}
	v.Facts = append(v.Facts, fact{w.text("report.trust"), trust}, fact{w.text("report.checked"), clock(&w.now)})
	for _, n := range d.Centre {
		if !n.Warning {
			v.Facts = append(v.Facts, fact{w.text("report.centre"), n.Text})
		}
	}
	for i, s := range r.Seals {
		v.Seals = append(v.Seals, w.seal(i, len(r.Seals), s, d.Pictures[i]))
	}
	for _, c := range r.Changes {
		text := c.Text
		if c.Revision > 0 {
			text = w.text("report.change", "Revision", strconv.Itoa(c.Revision), "Text", c.Text)
		}
		v.Changes = append(v.Changes, text)
	}
	for _, p := range d.Pages {
		v.Pages = append(v.Pages, pageView{w.text("report.page", "Page", strconv.Itoa(p.Page)), p.Image})
	}
	w.pairs(d, &v)
	return v
}

func (w writer) pairs(d *Document, v *fileView) {
	base := strconv.Itoa(d.Base)
	for _, p := range d.Pairs {
		v.Pairs = append(v.Pairs, pairView{Caption: w.text("report.pair", "Page", strconv.Itoa(p.Page)),
			Then: w.text("report.then", "Revision", base), Now: w.text("report.now"), ThenImage: p.Then, NowImage: p.Now,
			ThenAbsent: w.absent(p.ThenMissing), NowAbsent: w.absent(p.NowMissing), Spots: w.spots(p)})
	}
	switch {
	case d.Uncompared != "":
		v.Notes = append(v.Notes, w.text("report.uncompared", "Detail", d.Uncompared))
	case d.Base > 0 && len(d.Pairs) == 0:
		v.Notes = append(v.Notes, w.text("report.looks_same", "Revision", base))
	}
	if len(d.More) > 0 {
		var pages []string
		for _, n := range d.More {
			pages = append(pages, strconv.Itoa(n))
		}
		v.Notes = append(v.Notes, w.text("report.more", "Pages", strings.Join(pages, ", ")))
	}
}

// absent says why there is no picture.
func (w writer) absent(m Missing) string {
	if m == Undrawn {
		return w.text("report.undrawn")
	}
	return w.text("report.absent")
}

// spots are the captions of a pair, with the numbers of the frames where there are any.
func (w writer) spots(p Pair) []string {
	list := p.Sentences(w.t)
	for i := range list {
		if !p.Spots[i].Whole() {
			list[i] = w.text("report.spot", "N", number(i+1), "Text", list[i])
		}
	}
	if p.Same {
		list = append(list, w.text("report.same"))
	}
	return list
}

func (w writer) reasons(list []pdfseal.Reason) []reasonView {
	var out []reasonView
	for _, r := range list {
		c := VerdictColour(r.Verdict)
		if r.Notice() {
			c = VerdictColour(pdfseal.VerdictIndeterminate) // amber, as everything that is to be looked at
		}
		out = append(out, reasonView{ReasonMark(r), hex(c), w.text("verify.reason", "Text", r.Text, "Rule", r.Rule)})
	}
	return out
}

func (w writer) seal(i, of int, s pdfseal.SealReport, pic image.Image) sealView {
	head := "verify.seal"
	if s.Seal.Name == "" && s.Seal.ID == "" {
		head = "verify.no_seal"
	}
	v := sealView{Heading: w.text(head, "N", strconv.Itoa(i+1), "Of", strconv.Itoa(of), "Name", s.Seal.Name, "ID", s.Seal.ID),
		Verdict: w.text("verdict." + string(s.Verdict)), Mark: Mark(s.Verdict), Colour: hex(VerdictColour(s.Verdict)),
		Picture: pic}
	if of > 1 { // those of an only seal stand above
		v.Reasons = w.reasons(s.Reasons)
	}
	for _, l := range Lines(s.Checks) {
		v.Lines = append(v.Lines, lineView{w.text("line." + l.Name), strings.TrimSpace(w.text("check."+l.Status) + " " + strings.Join(l.Rules, " ")), statusMark(l.Status)})
	}
	cover := "report.whole"
	if !s.Coverage.WholeFile {
		cover = "report.part"
	}
	v.Facts = []fact{
		{w.text("report.signer"), s.Signer.Subject + " · " + s.Signer.Serial},
		{w.text("report.maker"), s.Seal.Maker},
		{w.text("report.standard"), s.Standard},
		{w.text("report.time"), clock(s.Time.Value) + " · " + w.text("time."+timeSource(s.Time.Source))},
		{w.text("report.coverage"), w.text(cover, "Revision", strconv.Itoa(s.Coverage.Revision), "Revisions", strconv.Itoa(s.Coverage.Revisions))},
	}
	for _, m := range Places(s.Marks) {
		v.Facts = append(v.Facts, fact{w.text("report.mark"), w.text("report.place", "Page", m.Pages,
			"X", millimetres(m.X), "Y", millimetres(m.Y), "W", millimetres(m.W), "H", millimetres(m.H))})
	}
	for _, g := range s.Straddle {
		v.Facts = append(v.Facts, fact{w.text("report.straddle"), Straddle(w.t, g)})
	}
	if s.Reason != "" {
		v.Facts = append(v.Facts, fact{w.text("report.purpose"), s.Reason})
	}
	if skipped := Skipped(s.Checks); len(skipped) > 0 {
		v.Facts = append(v.Facts, fact{w.text("report.skipped"), explain.Rules(w.t, skipped)})
	}
	for _, m := range s.Timeline {
		v.Timeline = append(v.Timeline, fact{clock(&m.Time), m.What})
	}
	return v
}

func statusMark(status string) string {
	switch status {
	case "passed":
		return "✔"
	case "failed":
		return "✘"
	default:
		return "?"
	}
}

func timeSource(s string) string {
	switch s {
	case pdfseal.TimeTimestamp, pdfseal.TimeReceipt:
		return s
	default:
		return pdfseal.TimeClaimed
	}
}

func number(n int) string { return strconv.Itoa(n) }

func millimetres(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

var china = time.FixedZone("CST", 8*3600)

func clock(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "—"
	}
	return t.In(china).Format("2006-01-02 15:04:05")
}
