package training

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOpenState_damaged(t *testing.T) {
	for _, text := range []string{"", "{}", `{"format":"other/1","seed":"x","made":"2026-01-01T00:00:00Z"}`, `{"format":"sealdesk-practice/1","seed":"x"}`,
		`{"format":"sealdesk-practice/1","seed":"x","made":"2026-01-01T00:00:00Z","more":1}`,
		`{"format":"sealdesk-practice/2","seed":"x","made":"2026-01-01T00:00:00Z","port":65536}`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, stateFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Make(t.Context(), dir, Options{}); err == nil {
			t.Errorf("%q accepted", text)
		}
	}
}

func FuzzParseState(f *testing.F) {
	f.Add([]byte(`{"format":"sealdesk-practice/1","seed":"x","made":"2026-01-01T00:00:00Z","ready":[0]}`))
	f.Add([]byte(`{"format":"sealdesk-practice/2","seed":"x","made":"2026-01-01T00:00:00Z","port":20000,"centre":"c","ready":[0]}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := parseState("p", raw)
		if err == nil && (s.Format != stateFormat || s.Seed == "" || s.Made.IsZero()) {
			t.Errorf("%+v", s)
		}
	})
}
