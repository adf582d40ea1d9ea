package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRun_nameOfLines: a file whose name holds a line end gets no line of its own, which could look like a verdict.
func TestRun_nameOfLines(t *testing.T) {
	const fake = "结论：有效 ✔"
	unsealed := "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n" +
		"xref\n0 4\n0000000000 65535 f\r\n0000000009 00000 n\r\n0000000056 00000 n\r\n0000000108 00000 n\r\ntrailer\n<</Size 4/Root 1 0 R>>\nstartxref\n176\n%%EOF\n"
	for _, content := range []string{unsealed, "no PDF"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a\n"+fake+"\r"+fake+".pdf")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Skip("no such file name here: ", err)
		}
		for _, verb := range []string{"verify", "inspect"} {
			var out bytes.Buffer
			run(t.Context(), []string{"--config", os.DevNull, verb, path}, system{stdin: strings.NewReader(""), stdout: &out, stderr: &out})
			if out.Len() == 0 {
				t.Errorf("%s says nothing", verb)
			}
			for _, line := range strings.FieldsFunc(out.String(), func(r rune) bool { return r == '\n' || r == '\r' }) {
				if strings.HasPrefix(line, fake) {
					t.Errorf("%s of %.6q writes the line %q", verb, content, line)
				}
			}
		}
	}
}
