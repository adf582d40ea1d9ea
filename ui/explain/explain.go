// Package explain turns errors and reasons into what a person reads: which situation it is, why it came about, and what to do. It
// is the only table from error to text and exit code; both front ends use it.
package explain

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
	"sealdesk/token"
)

// The exit codes of the command line (DESIGN §9).
const (
	ExitDone          = 0
	ExitUnexpected    = 1
	ExitUsage         = 2
	ExitInvalid       = 3
	ExitIndeterminate = 4
	ExitUnsealed      = 5
	ExitNoKey         = 10
	ExitWrongPIN      = 11
	ExitPINLocked     = 12
	ExitRefused       = 13
	ExitCentre        = 14
	ExitUnreadable    = 20
	ExitCancelled     = 130
)

// Message is an error made ready for a catalogue. Its three sentences stand under "error."+Key with the endings .what, .why and .do.
type Message struct {
	Key     string
	Data    map[string]string
	Exit    int
	Details []Detail // further reasons, each a sentence of its own, listed after the why
}

// Detail is one sentence: a key of the catalogue and its data.
type Detail struct {
	Key   string
	Data  map[string]string
	Where *Where // set where the sentence says where something stands
}

// Where is the place that a sentence names in brackets: pages, a rectangle on the only one, or the whole document.
type Where struct {
	Pages string // "1–3, 5"; "" is the whole document
	Area  pdfseal.Area
}

// Translator answers the sentence of a key; *i18n.Catalogue is one.
type Translator interface {
	T(key string, data map[string]string) string
}

// Situation is implemented by errors that know their own entry of the table, such as those of ui/job and ui/config.
type Situation interface {
	error
	Situation() (key string, data map[string]string)
}

// Explained is implemented by errors that were explained already, in another process.
type Explained interface {
	error
	Explanation() Message
}

// exits is the table: every situation and its exit code.
var exits = map[string]int{
	"unexpected":                 ExitUnexpected,
	"usage":                      ExitUsage,
	"cancelled":                  ExitCancelled,
	"config.missing":             ExitUsage,
	"config.syntax":              ExitUsage,
	"config.unknown":             ExitUsage,
	"config.value":               ExitUsage,
	"token.no_module":            ExitNoKey,
	"token.module":               ExitNoKey,
	"token.none":                 ExitNoKey,
	"token.removed":              ExitNoKey,
	"token.no_key":               ExitNoKey,
	"token.ambiguous_key":        ExitNoKey,
	"token.no_sm2":               ExitNoKey,
	"token.unsupported":          ExitNoKey,
	"token.bad_signature":        ExitUnexpected,
	"token.timeout":              ExitUnexpected,
	"token.not_logged_in":        ExitUnexpected,
	"token.fault":                ExitUnexpected,
	"token.pin_wrong":            ExitWrongPIN,
	"token.pin_wrong_low":        ExitWrongPIN,
	"token.pin_wrong_final":      ExitWrongPIN,
	"token.pin_length":           ExitWrongPIN,
	"token.pin_form":             ExitWrongPIN,
	"token.pin_to_be_changed":    ExitWrongPIN,
	"token.pin_unset":            ExitWrongPIN,
	"token.pin_locked":           ExitPINLocked,
	"token.pin_locked_now":       ExitPINLocked,
	"token.final_try":            ExitRefused,
	"token.no_terminal":          ExitUsage,
	"token.pin_empty":            ExitWrongPIN,
	"job.no_seal":                ExitNoKey,
	"job.seal_unknown":           ExitNoKey,
	"job.seal_ambiguous":         ExitUsage,
	"job.key_ambiguous":          ExitUsage,
	"job.key_unknown":            ExitNoKey,
	"job.seal_value":             ExitRefused,
	"job.seal_period":            ExitRefused,
	"job.seal_status":            ExitRefused,
	"job.seal_unlisted":          ExitRefused,
	"job.not_listed":             ExitRefused,
	"job.maker_chain":            ExitRefused,
	"job.maker_revoked":          ExitRefused,
	"job.signer_chain":           ExitRefused,
	"job.signer_period":          ExitRefused,
	"job.signer_usage":           ExitRefused,
	"job.signer_revoked":         ExitRefused,
	"job.revocation_unknown":     ExitRefused,
	"job.no_trust":               ExitRefused,
	"job.trust_expired":          ExitRefused,
	"job.trust_stale":            ExitRefused,
	"trust.missing":              ExitUnreadable,
	"trust.unreadable":           ExitUnreadable,
	"trust.none":                 ExitUnreadable,
	"trust.format":               ExitUnreadable,
	"trust.truncated":            ExitUnreadable,
	"trust.mixed":                ExitUnreadable,
	"trust.state":                ExitUnreadable,
	"trust.foreign_signer":       ExitRefused,
	"trust.unpinned":             ExitRefused,
	"trust.rollback":             ExitRefused,
	"trust.expired":              ExitRefused,
	"trust.future_dated":         ExitRefused,
	"trust.clock_back":           ExitRefused,
	"register.broken":            ExitRefused,
	"register.busy":              ExitUnexpected,
	"register.interrupted":       ExitUnexpected,
	"register.missing":           ExitUnreadable,
	"register.other_file":        ExitUnexpected,
	"register.unfinished":        ExitUnexpected,
	"register.unset":             ExitUsage,
	"register.unusable":          ExitUnexpected,
	"place.keyword_absent":       ExitRefused,
	"place.date_absent":          ExitRefused,
	"place.date_spacing":         ExitRefused,
	"place.page_unreadable":      ExitRefused,
	"place.page_range":           ExitUsage,
	"file.missing":               ExitUnreadable,
	"file.permission":            ExitUnreadable,
	"file.unreadable":            ExitUnreadable,
	"file.irregular":             ExitUnreadable,
	"file.no_folder":             ExitUnexpected,
	"file.output_exists":         ExitRefused,
	"file.output_is_input":       ExitUsage,
	"file.input_changed":         ExitUnexpected,
	"file.save":                  ExitUnexpected,
	"file.save_sync":             ExitUnexpected,
	"file.self_check":            ExitUnexpected,
	"file.contents_small":        ExitUnexpected,
	"file.unknown_kind":          ExitUnreadable,
	"file.not_pdf":               ExitUnreadable,
	"file.encrypted":             ExitUnreadable,
	"file.hybrid":                ExitUnreadable,
	"file.limit":                 ExitUnreadable,
	"file.long_name":             ExitUnexpected,
	"file.syntax":                ExitUnreadable,
	"form.no_seal":               ExitUnsealed,
	"refused":                    ExitRefused,
	"regulation":                 ExitRefused,
	"report.kind":                ExitUsage,
	"output_lost":                ExitUnexpected,
	"evidence.UNREADABLE":        ExitCentre,
	"evidence.OTHER":             ExitCentre,
	"evidence.REFUSED":           ExitCentre,
	"evidence.PRESENT":           ExitRefused,
	"evidence.TOO_LARGE":         ExitCentre,
	"receipt.format":             ExitCentre,
	"receipt.other":              ExitCentre,
	"request.PAGE_RANGE":         ExitUsage,
	"request.OFF_PAGE":           ExitRefused,
	"request.OVERLAPS_SEAL":      ExitRefused,
	"request.OVERLAPS_SLICE":     ExitRefused,
	"request.SLICE_OFF_PAGE":     ExitRefused,
	"request.STRADDLE_EDGE":      ExitUsage,
	"request.STRADDLE_ONE_PAGE":  ExitRefused,
	"request.STRADDLE_SMALL":     ExitRefused,
	"request.TOO_MANY_MARKS":     ExitRefused,
	"request.NO_MARKS":           ExitUsage,
	"request.SEAL_UNREADABLE":    ExitRefused,
	"request.PICTURE_UNREADABLE": ExitRefused,
	"request.CERTIFICATE":        ExitRefused,
	"request.CERT_NOT_IN_SEAL":   ExitRefused,
	"request.NO_REVISION":        ExitUsage,
	"request.OTHER":              ExitRefused,
	"signer":                     ExitUnexpected,
}

// Keys lists every key that Error can return, for the catalogues' completeness test.
func Keys() []string {
	keys := make([]string, 0, len(exits))
	for k := range exits {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Error says which situation err is. It never returns an unknown key; what it does not recognise is "unexpected", exit 1.
func Error(err error) Message {
	for _, recognise := range []func(error) (Message, bool){explained, situation, cancelled, tokenError, saving, document, file} {
		if m, ok := recognise(err); ok {
			m.Exit = exits[m.Key]
			return m
		}
	}
	return Message{Key: "unexpected", Data: detail(err), Exit: ExitUnexpected}
}

func explained(err error) (Message, bool) {
	var e Explained
	if !errors.As(err, &e) {
		return Message{}, false
	}
	m := e.Explanation()
	_, known := exits[m.Key]
	return m, known
}

func situation(err error) (Message, bool) {
	var s Situation
	if !errors.As(err, &s) {
		return Message{}, false
	}
	key, data := s.Situation()
	if _, known := exits[key]; !known {
		return Message{}, false
	}
	if d, ok := data["Detail"]; ok {
		data = maps.Clone(data)
		data["cause"] = d
		if p := (*fs.PathError)(nil); errors.As(err, &p) {
			data["cause"] = cause(p)
		}
	}
	return Message{Key: key, Data: data}, true
}

func cancelled(err error) (Message, bool) {
	return Message{Key: "cancelled"}, errors.Is(err, context.Canceled) || errors.Is(err, token.ErrPINCancelled)
}

func file(err error) (Message, bool) {
	var p *fs.PathError
	data := detail(err)
	data["Path"], data["cause"] = err.Error(), cause(err)
	if errors.As(err, &p) {
		data["Path"] = p.Path
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Message{Key: "file.missing", Data: data}, true
	case errors.Is(err, fs.ErrPermission):
		return Message{Key: "file.permission", Data: data}, true
	case p != nil:
		return Message{Key: "file.unreadable", Data: data}, true
	}
	return Message{}, false
}

func detail(err error) map[string]string {
	return map[string]string{"Detail": err.Error()}
}

// place is what a person knows of the path of a failed save: of a temporary file, its folder.
func place(s *pdfseal.SaveError) string {
	switch s.Step {
	case pdfseal.StepWrite, pdfseal.StepSync, pdfseal.StepReopen, pdfseal.StepCompare:
		return filepath.Dir(s.Path)
	}
	return s.Path
}

// saving recognises what went wrong while the output was being written (rules W1, W2, W7).
func saving(err error) (Message, bool) {
	var s *pdfseal.SaveError
	if errors.As(err, &s) {
		data := map[string]string{"Path": place(s), "Step": string(s.Step), "Detail": s.Err.Error(), "cause": cause(s.Err)}
		switch {
		case s.Step == pdfseal.StepSyncDir:
			return Message{Key: "file.save_sync", Data: data}, true
		case s.Step == pdfseal.StepCreate && (errors.Is(s.Err, fs.ErrNotExist) || errors.Is(s.Err, syscall.ENOTDIR)):
			return Message{Key: "file.no_folder", Data: data}, true
		case errors.Is(s.Err, syscall.ENAMETOOLONG):
			return Message{Key: "file.long_name", Data: data}, true
		}
		return Message{Key: "file.save", Data: data, Details: []Detail{{Key: "save." + string(s.Step)}}}, true
	}
	for target, key := range map[error]string{
		pdfseal.ErrOutputExists: "file.output_exists", pdfseal.ErrInputChanged: "file.input_changed",
		pdfseal.ErrSelfCheck: "file.self_check", pdfseal.ErrContentsTooSmall: "file.contents_small",
	} {
		if errors.Is(err, target) {
			data := detail(err)
			data["Path"] = strings.TrimPrefix(err.Error(), target.Error()+": ")
			return Message{Key: key, Data: data}, true
		}
	}
	return Message{}, false
}

// document recognises what is wrong with a document or with what was asked of it.
func document(err error) (Message, bool) {
	var refused *pdfseal.RefusedError
	if errors.As(err, &refused) {
		return refusal(refused.Findings), true
	}
	var req *pdfseal.RequestError
	if errors.As(err, &req) {
		return request(req), true
	}
	if m, ok := structure(err); ok {
		return m, true
	}
	var s *pdfseal.SignerError
	return Message{Key: "signer", Data: detail(err)}, errors.As(err, &s)
}

// refusal tells what forbids sealing. What a regulation forbids is told as such, and the register can say it with its values.
func refusal(findings []pdfseal.Finding) Message {
	m := Message{Key: "refused"}
	for _, f := range findings {
		m.Details = append(m.Details, FindingDetail(f))
		if slices.Contains(rules.FindingKeys(), f.Key) {
			m.Key = "regulation"
			if m.Data == nil {
				m.Data = f.Data
			}
		}
	}
	return m
}

func request(e *pdfseal.RequestError) Message {
	data := map[string]string{"Page": strconv.Itoa(e.Page), "Detail": e.Error()}
	if e.Err != nil {
		data["Detail"] = e.Err.Error()
	}
	key := "request." + e.Key
	switch e.Key {
	case "CERTIFICATE_UNREADABLE", "CERTIFICATE_NOT_FOR_SEALS":
		key = "request.CERTIFICATE"
	}
	if _, ok := exits[key]; !ok {
		key = "request.OTHER"
	}
	return Message{Key: key, Data: data}
}

// structure recognises what the strict reader refuses.
func structure(err error) (Message, bool) {
	data := map[string]string{"Detail": err.Error(), "Rule": "", "Offset": ""}
	var details []Detail
	var syntax *pdfseal.SyntaxError
	if errors.As(err, &syntax) {
		data["Rule"], data["Offset"] = syntax.Rule, strconv.FormatInt(syntax.Offset, 10)
		details = []Detail{{Key: RuleKey(syntax.Rule), Data: data}}
	}
	switch {
	case errors.Is(err, pdfseal.ErrNotPDF):
		return Message{Key: "file.not_pdf", Data: data}, true
	case errors.Is(err, pdfseal.ErrEncrypted):
		return Message{Key: "file.encrypted", Data: data}, true
	case errors.Is(err, pdfseal.ErrHybrid):
		return Message{Key: "file.hybrid", Data: data}, true
	case errors.Is(err, pdfseal.ErrLimit):
		return Message{Key: "file.limit", Data: data}, true
	case syntax != nil:
		return Message{Key: "file.syntax", Data: data, Details: details}, true
	}
	return Message{}, false
}
