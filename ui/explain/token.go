package explain

import (
	"errors"
	"fmt"
	"strconv"

	"sealdesk/token"
)

// tokenError recognises what a UsbKey or its driver answered. A general fault of the driver never reads as a wrong PIN.
func tokenError(err error) (Message, bool) {
	var pin *token.PINError
	if errors.As(err, &pin) {
		return Message{Key: pinKey(pin), Data: map[string]string{"Min": strconv.Itoa(pin.Min), "Max": strconv.Itoa(pin.Max)}}, true
	}
	var module *token.ModuleError
	if errors.As(err, &module) {
		return moduleMessage(module), true
	}
	for _, s := range tokenSentinels {
		if errors.Is(err, s.err) {
			return Message{Key: s.key, Data: detail(err)}, true
		}
	}
	var op *token.OpError
	if errors.As(err, &op) {
		return Message{Key: "token.fault", Data: map[string]string{"Op": op.Op, "Code": fmt.Sprintf("0x%08X %s", op.Code, op.Name)}}, true
	}
	return Message{}, false
}

// tokenSentinels is ordered: an error that wraps two of them is what stands first.
var tokenSentinels = []struct {
	err error
	key string
}{
	{token.ErrRemoved, "token.removed"},
	{token.ErrFinalTry, "token.final_try"},
	{token.ErrNoToken, "token.none"},
	{token.ErrNoSM2, "token.no_sm2"},
	{token.ErrAmbiguousKey, "token.ambiguous_key"},
	{token.ErrNoKey, "token.no_key"},
	{token.ErrBadSignature, "token.bad_signature"},
	{token.ErrTimeout, "token.timeout"},
	{token.ErrNotLoggedIn, "token.not_logged_in"},
	{token.ErrUnsupported, "token.unsupported"},
	{token.ErrClosed, "token.removed"},
}

func pinKey(e *token.PINError) string {
	switch {
	case e.Length && e.Max > 0:
		return "token.pin_length"
	case e.Length:
		return "token.pin_form"
	case e.Locked && e.Wrong:
		return "token.pin_locked_now"
	case e.Locked || e.State.Locked && !e.Wrong:
		return "token.pin_locked"
	case e.Expired:
		return "token.pin_to_be_changed"
	case e.State.Locked:
		return "token.pin_locked_now"
	case e.State.FinalTry:
		return "token.pin_wrong_final"
	case e.State.Uninitialised:
		return "token.pin_unset"
	case e.State.Low:
		return "token.pin_wrong_low"
	default:
		return "token.pin_wrong"
	}
}

// moduleReasons names the sentence for every reason why a driver cannot be used.
var moduleReasons = map[string]string{
	token.ReasonPath: "module.path", token.ReasonMissing: "module.missing", token.ReasonNotFile: "module.not_file",
	token.ReasonNotLibrary: "module.not_library", token.ReasonWrongClass: "module.wrong_class", token.ReasonNoEntry: "module.no_entry",
	token.ReasonLoad: "module.load", token.ReasonTable: "module.table", token.ReasonInitialise: "module.initialise", token.ReasonNoCgo: "module.no_cgo",
}

func moduleMessage(e *token.ModuleError) Message {
	if e.Reason == token.ReasonNone {
		return Message{Key: "token.no_module"}
	}
	m := Message{Key: "token.module", Data: map[string]string{"Path": e.Path, "Detail": e.Error()}}
	if key, ok := moduleReasons[e.Reason]; ok {
		m.Details = []Detail{{Key: key}}
	}
	return m
}
