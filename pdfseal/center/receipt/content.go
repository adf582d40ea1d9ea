package receipt

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of a receipt.
const (
	maxContent = 64 << 10 // bytes of the JSON
	maxReasons = 64
	maxText    = 200 // characters
)

// normal brings times into the form that is written and gives the format mark.
func (r Receipt) normal() Receipt {
	r.Format = Format
	r.Time = r.Time.UTC().Truncate(time.Millisecond)
	if !r.SealSince.IsZero() {
		r.SealSince = r.SealSince.UTC().Truncate(time.Millisecond)
	}
	if r.Reasons == nil {
		r.Reasons = []string{}
	}
	return r
}

// encode writes the one form of a receipt.
func (r Receipt) encode() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return nil, &FormatError{Field: "content", Err: err}
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// decode reads a receipt. There is one form for each content: what is not
// byte for byte what encode writes is refused, and with it every unknown,
// repeated, missing or misplaced field.
func decode(b []byte) (Receipt, error) {
	var r Receipt
	if len(b) > maxContent {
		return r, refuse("content", "%d bytes, more than %d", len(b), maxContent)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, &FormatError{Field: "content", Err: err}
	}
	again, err := r.encode()
	if err != nil {
		return r, err
	}
	if !bytes.Equal(again, b) {
		return r, &FormatError{Field: "content", Err: errors.New("not in the one form of a receipt")}
	}
	return r, nil
}

// check holds each field against its closed list or alphabet.
func (r Receipt) check() error {
	certificate := []string{CertificateGood, CertificateRevoked, CertificateUnknown, CertificateExpired}
	for _, f := range []struct {
		name, value string
		words       []string
	}{
		{"format", r.Format, []string{Format}},
		{"sealStatus", r.SealStatus, []string{SealInForce, SealSuspended, SealCancelled, SealReportedLost, SealUnknown}},
		{"signerStatus", r.SignerStatus, certificate},
		{"makerStatus", r.MakerStatus, certificate},
		{"verdict", r.Verdict, []string{VerdictValid, VerdictInvalid, VerdictIndeterminate}},
	} {
		if !slices.Contains(f.words, f.value) {
			return refuse(f.name, "%.40q", f.value)
		}
	}
	for _, f := range [][2]string{{"dataHash", r.DataHash}, {"signatureSm3", r.SignatureSM3}, {"sealSm3", r.SealSM3}, {"signerSm3", r.SignerSM3}} {
		if len(f[1]) != 64 || strings.Trim(f[1], "0123456789abcdef") != "" {
			return refuse(f[0], "not an SM3 digest")
		}
	}
	for _, f := range [][2]string{{"id", r.ID}, {"requestId", r.RequestID}, {"centre", r.Centre}, {"sealId", r.SealID}} {
		if !text(f[1]) {
			return refuse(f[0], "not a text of 1 to %d characters", maxText)
		}
	}
	if len(r.Reasons) > maxReasons || r.Reasons == nil || !allText(r.Reasons) {
		return refuse("reasons", "not a list of at most %d texts", maxReasons)
	}
	if !instant(r.Time) {
		return refuse("time", "not UTC to the millisecond")
	}
	if !r.SealSince.IsZero() && !instant(r.SealSince) {
		return refuse("sealSince", "not UTC to the millisecond")
	}
	if r.Bundle < 0 {
		return refuse("bundle", "%d", r.Bundle)
	}
	return nil
}

func allText(list []string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !text(s) })
}

// text keeps control, format and direction characters out of what is shown.
func text(s string) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxText &&
		!strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) })
}

func instant(t time.Time) bool {
	return !t.IsZero() && t.Location() == time.UTC && t.Year() >= 2000 && t.Year() < 10000 && t.Equal(t.Truncate(time.Millisecond))
}
