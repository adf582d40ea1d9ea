package training

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// sample is one document of the office.
type sample struct {
	file    string
	organ   string
	daysAgo int // date of the document, before the day the office was made
	write   func(date time.Time) (*composer, error)
}

var practiceSamples = []sample{
	{"批复.pdf", office, 1, reply},
	{"通知.pdf", office, 6, notice},
	{"报告.pdf", bureau, 3, report},
}

// China keeps one time, eight hours ahead.
var china = time.FixedZone("UTC+8", 8*60*60)

// workday is the working day that is at least days before the day of t in China.
func workday(t time.Time, days int) time.Time {
	y, m, d := t.In(china).Date()
	date := time.Date(y, m, d-days, 9, 0, 0, 0, china)
	for date.Weekday() == time.Saturday || date.Weekday() == time.Sunday {
		date = date.AddDate(0, 0, -1)
	}
	return date
}

// makeSamples writes the documents; the same office always has the same.
func (w *work) makeSamples(ctx context.Context) error {
	for _, p := range practiceSamples {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("training: %w", err)
		}
		date := workday(w.state.Made, p.daysAgo)
		c, err := p.write(date)
		if err != nil {
			return err
		}
		raw, err := c.finish()
		if err != nil {
			return err
		}
		path := filepath.Join(w.Dir, "samples", p.file)
		if err := keepFile(path, raw, 0o600); err != nil {
			return err
		}
		seal := slices.IndexFunc(practiceUnits, func(u unit) bool { return u.name == p.organ })
		x, y := c.signed.centre(float64(practiceUnits[seal].design.Diameter))
		w.Samples = append(w.Samples, path)
		w.Placements = append(w.Placements, Placement{Sample: path, Title: c.title, Pages: len(c.pages), Date: day(date),
			Seal: practiceUnits[seal].sealID, Page: c.signed.page, X: tenth(x), Y: tenth(y)})
	}
	return nil
}

// tenth rounds to a tenth of a millimetre.
func tenth(mm float64) float64 { return float64(int(mm*10+0.5)) / 10 }
