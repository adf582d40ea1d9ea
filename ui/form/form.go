// Package form lays out the paper that the regulation asks for (内政办字〔2018〕56号): applications to make, change, replace and cancel
// a seal, the report of a lost key, the handing over of a key, and the approval of a use. What a seal, a certificate or a document
// says of itself is filled in; the rest is room for handwriting, signatures and the unit's seal.
package form

import "strings"

// Kind is one form; it is the word of the command line.
type Kind string

// The forms.
const (
	Issue      Kind = "issue"
	Change     Kind = "change"
	Replace    Kind = "replace"
	Cancel     Kind = "cancel"
	ReportLost Kind = "report-lost"
	Handover   Kind = "handover"
	Use        Kind = "use"
)

// Kinds lists the forms in the order of a seal's life.
func Kinds() []Kind { return []Kind{Issue, Change, Replace, Cancel, ReportLost, Handover, Use} }

// articles are those of the regulation that a form follows.
var articles = map[Kind]string{
	Issue: "6, 8, 12", Change: "8, 9", Replace: "8, 10", Cancel: "8, 9", ReportLost: "8, 11", Handover: "7", Use: "4, 13, 14",
}

// Known tells whether there is such a form.
func (k Kind) Known() bool { return articles[k] != "" }

// OfSeal tells whether the form speaks of a seal that there is already.
func (k Kind) OfSeal() bool { return k != Issue }

// Seal is what a form says of a seal, in words for people. Its zero value leaves the form blank.
type Seal struct {
	Name, ID, Size, Maker, Period  string
	Certificate, CertificatePeriod string // the signer's: subject and serial number
	Key                            string // serial number of the UsbKey
}

// Document is what the approval of a use says of the document. Its zero value leaves the fields blank.
type Document struct{ Name, Pages, SM3 string }

// Row is one field. Name ends its key "form.row.", Choices that of the boxes to tick, "form.choice.", Sign that of the line for signature,
// seal and date, "form.sign.".
type Row struct {
	Name    string
	Text    string // "" is room for handwriting
	Choices string // "" for none
	Sign    string // "" for none
	Lines   int    // room, in lines of writing; at least one
	Half    bool   // two such rows stand beside each other
}

// Section is a heading, whose key ends with Name behind "form.section.", and its fields.
type Section struct {
	Name string
	Rows []Row
}

// Form is one sheet.
type Form struct {
	Kind     Kind
	Articles string
	Sections []Section
}

// maxText bounds what is filled into one field, in characters: the names in a seal may be of any length.
const maxText = 160

// New lays out the form of a kind, which must be known. Only the approval of a use speaks of a document.
func New(k Kind, s Seal, d Document) Form {
	f := Form{Kind: k, Articles: articles[k]}
	if k == Use {
		f.Sections = []Section{{"document", document(d)}, {"seal", seal(s)[:2]}, {"approval", approval(k)}}
		return f
	}
	f.Sections = append(f.Sections, Section{"unit", unit()})
	if k.OfSeal() {
		f.Sections = append(f.Sections, Section{"seal", seal(s)})
	}
	f.Sections = append(f.Sections, Section{string(k), matter(k)}, Section{"approval", approval(k)})
	return f
}

func unit() []Row {
	return []Row{
		{Name: "unit"},
		{Name: "code", Half: true}, {Name: "phone", Half: true},
		{Name: "head", Half: true}, {Name: "handler", Half: true},
	}
}

func seal(s Seal) []Row {
	return []Row{
		{Name: "seal_name", Text: clip(s.Name)},
		{Name: "seal_id", Text: clip(s.ID)},
		{Name: "size", Text: clip(s.Size), Half: true}, {Name: "key", Text: clip(s.Key), Half: true},
		{Name: "maker", Text: clip(s.Maker)},
		{Name: "period", Text: clip(s.Period)},
		{Name: "certificate", Text: clip(s.Certificate)},
		{Name: "certificate_period", Text: clip(s.CertificatePeriod)},
	}
}

// matter is what only this form asks.
func matter(k Kind) []Row {
	switch k {
	case Issue:
		return []Row{
			{Name: "kind", Choices: "kind"}, {Name: "new_name"}, {Name: "new_name_mongolian", Lines: 2},
			{Name: "diameter", Half: true}, {Name: "centre", Choices: "centre", Half: true},
			{Name: "purpose", Choices: "purpose", Lines: 3},
			{Name: "custodian", Half: true}, {Name: "computer", Half: true}, {Name: "reason", Lines: 3},
		}
	case Change:
		return []Row{{Name: "cause", Choices: "change"}, {Name: "new_name"}, {Name: "new_name_mongolian", Lines: 2}, {Name: "basis", Lines: 2}, handBack()}
	case Replace:
		return []Row{{Name: "cause", Choices: "replace"}, {Name: "reason", Lines: 3}, handBack()}
	case Cancel:
		return []Row{{Name: "cause", Choices: "cancel"}, {Name: "basis", Lines: 2}, handBack()}
	case ReportLost:
		return []Row{
			{Name: "lost_at", Half: true}, {Name: "lost_place", Half: true}, {Name: "last_use"}, {Name: "account", Lines: 4},
			{Name: "wanted", Choices: "wanted"},
		}
	default: // Handover
		return []Row{
			{Name: "handed_over", Choices: "handed_over", Lines: 2}, {Name: "pin", Choices: "pin"},
			{Name: "register_from", Half: true}, {Name: "register_to", Half: true}, {Name: "remark", Lines: 3},
		}
	}
}

func handBack() Row { return Row{Name: "hand_back", Choices: "hand_back"} }

func document(d Document) []Row {
	return []Row{
		{Name: "department", Half: true}, {Name: "applicant", Half: true}, {Name: "title", Lines: 2}, {Name: "number"},
		{Name: "pages", Text: d.Pages, Half: true}, {Name: "copies", Half: true}, {Name: "file", Text: clip(d.Name)}, {Name: "sm3", Text: d.SM3},
		{Name: "purpose", Choices: "purpose", Lines: 3}, {Name: "reason", Lines: 3},
	}
}

func approval(k Kind) []Row {
	const room = 3
	switch k {
	case Handover:
		return []Row{{Name: "giver", Sign: "person", Lines: 2}, {Name: "taker", Sign: "person", Lines: 2}, {Name: "witness", Sign: "person", Lines: 2}}
	case Use:
		return []Row{{Name: "department_opinion", Sign: "person", Lines: room}, {Name: "approver_opinion", Sign: "person", Lines: room},
			{Name: "supervisor", Half: true}, {Name: "record", Half: true}}
	}
	return []Row{{Name: "unit_opinion", Sign: "unit", Lines: room}, {Name: "department_decision", Sign: "unit", Lines: room}}
}

// clip keeps a value on one line and of a length that fits its field.
func clip(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > maxText {
		return string(r[:maxText]) + "…"
	}
	return string(r)
}
