package rules

import (
	"slices"
	"time"
)

// Check names one of the checks; a policy may let it refuse.
type Check string

// The checks before sealing.
const (
	CheckBlankPage Check = "blank_page" // something stands where the seal presses
	CheckSecret    Check = "secret"     // no secret marking
	CheckSize      Check = "seal_size"  // the diameter that the regulation gives to the kind of organ
	CheckName      Check = "name_match" // the seal's name is that of an organ that has signed
	CheckDate      Check = "date"       // the date of the document is neither to come nor long past
	CheckUnfilled  Check = "unfilled"   // a form is filled in
)

// Checks lists them all.
func Checks() []Check {
	return []Check{CheckBlankPage, CheckSecret, CheckSize, CheckName, CheckDate, CheckUnfilled}
}

// The keys of findings, under "finding.<KEY>" in the catalogues, each with its data.
const (
	FindingBlankPage  = "BLANK_PAGE"
	FindingNoText     = "NO_TEXT_PAGE"   // {text}: a page that says of itself that it has no text
	FindingSecret     = "SECRET_MARKING" // {text}
	FindingSize       = "SEAL_SIZE"      // {seal, size, legal, article}
	FindingSizeMost   = "SEAL_SIZE_MOST" // {seal, size, legal, article}: legal is an upper bound
	FindingName       = "SEAL_NAME"      // {seal, names}
	FindingDateFuture = "DATE_FUTURE"    // {date}
	FindingDateOld    = "DATE_OLD"       // {date}
	FindingUnfilled   = "UNFILLED"       // {text}
	FindingUnreviewed = "UNREVIEWED"     // pages that were not looked at
)

// FindingKeys lists every key of a Finding.
func FindingKeys() []string {
	return []string{FindingBlankPage, FindingNoText, FindingSecret, FindingSize, FindingSizeMost, FindingName, FindingDateFuture, FindingDateOld,
		FindingUnfilled, FindingUnreviewed}
}

// Level says what a finding means for sealing.
type Level string

// The levels of a finding.
const (
	Refuse Level = "refuse"
	Warn   Level = "warn"
	Note   Level = "note" // something was not looked at
)

// Finding is what a check has found.
type Finding struct {
	Check  Check  // "" for a note
	Clause string // of the regulation, such as "GB/T 9704-2012 7.3.5"
	Level  Level
	Key    string
	Page   int // 0 for the seal itself
	Data   map[string]string
}

// The clauses that findings cite.
const (
	clauseBlank  = "GB/T 9704-2012 7.3.5"
	clauseSecret = "GB/T 33481-2016"
	clauseSize   = "国发〔1999〕25号"
	clauseLetter = "GB/T 9704-2012 7.3.5.1"
	clauseMisuse = "内政办字〔2018〕56号 14"
)

// Seal is what the checks need to know of a seal; its size is in millimetres.
type Seal struct {
	Name          string
	Width, Height float64
}

// Sheet is a page of a document as the checks see it. Sealed says that the whole seal stands on it.
type Sheet struct {
	Page   int
	Height float64 // millimetres
	Runs   []Run
	Ink    *Ink // of a page that is sealed; without it the page counts as unread
	Sealed bool
	Unread bool // the page could not be looked at
}

// Review holds the pages that are to be sealed against the regulations on the day of today, which tells the date in its own time zone. The
// first page, where a secret marking stands, should be among them, and the last one, which often bears name and date.
//
// A blank page only warns, unless a policy says otherwise: the cover of a book, a drawing in red or a test sheet look the same to a program
// as a page that somebody means to fill in later (of the public corpus that has to be sealed, one page in six shows next to nothing), and
// who says where the seal stands has seen the page. What is certain refuses: a secret marking, and a page that says of itself that it has
// no text. There is no way around a refusal: that would take a second person with a key of their own.
func Review(sheets []Sheet, seal Seal, today time.Time) []Finding {
	out := checkSize(seal)
	var closings []closing
	for _, s := range sheets {
		if s.Unread || s.Sealed && s.Ink == nil {
			out = append(out, Finding{Level: Note, Key: FindingUnreviewed, Page: s.Page})
			continue
		}
		rows := lines(s.Runs)
		out = append(out, checkSecret(s, rows)...)
		if s.Sealed {
			out = append(out, checkBlank(s, rows)...)
			out = append(out, checkUnfilled(s, rows)...)
		}
		if c, ok := readClosing(rows); ok {
			c.page, c.sealed = s.Page, s.Sealed
			closings = append(closings, c)
		}
	}
	if slices.ContainsFunc(closings, func(c closing) bool { return c.sealed }) { // other pages speak only where these do not
		closings = slices.DeleteFunc(closings, func(c closing) bool { return !c.sealed })
	}
	out = append(out, checkName(closings, seal)...)
	return append(out, checkDate(closings, today)...)
}
