package explain

import (
	"slices"
	"strings"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
)

// Texts are the three sentences of a message: what happened, why, and what to do.
type Texts struct {
	What    string   `json:"what"`
	Why     string   `json:"why"`
	Details []string `json:"details,omitempty"`
	Do      string   `json:"do"`
}

// Texts fills the sentences of a message from a catalogue.
func (m Message) Texts(t Translator) Texts {
	key, data := "error."+m.Key, words(t, m.Data)
	out := Texts{What: t.T(key+".what", data), Why: t.T(key+".why", data), Do: t.T(key+".do", data)}
	for _, d := range m.Details {
		out.Details = append(out.Details, d.text(t))
	}
	return out
}

// String joins the sentences, one a line.
func (t Texts) String() string {
	lines := []string{t.What}
	if t.Why != "" {
		lines = append(lines, t.Why)
	}
	for _, d := range t.Details {
		lines = append(lines, "  - "+d)
	}
	if t.Do != "" {
		lines = append(lines, t.Do)
	}
	return strings.Join(lines, "\n")
}

// Reason returns the sentence of a reason of a report.
func Reason(t Translator, r pdfseal.Reason) string {
	if r.Text != "" {
		return r.Text
	}
	return t.T("reason."+r.Key, words(t, r.Data))
}

// Moment returns the sentence of a fact in the time line of a seal.
func Moment(t Translator, m pdfseal.Moment) string {
	if m.What != "" {
		return m.What
	}
	return t.T("moment."+m.Key, words(t, m.Data))
}

// FindingDetail returns the sentence of a finding of the pre-seal gate as a detail.
func FindingDetail(f pdfseal.Finding) Detail {
	data := map[string]string{"detail": f.Detail}
	for k, v := range f.Data {
		data[k] = v
	}
	return Detail{Key: "finding." + f.Key, Data: data, Where: &Where{f.Pages, f.Area}}
}

// Finding returns the sentence of a finding, with where it stands.
func Finding(t Translator, f pdfseal.Finding) string { return FindingDetail(f).text(t) }

func (d Detail) text(t Translator) string {
	text := t.T(d.Key, words(t, d.Data))
	if d.Where == nil {
		return text
	}
	place := []string{t.T("where.document", nil)}
	if d.Where.Pages != "" {
		place[0] = pages(t, d.Where.Pages)
		if d.Where.Area.Known() {
			place = append(place, t.T("where.at", areaData(d.Where.Area)))
		}
	}
	return tail(t, text, place)
}

// Fill sets the sentences of a whole report.
func Fill(t Translator, r *pdfseal.Report) {
	fill := func(list []pdfseal.Reason) {
		for i := range list {
			list[i].Text = Reason(t, list[i])
		}
	}
	fill(r.Reasons)
	for i := range r.Seals {
		fill(r.Seals[i].Reasons)
		for k := range r.Seals[i].Timeline {
			r.Seals[i].Timeline[k].What = Moment(t, r.Seals[i].Timeline[k])
		}
	}
	for i := range r.Changes {
		r.Changes[i].Text = Change(t, r.Changes[i])
	}
}

// Filled is Fill for a copy of r, which stays as it is.
func Filled(t Translator, r *pdfseal.Report) *pdfseal.Report {
	c := *r
	c.Reasons, c.Changes, c.Seals = slices.Clone(r.Reasons), slices.Clone(r.Changes), slices.Clone(r.Seals)
	for i := range c.Seals {
		s := &c.Seals[i]
		s.Reasons, s.Timeline = slices.Clone(s.Reasons), slices.Clone(s.Timeline)
	}
	Fill(t, &c)
	return &c
}

// words replaces those values of a reason's data that are code words by words of the catalogue.
func words(t Translator, data map[string]string) map[string]string {
	out := make(map[string]string, len(data))
	for k, v := range data {
		if k != "List" { // the only value of several lines; a line break in a name must not make another sentence
			v = strings.ReplaceAll(v, "\n", " ")
		}
		switch k {
		case "who":
			v = word(t, "who.", v, whoCodes)
		case "status":
			v = word(t, "status.", v, statusCodes)
		case "detail":
			v = word(t, "detail.", v, detailCodes)
		case "verdict":
			v = word(t, "verdict.", v, verdictCodes)
		case "certificate":
			v = word(t, "certificate.", v, certificateCodes)
		case "why":
			v = word(t, "why.", v, whyCodes)
		case "how":
			v = word(t, "how.", v, pdfseal.HowCodes())
		case "parts":
			v = parts(t, v)
		case "subtype":
			v = Annotation(t, v)
		case "key":
			v = entry(t, v)
		case "action":
			v = word(t, "action.", v, actionCodes)
		case "pages":
			v = pages(t, v)
		case "page":
			if v == "0" {
				v = "?"
			}
		case "cause":
			v = word(t, "cause.", v, causeCodes())
		case "content":
			v = word(t, "content.", v, contentCodes)
		case "usage":
			v = t.T("usage."+v, data)
		case "mark":
			v = word(t, "mark.", v, pdfseal.MarkCodes())
		}
		if k != "List" { // the one datum that has lines of its own
			v = oneLine.Replace(v)
		}
		out[k] = v
	}
	return out
}

// oneLine keeps a name, such as that of a file, from writing a line of its own below the sentence that it stands in.
var oneLine = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ")

func word(t Translator, prefix, code string, known []string) string {
	for _, k := range known {
		if k == code {
			return t.T(prefix+code, nil)
		}
	}
	return code
}

var (
	whoCodes         = []string{"signer", "maker", "seal"}
	statusCodes      = []string{"in-force", "suspended", "cancelled", "reported-lost", "not-issued", "unknown"}
	certificateCodes = []string{"good", "revoked", "unknown", "expired"}
	whyCodes         = []string{"crash", "memory", "time", "output"}
	detailCodes      = append([]string{"algorithm"}, pdfseal.ChangeDetails()...)
	actionCodes      = []string{"JavaScript", "Launch", "ImportData", "SubmitForm", "ResetForm", "Rendition", "Movie", "Sound", "Hide", "SetOCGState", "GoToE", "GoToR", "URI"}
	contentCodes     = []string{"unknown", "too_large"}
	verdictCodes     = []string{"valid", "valid_with_notice", "indeterminate", "invalid", "unsealed"}
)

// readerRules are the rules of the strict reader that have a sentence of their own.
var readerRules = []string{"S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "R1"}

// RuleKey returns the key of the sentence that says what a rule of the strict reader demands.
func RuleKey(rule string) string {
	for _, r := range readerRules {
		if r == rule {
			return "rule." + r
		}
	}
	return "rule.other"
}

// questions are the rules of a report that can be left unchecked, each with words for what it asks.
var questions = []string{"E4", "E5", "E7", "T1", "T2", "T3", "T4", "T5"}

// Rules names rules of a report, each with what it asks; one without words is its number alone.
func Rules(t Translator, ids []string) string {
	named := make([]string, len(ids))
	for i, id := range ids {
		named[i] = id
		if asked := word(t, "asked.", id, questions); asked != id {
			named[i] = asked + " " + id
		}
	}
	return strings.Join(named, t.T("list.separator", nil))
}

// DetailKeys lists the keys that messages, reasons, changes and findings can show beside those of Keys.
func DetailKeys() []string {
	var keys []string
	add := func(prefix string, codes []string) {
		for _, c := range codes {
			keys = append(keys, prefix+c)
		}
	}
	add("rule.", append([]string{"other"}, readerRules...))
	add("save.", []string{string(pdfseal.StepCreate), string(pdfseal.StepWrite), string(pdfseal.StepSync), string(pdfseal.StepReopen),
		string(pdfseal.StepCompare), string(pdfseal.StepRename)})
	for _, k := range moduleReasons {
		keys = append(keys, k)
	}
	add("who.", whoCodes)
	add("status.", statusCodes)
	add("verdict.", verdictCodes)
	add("cause.", causeCodes())
	add("asked.", questions)
	add("content.", contentCodes)
	add("detail.", detailCodes)
	add("reason.", pdfseal.ReasonKeys())
	add("change.", pdfseal.ChangeKeys())
	for _, k := range []string{pdfseal.ChangeAnnotationAdded, pdfseal.ChangeAnnotationAltered, pdfseal.ChangeAnnotationRemoved} {
		keys = append(keys, "change."+k+".over")
	}
	keys = append(keys, "change."+pdfseal.ChangeAnnotationAdded+".beside")
	add("how.", pdfseal.HowCodes())
	add("part.", pdfseal.PartCodes())
	add("mark.", pdfseal.MarkCodes())
	add("annotation.", append([]string{"none", "unknown"}, annotationCodes...))
	add("entry.", entryCodes)
	add("action.", actionCodes)
	add("moment.", pdfseal.MomentKeys())
	add("finding.", append(pdfseal.FindingKeys(), rules.FindingKeys()...))
	return keys
}
