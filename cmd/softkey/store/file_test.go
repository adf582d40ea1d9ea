package store

import (
	"strings"
	"testing"
)

func FuzzParseINI(f *testing.F) {
	for _, s := range []string{"a = b\n", "# x\n\na=b=c\r\n", "=", "a", "user-pin = 31\nuser-left = 3\npad = wrong\n", "\x00=\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, err := parseINI(b)
		if err != nil && lines != nil {
			t.Error("lines beside an error")
		}
		for _, l := range lines {
			if l.key == "" || strings.ContainsAny(l.key+l.value, "\n") {
				t.Errorf("line %q", l)
			}
		}
		if p, err := parsePINs(b); err == nil && (p.user.left < 0 || p.so.max < 0) {
			t.Errorf("negative counter: %+v", p)
		}
	})
}
