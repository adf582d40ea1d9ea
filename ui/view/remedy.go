package view

import (
	"slices"

	"sealdesk/ui/state"
	"sealdesk/ui/widget"
)

// remedyOf is what helps where no key can be used: the driver, or to look again (users.md, §8).
func remedyOf(s state.KeyState) (key string, e state.Event) {
	switch s {
	case state.KeyNoDriver, state.KeyWrongDriver:
		return "gui.key.set_up", state.ScreenChosen{Screen: state.ScreenSettings}
	case state.KeyNone, state.KeyRemoved, state.KeyFault, state.KeyServiceDown, state.KeyNoSeal:
		return "gui.key.recheck", state.RecheckTapped{}
	}
	return "", nil
}

// remedy is a button for what helps; it hides where nothing does.
type remedy struct {
	env    *Env
	button *widget.Button
	event  state.Event
}

func newRemedy(e *Env) *remedy {
	r := &remedy{env: e}
	r.button = widget.NewButton("", widget.LookOutline, func() { e.Dispatch(r.event) })
	return r
}

func (r *remedy) show(s state.KeyState, busy bool) {
	key, event := remedyOf(s)
	r.event = event
	visible(r.button, event != nil)
	if event != nil {
		r.button.SetText(r.env.T(key))
		r.button.SetEnabled(!busy)
	}
}

// keyName is the label of a key, or its serial number where another one has the same label.
func keyName(k state.Key, all []state.Key) string {
	if slices.ContainsFunc(all, func(o state.Key) bool { return o.ID != k.ID && o.Label == k.Label }) {
		return clean(k.Serial)
	}
	return clean(k.Label)
}
