package register_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/register"
)

func TestWriteCSV(t *testing.T) {
	at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	evil := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=cmd", "  =1", "＝1", "＋1", "－1", "＠x", "\u3000=1", "a\"b,c\nd", "正常"}
	var uses []register.Use
	for i, s := range evil {
		uses = append(uses, register.Use{Entry: register.Entry{Seq: int64(i + 1), Time: at, File: s, Reason: s, Approver: s, SealName: s, Matter: register.MatterOffice,
			Marks: []register.Mark{{Page: 5}, {Page: 1}, {Page: 2}, {Page: 2}, {Page: 3}}}, Outcome: register.KindDone, Finished: at})
	}
	var buf bytes.Buffer
	err := register.WriteCSV(&buf, uses, register.CSVOptions{Heading: func(c register.Column) string { return "列" + string(c) },
		Word: func(c register.Column, code string) string { return "=" + code }, Zone: time.FixedZone("CST", 8*3600)})
	if err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(buf.String(), "\ufeff")
	if !ok || strings.Count(text, "\r\n") != len(uses)+1 || strings.Count(text, "\n") != len(uses)+1 {
		t.Errorf("byte order mark or line ends: %q", buf.String())
	}
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord = len(register.Columns)
	n := 0
	for {
		row, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, cell := range row {
			if strings.ContainsAny(strings.TrimLeft(cell, " \u3000")[:min(3, len(strings.TrimLeft(cell, " \u3000")))], "=+@＝＋＠") && cell[0] != '\'' {
				t.Errorf("row %d, column %s: %q can be a formula", n, register.Columns[i], cell)
			}
		}
		if n > 0 && (row[1] != "2026-11-23 09:02:03" || row[7] != "1-3、5" || row[8] != "'=office") {
			t.Errorf("row %d: %q", n, row)
		}
		n++
	}
	if n != len(uses)+1 {
		t.Errorf("%d rows", n)
	}
}

// TestUse_pages puts marks and straddle seals together.
func TestUse_pages(t *testing.T) {
	u := register.Use{Entry: register.Entry{Marks: []register.Mark{{Page: 9}, {Page: 3}}, Straddles: []register.Straddle{
		{Pages: register.Spans([]int{1, 2, 4})}, {Pages: [][2]int{{5, 5}, {11, 1_000_000_000}}}}}}
	if got := u.Pages("、"); got != "1-5、9、11-1000000000" {
		t.Errorf("pages %s", got)
	}
	if got := (&register.Use{}).Pages("、"); got != "" {
		t.Errorf("no pages: %s", got)
	}
}

type fullWriter struct{ left int }

func (w *fullWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestWriteCSV_writerFails(t *testing.T) {
	uses := make([]register.Use, 1000)
	for _, room := range []int{0, 10, 5000} {
		if err := register.WriteCSV(&fullWriter{room}, uses, register.CSVOptions{}); err == nil {
			t.Errorf("room for %d bytes: no error", room)
		}
	}
}
