package keeper

import (
	"path/filepath"
	"testing"

	"sealdesk/pdfseal/trust"
)

// FuzzState: what is accepted as a state names a file inside the folder.
func FuzzState(f *testing.F) {
	good := &state{Format: stateFormat, Roots: []string{"sm3:00"}, Current: kept{"bundle-1-00.sdtb", 1, "00"}, Highest: []highest{{"00", 1}}, Seen: now}
	b, err := good.bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("{}"))
	f.Add([]byte(`{"format":"sealdesk-trust-state/1","roots":[""],"current":{"file":"bundle-/../x.sdtb","number":1}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parseState(b)
		if err != nil {
			if reason(err) != trust.ReasonStateDamaged {
				t.Fatal(err)
			}
			return
		}
		if s.Current.File != filepath.Base(s.Current.File) || s.Current.Number < 1 || len(s.Roots) == 0 {
			t.Fatalf("%+v", s)
		}
	})
}
