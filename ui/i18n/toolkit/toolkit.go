// Package toolkit gives the toolkit's own texts (menus of entries, file dialogs) the words of our catalogues.
package toolkit

import (
	"encoding/json"
	"fmt"
	"strings"

	"fyne.io/fyne/v2/lang"

	"sealdesk/ui/i18n"
)

// prefix marks the keys of the toolkit in the catalogues.
const prefix = "fyne."

// Install registers the toolkit's texts of a catalogue. They are registered for the system's locale, whichever that is: there is no
// call that chooses a language, and a catalogue of the locale itself is always preferred. Texts that have been drawn keep their
// language until the program starts anew.
func Install(c *i18n.Catalogue) error {
	texts := map[string]string{}
	for _, k := range c.Keys() {
		if id, ok := strings.CutPrefix(k, prefix); ok {
			texts[id] = c.T(k, nil)
		}
	}
	raw, err := json.Marshal(texts)
	if err != nil {
		return fmt.Errorf("toolkit: %w", err)
	}
	if err := lang.AddTranslationsForLocale(raw, lang.SystemLocale()); err != nil {
		return fmt.Errorf("toolkit: texts: %w", err)
	}
	return nil
}
