package token

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const secretText = "s3cret-PIN"

// A PIN is never readable: by any verb, flag, encoder or logger, on its own or inside anything.
func TestPIN_neverPrints(t *testing.T) {
	p := NewPIN([]byte(secretText)).ConfirmFinal()
	type hidden struct{ p PIN }
	type shown struct{ P PIN }
	values := map[string]any{
		"value": p, "pointer": &p, "unexported field": hidden{p}, "exported field": shown{p}, "pointer to struct": &hidden{p},
		"slice": []PIN{p}, "map": map[string]PIN{"pin": p}, "map key": map[PIN]int{p: 1}, "interface": any(p),
	}
	check := func(how, text string) {
		t.Helper()
		for _, form := range []string{secretText, fmt.Sprintf("%x", secretText), fmt.Sprintf("%X", secretText),
			strings.Trim(fmt.Sprint([]byte(secretText)), "[]"), fmt.Sprintf("%q", secretText)} {
			if strings.Contains(text, form) {
				t.Errorf("%s shows the PIN: %s", how, text)
			}
		}
	}
	verbs := 0
	for name, v := range values {
		for _, flag := range []string{"", "+", "#", "-", " ", "0", "#+", "20", ".3"} {
			for verb := 'A'; verb <= 'z'; verb++ {
				check(name+" %"+flag+string(verb), fmt.Sprintf("%"+flag+string(verb), v))
				verbs++
			}
		}
		check(name+" Sprint", fmt.Sprint(v)+fmt.Sprintln(v))
		check(name+" error", fmt.Errorf("wrap %v", v).Error())
		if b, err := json.Marshal(v); err == nil {
			check(name+" JSON", string(b))
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v, slog.Group("g", "v", v))
		check(name+" log", log.String())
	}
	if b, err := xml.Marshal(shown{p}); err != nil || !strings.Contains(string(b), stars) {
		t.Errorf("XML: %s, %v", b, err)
	} else {
		check("XML", string(b))
	}
	if verbs < 1000 {
		t.Fatalf("only %d forms", verbs)
	}
	for _, got := range []string{p.String(), p.GoString(), fmt.Sprintf("%v|%d", p, p)[:4], p.LogValue().String()} {
		if got != stars {
			t.Errorf("got %q", got)
		}
	}
	if len(NewPIN(nil).String()) != len(p.String()) {
		t.Error("the stars tell the length")
	}
}

func TestPIN_wipe(t *testing.T) {
	b := []byte(secretText)
	p := NewPIN(b)
	copied := p.ConfirmFinal()
	if p.Final() || !copied.Final() || &p.Bytes()[0] != &b[0] {
		t.Error("ConfirmFinal changes its receiver, or Bytes is a copy")
	}
	p.Wipe()
	if !bytes.Equal(b, make([]byte, len(b))) || p.Bytes() != nil || copied.Bytes() != nil {
		t.Errorf("left: %q %q", b, copied.Bytes())
	}
	p.Wipe()
	var zero PIN
	zero.Wipe()
	if zero.Bytes() != nil || zero.Final() {
		t.Error("the zero PIN is not empty")
	}
}
