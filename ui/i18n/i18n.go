// Package i18n holds the catalogues of the user's language. A catalogue is a flat table from key to sentence; placeholders are
// written {{.Name}}. Logs, Go errors, flags and JSON keys are English and do not come from here.
package i18n

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"

	"sealdesk/assets"
)

// The languages that have a catalogue.
const (
	Chinese = "zh"
	English = "en"
)

// files names the catalogue of each language. The Chinese one carries the script in its name because the toolkit of the
// window prefers zh_Hans over zh.
var files = map[string]string{Chinese: "zh_Hans.json", English: "en.json"}

// Catalogue answers sentences in one language. It is immutable and safe for concurrent use.
type Catalogue struct {
	lang  string
	texts map[string]string
}

// Match returns the language that serves a tag such as "zh-CN", "zh_Hans" or "en-GB", and whether there is one.
func Match(tag string) (string, bool) {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
	_, ok := files[base]
	return base, ok
}

// New returns the catalogue for a language tag; the empty tag means Chinese.
func New(lang string) (*Catalogue, error) {
	if lang == "" {
		lang = Chinese
	}
	base, ok := Match(lang)
	if !ok {
		return nil, fmt.Errorf("i18n: no catalogue for language %q (zh, en)", lang)
	}
	raw, err := fs.ReadFile(assets.FS, path.Join("lang", files[base]))
	if err != nil {
		return nil, fmt.Errorf("i18n: read catalogue: %w", err)
	}
	var texts map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		return nil, fmt.Errorf("i18n: catalogue %s: %w", files[base], err)
	}
	return &Catalogue{lang: base, texts: texts}, nil
}

// Lang returns the language of the catalogue: Chinese or English.
func (c *Catalogue) Lang() string { return c.lang }

// Has tells whether the catalogue knows a key.
func (c *Catalogue) Has(key string) bool {
	_, ok := c.texts[key]
	return ok
}

// T returns the sentence of a key with its placeholders filled from data. A placeholder without data becomes empty; an unknown
// key is returned between guillemets, so that a gap is seen and never silent.
func (c *Catalogue) T(key string, data map[string]string) string {
	text, ok := c.texts[key]
	if !ok {
		return "«" + key + "»"
	}
	if !strings.Contains(text, "{{") {
		return text
	}
	return placeholder.ReplaceAllStringFunc(text, func(m string) string {
		return data[placeholder.FindStringSubmatch(m)[1]]
	})
}

// N returns the sentence of key.one or key.other, chosen by n, with {{.N}} standing for the number.
func (c *Catalogue) N(key string, n int, data map[string]string) string {
	form := key + ".other"
	if n == 1 {
		form = key + ".one"
	}
	filled := map[string]string{"N": fmt.Sprint(n)}
	for k, v := range data {
		filled[k] = v
	}
	return c.T(form, filled)
}

// Keys returns all keys, sorted.
func (c *Catalogue) Keys() []string {
	keys := make([]string, 0, len(c.texts))
	for k := range c.texts {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Placeholders returns the names of the placeholders of a key's sentence, sorted and without repetition.
func (c *Catalogue) Placeholders(key string) []string {
	seen := map[string]bool{}
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(c.texts[key], -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			names = append(names, m[1])
		}
	}
	sort.Strings(names)
	return names
}

var placeholder = regexp.MustCompile(`\{\{\.([A-Za-z0-9]+)\}\}`)
