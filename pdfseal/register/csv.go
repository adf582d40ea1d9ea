package register

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Column names a column of the CSV form of the register.
type Column string

// The columns in their order (users.md: 编号、日期、印章、部门、事由、文件、审批人、经办人 and the digests).
var Columns = []Column{"number", "time", "seal", "seal_id", "custodian", "key", "file", "pages", "matter", "reason", "approver", "outcome",
	"error", "before", "after", "receipt", "finished", "output"}

// CSVOptions says how uses are written. The functions answer texts for people.
type CSVOptions struct {
	Failure func(u Use) string                 // why it was not sealed; nil: the key of the text
	Heading func(Column) string                // nil: the column's name
	Word    func(c Column, code string) string // of matter, outcome and a receipt that is queued; nil: the code
	Zone    *time.Location                     // nil: UTC
}

// WriteCSV writes uses as CSV (RFC 4180) with a heading line: UTF-8 with byte order mark, as office programs expect. No cell can be
// taken for a formula: a cell that begins with a character by which one could gets an apostrophe in front.
func WriteCSV(w io.Writer, uses []Use, o CSVOptions) error {
	if o.Heading == nil {
		o.Heading = func(c Column) string { return string(c) }
	}
	if o.Word == nil {
		o.Word = func(_ Column, code string) string { return code }
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	row := make([]string, len(Columns))
	for i, c := range Columns {
		row[i] = harmless(o.Heading(c))
	}
	if err := out.Write(row); err != nil {
		return err
	}
	for _, u := range uses {
		for i, c := range Columns {
			row[i] = harmless(u.cell(c, o))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (u *Use) cell(c Column, o CSVOptions) string {
	switch c {
	case "number":
		return strconv.FormatInt(u.Seq, 10)
	case "time":
		return stamp(u.Time, o.Zone)
	case "finished":
		return stamp(u.Finished, o.Zone)
	case "pages":
		return u.Pages("、")
	case "matter":
		return word(o, c, string(u.Matter))
	case "outcome":
		return word(o, c, string(u.Outcome))
	case "receipt":
		if u.Receipt == ReceiptQueued {
			return word(o, c, u.Receipt)
		}
		return u.Receipt
	case "error":
		if o.Failure != nil && u.ErrorKey != "" {
			return o.Failure(*u)
		}
		return u.ErrorKey
	}
	return u.text(c)
}

// text is a cell that is written as it was recorded.
func (u *Use) text(c Column) string {
	switch c {
	case "seal":
		return u.SealName
	case "seal_id":
		return u.SealID
	case "custodian":
		return u.Custodian
	case "key":
		return u.Key
	case "file":
		return u.File
	case "reason":
		return u.Reason
	case "approver":
		return u.Approver
	case "before":
		return u.Before
	case "after":
		return u.After
	default:
		return u.Output
	}
}

// Pages lists the sealed pages, each once, in ranges.
func (u *Use) Pages(separator string) string {
	var spans [][2]int
	for _, m := range u.Marks {
		spans = append(spans, [2]int{m.Page, m.Page})
	}
	for _, s := range u.Straddles {
		spans = append(spans, s.Pages...)
	}
	var parts []string
	for _, s := range merged(spans) {
		part := strconv.Itoa(s[0])
		if s[1] > s[0] {
			part += "-" + strconv.Itoa(s[1])
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, separator)
}

// Spans writes numbers as ascending spans of neighbours, both ends included.
func Spans(pages []int) [][2]int {
	spans := make([][2]int, len(pages))
	for i, p := range pages {
		spans[i] = [2]int{p, p}
	}
	return merged(spans)
}

// merged puts spans in order and joins those that touch.
func merged(spans [][2]int) [][2]int {
	slices.SortFunc(spans, func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) })
	var out [][2]int
	for _, s := range spans {
		if n := len(out); n > 0 && s[0] <= out[n-1][1]+1 {
			out[n-1][1] = max(out[n-1][1], s[1])
			continue
		}
		out = append(out, s)
	}
	return out
}

func word(o CSVOptions, c Column, code string) string {
	if code == "" {
		return ""
	}
	return o.Word(c, code)
}

func stamp(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

// harmless keeps a cell from being read as a formula, also by programs that skip spaces or fold full-width characters, and takes out
// the control characters by which one could hide.
func harmless(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if strings.IndexAny(strings.TrimLeft(s, " \u00a0\u3000"), "=+-@＝＋－＠") == 0 {
		return "'" + s
	}
	return s
}
