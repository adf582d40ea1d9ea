package desk

import (
	"strconv"

	"sealdesk/pdfseal/trust"
	"sealdesk/ui/config"
)

// locks are the settings that the policy of the trust bundle in use fixes.
type locks struct {
	policy trust.Policy
	number int    // of the bundle
	name   string // of the centre
}

// lockNames are the names that the window has for settings of the file.
var lockNames = map[string]string{"output.suffix": "suffix", "output.existing": "existing", "place.rule": "rule",
	"center.url": "center_url", "center.transport": "center_transport", "center.pins": "center_pins"}

// setLocks takes the policy of a trust bundle into use; nil has none.
func (d *Desk) setLocks(s *trust.Store) {
	l := locks{}
	if s != nil {
		l = locks{policy: s.Policy(), number: s.Number(), name: s.Name()}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.locks = l
}

// under returns settings with what the policy fixes, and which those are by the names of the window. What the policy cannot fix is
// left alone.
func (l locks) under(c config.Config) (config.Config, map[string]bool) {
	c, lines := c.Under(l.policy)
	fixed := map[string]bool{}
	for _, line := range lines {
		if name := lockNames[line.Name]; name != "" && line.Err == nil {
			fixed[name] = true
		}
	}
	return c, fixed
}

// reason says who fixed a setting.
func (l locks) reason(cat Catalogue) string {
	return cat.T("gui.settings.locked_by", map[string]string{"Number": strconv.Itoa(l.number), "Name": l.name})
}
