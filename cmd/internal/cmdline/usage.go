package cmdline

import (
	"errors"
	"maps"
	"reflect"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// Error is a command line that cannot be carried out. Its sentence stands in the catalogues under "usage." and Key.
type Error struct {
	Key  string
	Data map[string]string
}

func (e *Error) Error() string { return "command line: " + e.Key }

// Situation names it for the table of errors.
func (e *Error) Situation() (key string, data map[string]string) {
	data = maps.Clone(e.Data)
	data["usage"] = e.Key
	return "usage", data
}

// Usage makes an Error; pairs are names and values of the sentence's placeholders.
func Usage(key string, pairs ...string) *Error {
	e := &Error{Key: key, Data: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		e.Data[pairs[i]] = pairs[i+1]
	}
	return e
}

// errNoValue is a flag behind which another flag or nothing stands.
var errNoValue = errors.New("missing value")

// text reads the value of a flag or argument. kong's own reader, when it lets values begin with a hyphen, takes the next flag for the
// value of one whose value was forgotten, and nothing for an empty text: `seal IN.pdf -o --offline` would then seal online. It also takes
// values through JSON, which loses file names that are not UTF-8.
func text(ctx *kong.DecodeContext, target reflect.Value) error {
	t := ctx.Scan.Peek()
	if t.Type == kong.EOLToken || ctx.Value.Flag != nil && t.Type == kong.UntypedToken && looksLikeFlag(t.String()) {
		return errNoValue
	}
	if s, ok := t.Value.(string); ok {
		ctx.Scan.Pop()
		target.SetString(s)
		return nil
	}
	return ctx.Scan.PopValueInto("string", target.Addr().Interface())
}

// looksLikeFlag tells -o and --offline from values such as -1, "-" and "-- see below".
func looksLikeFlag(s string) bool {
	name := strings.TrimPrefix(strings.TrimPrefix(s, "-"), "-")
	return name != s && name != "" && (name[0] >= 'a' && name[0] <= 'z' || name[0] >= 'A' && name[0] <= 'Z')
}

// messages tell what kong says in English and which names the parts have.
var messages = []struct {
	pattern *regexp.Regexp
	key     string
	names   []string
}{
	{regexp.MustCompile(`^unknown flag (\S+), did you mean (?:one of )?(.+)\?$`), "flag_near", []string{"Flag", "Near"}},
	{regexp.MustCompile(`^unknown flag (\S+)$`), "flag", []string{"Flag"}},
	{regexp.MustCompile(`^unexpected argument (.*), did you mean (?:one of )?(.+)\?$`), "argument_near", []string{"Text", "Near"}},
	{regexp.MustCompile(`^unexpected argument (.*)$`), "argument", []string{"Text"}},
	{regexp.MustCompile(`^missing flags: (.+)$`), "flags_missing", []string{"Flags"}},
	{regexp.MustCompile(`^expected one of (.+)$`), "command_missing", []string{"List"}},
	{regexp.MustCompile(`^expected "(.+)"$`), "argument_missing", []string{"Text"}},
	{regexp.MustCompile(`^(\S+?)(?:=\S*)? must be one of (?:"",)?(.+) but got "(.*)"$`), "choice", []string{"Flag", "List", "Value"}},
	{regexp.MustCompile(`^(--\S+) and (--\S+) can't be used together`), "together", []string{"One", "Other"}},
	{regexp.MustCompile(`^(-\S+): missing value`), "value_missing", []string{"Flag"}},
	{regexp.MustCompile(`^(-\S+): expected .* but got "(.*)"`), "number", []string{"Flag", "Value"}},
	{regexp.MustCompile(`^(-\S+): bool value must be .* but got "(.*)"`), "switch", []string{"Flag", "Value"}},
	{regexp.MustCompile(`^(-\S+): (?:stat|open) (.*): no such file or directory$`), "file_missing", []string{"Flag", "Value"}},
	{regexp.MustCompile(`^(-\S+): "(.*)" exists but is a directory`), "file_folder", []string{"Flag", "Value"}},
}

// Wrong is what kong found wrong with a command line, in words of the catalogues.
func Wrong(err error) *Error {
	said := err.Error()
	for _, m := range messages {
		found := m.pattern.FindStringSubmatch(said)
		if found == nil {
			continue
		}
		e := Usage(m.key)
		for i, name := range m.names {
			e.Data[name] = strings.ReplaceAll(found[i+1], `"`, "")
		}
		return e
	}
	return Usage("other", "Text", said)
}
