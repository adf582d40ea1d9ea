package explain

import (
	"strconv"
	"strings"
	"time"

	"sealdesk/pdfseal/register"
)

// Catalogue is a Translator that tells which keys it has: what a register holds may have been written by a later program.
type Catalogue interface {
	Translator
	Has(key string) bool
}

// Matter returns the word for a matter; one that this program does not know is shown as it is.
func Matter(t Translator, m register.Matter) string {
	if m == "" || !m.Known() {
		return string(m)
	}
	return t.T("matter."+string(m), nil)
}

// Failure says why a use of a seal was refused or has failed, "" where there is no reason.
func Failure(c Catalogue, u register.Use) string {
	if u.ErrorKey == "" {
		return ""
	}
	if !c.Has("error." + u.ErrorKey + ".what") {
		return u.ErrorKey
	}
	m := Message{Key: u.ErrorKey, Data: u.ErrorData}
	for _, key := range u.Findings {
		if c.Has(key) {
			m.Details = append(m.Details, Detail{Key: key, Data: u.ErrorData})
		}
	}
	t := m.Texts(c)
	return strings.Join(append([]string{t.What}, t.Details...), c.T("list.separator", nil))
}

// RegisterFinding says what the check of a register has found, and where.
func RegisterFinding(t Translator, f register.Finding) string {
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	records := n(f.Seq)
	if f.To > f.Seq {
		records += "–" + n(f.To)
	}
	key := "register.code." + string(f.Code)
	if f.Code == register.CodeTorn && f.Detail == "" {
		key = "register.code.torn_yet" // a check sets nothing aside
	}
	return t.T(key, map[string]string{"Seq": n(f.Seq), "To": n(f.To), "Records": records, "Line": n(f.Line), "Detail": f.Detail})
}

// RegisterCSV says how a register is exported: headings, words and reasons of the catalogue, times of a zone.
func RegisterCSV(c Catalogue, zone *time.Location) register.CSVOptions {
	return register.CSVOptions{Zone: zone, Failure: func(u register.Use) string { return Failure(c, u) },
		Heading: func(col register.Column) string { return c.T("register.column."+string(col), nil) },
		Word: func(col register.Column, code string) string {
			switch col {
			case "matter":
				return Matter(c, register.Matter(code))
			case "receipt":
				return c.T("gui.register.receipt."+code, nil)
			}
			return c.T("register.kind."+code, nil)
		}}
}
