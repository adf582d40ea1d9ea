package state

import (
	"context"
	"slices"
	"strings"
	"time"

	"sealdesk/pdfseal/register"
)

// RegisterPhase is where the screen of the register stands.
type RegisterPhase int

// The phases.
const (
	RegisterUnread  RegisterPhase = iota // nothing has been read yet
	RegisterReading                      // it is being read; what was read before stays
	RegisterRead                         // it has been read
	RegisterFailed                       // it cannot be read
)

// Use is one use of a seal as the register has it. Words are the words by which it is found that its record does not hold, such as
// that of its matter in the language of the window.
type Use struct {
	register.Use
	Words string
}

// RegisterContent is what a register holds and whether it hangs together. A register that does not exist yet is empty.
type RegisterContent struct {
	Uses       []Use // oldest first
	Unreadable int   // lines that are no records
	Report     *register.Report
}

// RegisterRow is one line of the table: the heading of a day, or a use.
type RegisterRow struct {
	Day time.Time // of a heading: midnight in China; zero in the line of a use
	N   int       // of a heading: the uses of that day
	Use int       // index in Content.Uses
}

// Register is the screen of the register of seal use.
type Register struct {
	Phase    RegisterPhase
	Content  RegisterContent
	Err      error
	Query    string
	Rows     []RegisterRow // that fit the query, newest day first
	Found    int           // uses among Rows
	Chosen   int64         // number of the use whose particulars are shown, 0 for none
	Saved    string        // the file that was exported last
	Fetching Fetching
	Version  int // grows with each change of Rows
	round    int
}

type registerEvent interface{ register() }

// The events of the register.
type (
	// RegisterAnswered brings what the register holds.
	RegisterAnswered struct {
		Round   int
		Content RegisterContent
		Err     error
	}
	// RegisterAgain reads it once more.
	RegisterAgain struct{}
	// QueryTyped changes what is looked for.
	QueryTyped struct{ Text string }
	// UseChosen shows the particulars of a use.
	UseChosen struct{ Seq int64 }
	// RegisterExportChosen writes all of the register as CSV.
	RegisterExportChosen struct{ Path string }
	// RegisterExported answers it.
	RegisterExported struct{ Path string }
)

func (RegisterAnswered) register()     {}
func (RegisterAgain) register()        {}
func (QueryTyped) register()           {}
func (UseChosen) register()            {}
func (RegisterExportChosen) register() {}
func (RegisterExported) register()     {}

// legalTime is the time of China, by whose days the uses are grouped.
var legalTime = time.FixedZone("CST", 8*3600)

// Use returns the use whose particulars are shown.
func (r Register) Use() (Use, bool) {
	at := slices.IndexFunc(r.Content.Uses, func(u Use) bool { return u.Seq == r.Chosen })
	if at < 0 {
		return Use{}, false
	}
	return r.Content.Uses[at], true
}

// Damaged tells whether what is shown cannot be relied on.
func (r Register) Damaged() bool {
	return r.Content.Unreadable > 0 || r.Content.Report != nil && r.Content.Report.Damaged()
}

// Condition names in one word how it stands with the register, for logs.
func (r Register) Condition() string {
	switch {
	case r.Phase == RegisterFailed:
		return "failed"
	case r.Phase != RegisterRead:
		return "unread"
	case r.Damaged():
		return "damaged"
	}
	return "whole"
}

// fits tells whether a use holds every one of the words, in whatever column.
func (u Use) fits(words []string) bool {
	if len(words) == 0 {
		return true
	}
	at := u.Time.In(legalTime)
	text := strings.ToLower(strings.Join([]string{u.SealName, u.SealID, u.File, u.Output, u.Reason, u.Approver, u.Custodian, string(u.Matter), string(u.Outcome),
		u.Receipt, u.Before, u.After, u.Words, at.Format("2006-01-02"), at.Format("2006年1月2日"), at.Format("15:04")}, "\n"))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// arrange puts the uses that fit the query into days, the newest first.
func (r Register) arrange() Register {
	words := strings.Fields(strings.ToLower(r.Query))
	r.Rows, r.Found = nil, 0
	r.Version++
	heading := -1
	for i := len(r.Content.Uses) - 1; i >= 0; i-- {
		u := r.Content.Uses[i]
		if !u.fits(words) {
			continue
		}
		y, m, d := u.Time.In(legalTime).Date()
		day := time.Date(y, m, d, 0, 0, 0, 0, legalTime)
		if heading < 0 || !r.Rows[heading].Day.Equal(day) {
			heading = len(r.Rows)
			r.Rows = append(r.Rows, RegisterRow{Day: day})
		}
		r.Rows[heading].N++
		r.Rows = append(r.Rows, RegisterRow{Use: i})
		r.Found++
	}
	return r
}

// readRegister reads the register anew; what is on the screen stays until the answer comes.
func (m Machine) readRegister(d Desk) (Desk, Cmd) {
	r := &d.Register
	r.round++
	r.Phase = RegisterReading
	round := r.round
	return d, func(ctx context.Context, send func(Event)) {
		c, err := m.Work.ReadRegister(ctx)
		send(RegisterAnswered{Round: round, Content: c, Err: err})
	}
}

func (m Machine) register(d Desk, e Event) (Desk, Cmd) {
	r := &d.Register
	switch e := e.(type) {
	case RegisterAnswered:
		if e.Round != r.round {
			return d, nil
		}
		r.Phase, r.Content, r.Err = RegisterRead, e.Content, e.Err
		if e.Err != nil {
			r.Phase = RegisterFailed
		}
		*r = r.arrange()
	case RegisterAgain:
		return m.readRegister(d)
	case QueryTyped:
		if e.Text != r.Query {
			r.Query = e.Text
			*r = r.arrange()
		}
	case UseChosen:
		r.Chosen = e.Seq
	case RegisterExportChosen:
		r.Saved = ""
		return d, func(ctx context.Context, send func(Event)) {
			if err := m.Work.ExportRegister(ctx, e.Path); err != nil {
				send(NoticeArose{Notice{Err: err}})
				return
			}
			send(RegisterExported(e))
		}
	case RegisterExported:
		r.Saved = e.Path
	default:
		return m.receipts(d, e)
	}
	return d, nil
}
