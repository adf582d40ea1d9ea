package explain_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
	"sealdesk/token"
	"sealdesk/ui/config"
	"sealdesk/ui/explain"
	"sealdesk/ui/i18n"
)

// TestError_evidence: every reason why evidence is not put into a document has its text and exit code.
func TestError_evidence(t *testing.T) {
	for _, k := range pdfseal.EvidenceKeys() {
		if m := explain.Error(&pdfseal.EvidenceError{Key: k}); m.Key != "evidence."+k || m.Exit == explain.ExitUnexpected {
			t.Errorf("%s: %+v", k, m)
		}
	}
}

func TestError(t *testing.T) {
	missing := &fs.PathError{Op: "open", Path: "a.pdf", Err: os.ErrNotExist}
	cases := []struct {
		err  error
		key  string
		exit int
	}{
		{errors.New("x"), "unexpected", 1},
		{context.Canceled, "cancelled", 130},
		{fmt.Errorf("login: %w", token.ErrPINCancelled), "cancelled", 130},
		{&config.Error{Path: "c", Key: "syntax", Err: errors.New("x")}, "config.syntax", 2},
		{token.ErrNoToken, "token.none", 10},
		{&token.OpError{Op: "C_Sign", Code: 0x32, Err: token.ErrRemoved}, "token.removed", 10},
		{&token.OpError{Op: "C_Login", Code: 6}, "token.fault", 1},
		{&token.ModuleError{Reason: token.ReasonNone}, "token.no_module", 10},
		{&token.ModuleError{Path: "/x.so", Reason: token.ReasonMissing}, "token.module", 10},
		{&token.PINError{Wrong: true}, "token.pin_wrong", 11},
		{&token.PINError{Wrong: true, State: token.PINState{Low: true}}, "token.pin_wrong_low", 11},
		{&token.PINError{Wrong: true, State: token.PINState{FinalTry: true}}, "token.pin_wrong_final", 11},
		{&token.PINError{Wrong: true, Locked: true}, "token.pin_locked_now", 12},
		{&token.PINError{Locked: true, State: token.PINState{Locked: true}}, "token.pin_locked", 12},
		{&token.PINError{Expired: true}, "token.pin_to_be_changed", 11},
		{&token.PINError{Length: true, Min: 6, Max: 8}, "token.pin_length", 11},
		{&token.PINError{Length: true}, "token.pin_form", 11},
		{&token.PINError{State: token.PINState{Uninitialised: true}}, "token.pin_unset", 11},
		{token.ErrFinalTry, "token.final_try", 13},
		{&pdfseal.SignerError{Err: fmt.Errorf("x: %w", token.ErrBadSignature)}, "token.bad_signature", 1},
		{&pdfseal.SignerError{Err: errors.New("x")}, "signer", 1},
		{fmt.Errorf("%w: a.pdf", pdfseal.ErrOutputExists), "file.output_exists", 13},
		{&pdfseal.SaveError{Step: pdfseal.StepWrite, Path: "a", Err: errors.New("no space")}, "file.save", 1},
		{&pdfseal.SaveError{Step: pdfseal.StepCreate, Path: "a", Err: os.ErrPermission}, "file.save", 1},
		{&pdfseal.SaveError{Step: pdfseal.StepCreate, Path: "a", Err: os.ErrNotExist}, "file.no_folder", 1},
		{&pdfseal.SaveError{Step: pdfseal.StepCreate, Path: "a", Err: &os.PathError{Op: "open", Path: "a", Err: syscall.ENOTDIR}}, "file.no_folder", 1},
		{&pdfseal.SaveError{Step: pdfseal.StepSyncDir, Path: "a", Err: errors.New("x")}, "file.save_sync", 1},
		{pdfseal.ErrSelfCheck, "file.self_check", 1},
		{&pdfseal.RefusedError{Findings: []pdfseal.Finding{{Key: pdfseal.FindingXFA}}}, "refused", 13},
		{&pdfseal.RefusedError{Findings: []pdfseal.Finding{{Key: rules.FindingSecret}}}, "regulation", 13},
		{&pdfseal.RequestError{Field: "Marks", Key: "OFF_PAGE", Page: 2}, "request.OFF_PAGE", 13},
		{&pdfseal.RequestError{Field: "Marks", Key: "PAGE_RANGE", Page: 2}, "request.PAGE_RANGE", 2},
		{&pdfseal.RequestError{Field: "Signer", Key: "CERTIFICATE_NOT_FOR_SEALS"}, "request.CERTIFICATE", 13},
		{&pdfseal.RequestError{Field: "Marks", Key: "NEW_KEY"}, "request.OTHER", 13},
		{pdfseal.ErrNotPDF, "file.not_pdf", 20},
		{&pdfseal.SyntaxError{Rule: "S1", Err: pdfseal.ErrEncrypted}, "file.encrypted", 20},
		{&pdfseal.SyntaxError{Rule: "S3", Offset: 9}, "file.syntax", 20},
		{&pdfseal.SyntaxError{Rule: "S99", Offset: 9}, "file.syntax", 20},
		{missing, "file.missing", 20},
		{&fs.PathError{Op: "open", Path: "a.pdf", Err: os.ErrPermission}, "file.permission", 20},
		{&fs.PathError{Op: "read", Path: "a.pdf", Err: errors.New("i/o error")}, "file.unreadable", 20},
	}
	cat, err := i18n.New("zh")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		m := explain.Error(c.err)
		if m.Key != c.key || m.Exit != c.exit {
			t.Errorf("%v: %s, exit %d; want %s, exit %d", c.err, m.Key, m.Exit, c.key, c.exit)
		}
		if text := m.Texts(cat).String(); strings.Contains(text, "«") {
			t.Errorf("%v: a sentence is missing: %s", c.err, text)
		}
	}
}

// TestError_neverReadsAsWrongPIN holds for every fault of the driver that is no PIN error.
func TestError_neverReadsAsWrongPIN(t *testing.T) {
	for code := range uint32(0x200) {
		if m := explain.Error(&token.OpError{Op: "C_Login", Code: code}); m.Exit == explain.ExitWrongPIN {
			t.Fatalf("code 0x%X reads as a wrong PIN", code)
		}
	}
}

func TestCatalogues_everySituation(t *testing.T) {
	for _, lang := range []string{i18n.Chinese, i18n.English} {
		cat, err := i18n.New(lang)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, k := range explain.Keys() {
			keys = append(keys, "error."+k+".what", "error."+k+".why", "error."+k+".do")
		}
		keys = append(keys, explain.DetailKeys()...)
		if len(keys) < 100 {
			t.Fatalf("only %d keys", len(keys))
		}
		for _, k := range keys {
			if !cat.Has(k) {
				t.Errorf("%s: %s is missing", lang, k)
			}
		}
	}
}

func TestFill(t *testing.T) {
	cat, err := i18n.New("en")
	if err != nil {
		t.Fatal(err)
	}
	r := &pdfseal.Report{
		Reasons: []pdfseal.Reason{{Rule: "T3", Key: pdfseal.ReasonRevokedNoPOE, Data: map[string]string{"who": "maker", "at": "2026-01-01 00:00"}}},
		Seals:   []pdfseal.SealReport{{Reasons: []pdfseal.Reason{{Key: pdfseal.ReasonSealStatus, Data: map[string]string{"status": "reported-lost", "since": "x"}}}}},
		Changes: []pdfseal.Change{{Key: pdfseal.ChangePages, Data: map[string]string{"before": "2", "after": "3", "rule": "I2"}}},
	}
	explain.Fill(cat, r)
	for text, want := range map[string]string{
		r.Reasons[0].Text: "seal maker", r.Seals[0].Reasons[0].Text: "reported lost", r.Changes[0].Text: "from 2 to 3",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
}
