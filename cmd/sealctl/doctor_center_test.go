package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/center"
	"sealdesk/ui/explain"
)

// TestDoctor_center: the doctor says whether the centre answers, what its
// certificate is and how far the clocks are apart.
func TestDoctor_center(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"ok"}`)
	}))
	defer s.Close()
	dir := t.TempDir()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	config := filepath.Join(dir, "sealdesk.toml")
	for path, text := range map[string]string{filepath.Join(dir, "ca.pem"): string(ca), config: fmt.Sprintf("[center]\nurl = %q\nca = \"ca.pem\"\ntimeout = \"5s\"\n", s.URL)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	doctor := func(ahead time.Duration, want int, args ...string) (r doctorReport, text string) {
		t.Helper()
		var out bytes.Buffer
		sys := system{stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard, now: func() time.Time { return time.Now().Add(ahead) }}
		if code := run(t.Context(), append([]string{"--config", config, "doctor"}, args...), sys); code != want {
			t.Errorf("exit %d, want %d: %s", code, want, &out)
		}
		if len(args) > 0 {
			if err := json.Unmarshal(out.Bytes(), &r); err != nil {
				t.Fatal(err)
			}
		}
		return r, out.String()
	}
	if r, _ := doctor(0, explain.ExitDone, "--json"); r.Center == nil || !r.Center.Reached || r.Center.Transport != "tls" || r.Center.NotAfter == nil || r.Center.Error != nil {
		t.Errorf("%+v", r.Center)
	}
	if _, text := doctor(0, explain.ExitDone); !strings.Contains(text, s.URL) || !strings.Contains(text, "Acme Co") {
		t.Errorf("says %s", text)
	}
	r, _ := doctor(24*time.Hour, explain.ExitCentre, "--json")
	if c := r.Center; !c.Reached || c.OffsetSecs > -23*3600 || c.Error == nil || c.Error.Key != "center."+string(center.KindClock) {
		t.Errorf("clock a day ahead: %+v", c)
	}
	s.Close()
	if r, _ := doctor(0, explain.ExitCentre, "--json"); r.Center.Reached || r.Center.Error == nil || r.Center.Error.Key != "center."+string(center.KindUnreachable) {
		t.Errorf("nobody there: %+v", r.Center)
	}
}
