// Package words holds the texts of sealcenter in the user's language. The
// endpoint knows nothing of the front ends, so it reads the catalogues of
// assets itself. Placeholders are written {{.Name}}.
package words

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"sealdesk/assets"
)

// files names the catalogue of each language.
var files = map[string]string{"zh": "lang/zh_Hans.json", "en": "lang/en.json"}

var placeholder = regexp.MustCompile(`\{\{\.([A-Za-z0-9]+)\}\}`)

// Catalogue answers sentences in one language. It never changes.
type Catalogue struct{ texts map[string]string }

// New returns the catalogue for a language tag such as "zh-CN" or "en"; the empty tag means Chinese.
func New(lang string) (*Catalogue, error) {
	if lang == "" {
		lang = "zh"
	}
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(lang), "_", "-"), "-")
	file, ok := files[base]
	if !ok {
		return nil, fmt.Errorf("words: no catalogue for language %q (zh, en)", lang)
	}
	raw, err := fs.ReadFile(assets.FS, file)
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	c := &Catalogue{}
	if err := json.Unmarshal(raw, &c.texts); err != nil {
		return nil, fmt.Errorf("words: %s: %w", file, err)
	}
	return c, nil
}

// Keys returns the keys that begin with prefix, in no order.
func (c *Catalogue) Keys(prefix string) []string {
	var out []string
	for k := range c.texts {
		if strings.HasPrefix(k, prefix) {
			out = append(out, k)
		}
	}
	return out
}

// T returns the sentence of a key with its placeholders filled from data. An
// unknown key is returned between guillemets, so that a gap is seen.
func (c *Catalogue) T(key string, data map[string]string) string {
	text, ok := c.texts[key]
	if !ok {
		return "«" + key + "»"
	}
	return placeholder.ReplaceAllStringFunc(text, func(m string) string {
		return data[placeholder.FindStringSubmatch(m)[1]]
	})
}
