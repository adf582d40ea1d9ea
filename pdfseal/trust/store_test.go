package trust

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
)

func TestFile_writtenAndReadBack(t *testing.T) {
	root := issue(t, "root", ca("根", -1), nil)
	f := file(anchor(PurposeSigner, root), anchor(PurposeMaker, root))
	f.CRLs = [][]byte{crl(t, root, now, now.AddDate(0, 1, 0), nil)}
	f.Seals = []SealStatus{{ID: "1", Status: StatusInForce}, {ID: "2", Status: StatusReportedLost, Since: now}}
	b, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if s.Number() != 3 || s.Name() != "测试" || !s.Issued().Equal(now) || !s.Expires().Equal(now.AddDate(0, 6, 0)) || !s.HasSealStatus() {
		t.Errorf("%+v", s.head)
	}
	for _, c := range []struct {
		after time.Duration
		days  int
	}{{-time.Hour, 0}, {0, 0}, {24*time.Hour - 1, 0}, {24 * time.Hour, 1}, {400 * 24 * time.Hour, 400}} {
		if got := s.AgeDays(now.Add(c.after)); got != c.days {
			t.Errorf("after %s: %d days", c.after, got)
		}
	}
	if x, ok := s.SealStatus("2"); !ok || x.Status != StatusReportedLost || !x.Since.Equal(now) {
		t.Errorf("%+v %v", x, ok)
	}
	if _, ok := s.SealStatus("3"); ok {
		t.Error("an unknown seal is known")
	}
}

func TestParse_refusesContent(t *testing.T) {
	root := issue(t, "root", ca("根", -1), nil)
	leaf := issue(t, "leaf", end("示范旗人民政府"), root)
	noList := ca("无列表权", -1)
	noList.KeyUsage = gm.KeyUsageKeyCertSign
	mute := issue(t, "mute", noList, nil)
	clean := crl(t, root, now, now.AddDate(0, 1, 0), nil)
	changed := bytes.Clone(clean)
	changed[len(changed)-1] ^= 1
	for name, change := range map[string]func(f *File){
		"format":                   func(f *File) { f.Format = "sealdesk-trust/2" },
		"no name":                  func(f *File) { f.Name = "" },
		"long name":                func(f *File) { f.Name = strings.Repeat("长", maxText+1) },
		"name with a line end":     func(f *File) { f.Name = "a\nb" },
		"number 0":                 func(f *File) { f.Number = 0 },
		"not issued":               func(f *File) { f.Issued = time.Time{} },
		"expires before the issue": func(f *File) { f.Expires = now.Add(-1) },
		"no anchors":               func(f *File) { f.Anchors = nil },
		"too many anchors":         func(f *File) { f.Anchors = make([]Anchor, MaxAnchors+1) },
		"unknown purpose":          func(f *File) { f.Anchors[0].Purpose = "server" },
		"certificate unreadable":   func(f *File) { f.Anchors[0].Certificate = []byte{0x30, 0x80} },
		"certificate empty":        func(f *File) { f.Anchors[0].Certificate = nil },
		"anchor twice":             func(f *File) { f.Anchors = append(f.Anchors, f.Anchors[0]) },
		"anchor is also between":   func(f *File) { f.Anchors = append(f.Anchors, intermediate(PurposeSigner, root)) },
		"anchor is not a CA":       func(f *File) { f.Anchors[0] = anchor(PurposeSigner, leaf) },
		"intermediate not a CA":    func(f *File) { f.Anchors = append(f.Anchors, intermediate(PurposeTimestamp, leaf)) },
		"intermediates only":       func(f *File) { f.Anchors[0].Intermediate = true },
		"list unreadable":          func(f *File) { f.CRLs = [][]byte{{1}} },
		"list changed":             func(f *File) { f.CRLs = [][]byte{changed} },
		"list of a stranger": func(f *File) {
			f.CRLs = [][]byte{crl(t, issue(t, "s", ca("陌生", -1), nil), now, now.AddDate(1, 0, 0), nil)}
		},
		"list by a twin": func(f *File) {
			f.CRLs = [][]byte{crl(t, issue(t, "twin", ca("根", -1), nil), now, now.AddDate(1, 0, 0), nil)}
		},
		"list without the right": func(f *File) {
			f.Anchors = append(f.Anchors, anchor(PurposeSigner, mute))
			f.CRLs = [][]byte{crl(t, mute, now, now.AddDate(1, 0, 0), nil)}
		},
		"too many lists":  func(f *File) { f.CRLs = make([][]byte, MaxCRLs+1) },
		"seal without id": func(f *File) { f.Seals = []SealStatus{{Status: StatusInForce}} },
		"seal twice": func(f *File) {
			f.Seals = []SealStatus{{ID: "1", Status: StatusInForce}, {ID: "1", Status: StatusInForce}}
		},
		"seal status":        func(f *File) { f.Seals = []SealStatus{{ID: "1", Status: "lost", Since: now}} },
		"seal without since": func(f *File) { f.Seals = []SealStatus{{ID: "1", Status: StatusCancelled}} },
	} {
		f := file(anchor(PurposeSigner, root))
		f.CRLs = [][]byte{clean}
		if _, err := f.Marshal(); err != nil {
			t.Fatalf("before the change: %v", err)
		}
		change(&f)
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var format *FormatError
		if s, err := Parse(b); s != nil || !errors.Is(err, ErrFormat) || !errors.As(err, &format) || format.Field == "" {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := f.Marshal(); err == nil && f.Format != "" {
			t.Errorf("%s: was written", name)
		}
	}
}

func TestParse_refusesJSON(t *testing.T) {
	root := issue(t, "root", ca("根", -1), nil)
	whole, err := file(anchor(PurposeSigner, root)).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	good := string(whole)
	replace := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in the file", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	for name, s := range map[string]string{
		"empty": "", "null": "null", "list": "[]", "number": "1", "truncated": good[:len(good)/2], "object": "{}",
		"bytes after":       good + "x",
		"second value":      good + good,
		"unknown name":      replace(`"name"`, `"extra": 1, "name"`),
		"name twice":        replace(`"number": 3`, `"number": 3, "number": 4`),
		"escaped twice":     replace(`"number": 3`, `"number": 3, "\u006eumber": 4`),
		"other letter case": replace(`"number"`, `"Number"`),
		"unknown in anchor": replace(`"purpose"`, `"extra": 1, "purpose"`),
		"twice in anchor":   replace(`"purpose": "signer"`, `"purpose": "signer", "purpose": "seal-maker"`),
		"null inside":       replace(`"number": 3`, `"number": 3, "crls": null`),
		"not base64":        replace(`"certificate": "M`, `"certificate": "!M`),
		"number as text":    replace(`"number": 3`, `"number": "3"`),
		"number with part":  replace(`"number": 3`, `"number": 3.5`),
		"number negative":   replace(`"number": 3`, `"number": -3`),
		"deep":              strings.Repeat("[", 100_000),
		"deep objects":      strings.Repeat(`{"a":`, 100_000),
		"only closings":     "]}",
	} {
		if st, err := Parse([]byte(s)); st != nil || !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Parse(bytes.Repeat([]byte(" "), MaxFile+1)); !errors.Is(err, ErrFormat) {
		t.Errorf("too large: %v", err)
	}
}

// FuzzTrust: what Parse accepts is within its limits, and every certificate in
// it is an authority or pinned for a purpose that allows it.
func FuzzTrust(f *testing.F) {
	root := issue(f, "root", ca("根", -1), nil)
	leaf := issue(f, "leaf", end("示范旗人民政府"), root)
	full := file(anchor(PurposeSigner, root), anchor(PurposeTimestamp, leaf))
	full.CRLs = [][]byte{crl(f, root, now, now.AddDate(0, 1, 0), nil)}
	full.Seals = []SealStatus{{ID: "1", Status: StatusSuspended, Since: now}}
	b, err := full.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	for _, s := range []string{"", "{}", "null", `{"format":"sealdesk-trust/1"}`, `{"a":{"a":[{}]}}`, "[[[[[", `{"anchors":[{"purpose":"signer"}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil {
			if s != nil || !errors.Is(err, ErrFormat) {
				t.Fatalf("%v", err)
			}
			return
		}
		if s.Number() < 1 || s.Name() == "" || len(s.authority) == 0 {
			t.Fatalf("%+v", s.head)
		}
		for p, all := range s.authority {
			for _, a := range all {
				if !p.known() || !a.cert.IsSM2 || !a.cert.IsCA && !(a.anchor && p.pinnable()) {
					t.Fatalf("%s: %s", p, a.cert.Subject)
				}
			}
		}
		s.Chain(leaf.cert, PurposeSigner)
	})
}
