package pkcs11

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"sealdesk/token"
)

// Every code that has a name, with what the user is told. A code that is missing here fails the test.
func TestCodes(t *testing.T) {
	const general = "general fault"
	want := map[string]string{
		"CKR_CANCEL": "cancel", "CKR_FUNCTION_CANCELED": "cancel", "CKR_FUNCTION_REJECTED": "cancel",
		"CKR_DEVICE_REMOVED": "removed", "CKR_SESSION_CLOSED": "removed", "CKR_SESSION_HANDLE_INVALID": "removed",
		"CKR_TOKEN_NOT_PRESENT": "removed", "CKR_TOKEN_NOT_RECOGNIZED": "removed",
		"CKR_PIN_INCORRECT": "wrong", "CKR_PIN_INVALID": "length", "CKR_PIN_LEN_RANGE": "length", "CKR_PIN_EXPIRED": "expired",
		"CKR_PIN_LOCKED": "locked", "CKR_USER_PIN_NOT_INITIALIZED": "unset", "CKR_USER_NOT_LOGGED_IN": "not logged in",
		"CKR_DATA_INVALID": "unsupported", "CKR_DATA_LEN_RANGE": "unsupported", "CKR_FUNCTION_NOT_SUPPORTED": "unsupported",
		"CKR_KEY_TYPE_INCONSISTENT": "unsupported", "CKR_MECHANISM_INVALID": "unsupported", "CKR_MECHANISM_PARAM_INVALID": "unsupported",
		"CKR_KEY_FUNCTION_NOT_PERMITTED": "no key", "CKR_CRYPTOKI_NOT_INITIALIZED": "closed",
		"CKR_HOST_MEMORY": general, "CKR_SLOT_ID_INVALID": general, "CKR_GENERAL_ERROR": general, "CKR_FUNCTION_FAILED": general,
		"CKR_ARGUMENTS_BAD": general, "CKR_NEED_TO_CREATE_THREADS": general, "CKR_CANT_LOCK": general,
		"CKR_ATTRIBUTE_SENSITIVE": general, "CKR_ATTRIBUTE_TYPE_INVALID": general, "CKR_DEVICE_ERROR": general,
		"CKR_DEVICE_MEMORY": general, "CKR_KEY_HANDLE_INVALID": general, "CKR_OBJECT_HANDLE_INVALID": general,
		"CKR_OPERATION_ACTIVE": general, "CKR_OPERATION_NOT_INITIALIZED": general, "CKR_SESSION_COUNT": general,
		"CKR_TOKEN_WRITE_PROTECTED": general, "CKR_USER_ALREADY_LOGGED_IN": general, "CKR_USER_TYPE_INVALID": general,
		"CKR_USER_ANOTHER_ALREADY_LOGGED_IN": general, "CKR_USER_TOO_MANY_TYPES": general, "CKR_BUFFER_TOO_SMALL": general,
		"CKR_CRYPTOKI_ALREADY_INITIALIZED": general,
	}
	for c, m := range codes {
		err := opError("C_Test", c)
		if got := situation(err); got != want[m.name] {
			t.Errorf("%s (0x%X) is %q, want %q", m.name, uint32(c), got, want[m.name])
		}
		if !strings.Contains(err.Error(), m.name) || token.WhatToDo(err) == "" && situation(err) != "cancel" {
			t.Errorf("%v: the user may do %q", err, token.WhatToDo(err))
		}
		delete(want, m.name)
	}
	if len(want) > 0 {
		t.Errorf("not in the table: %v", want)
	}
	if opError("C_Test", ckrOK) != nil {
		t.Error("CKR_OK is an error")
	}
	if got := situation(opError("C_Test", 0x80000123)); got != general {
		t.Errorf("a vendor code is %q", got)
	}
}

func situation(err error) string {
	var p *token.PINError
	if errors.As(err, &p) {
		return map[token.PINError]string{
			{Wrong: true}: "wrong", {Length: true}: "length", {Expired: true}: "expired", {Locked: true}: "locked",
			{State: token.PINState{Uninitialised: true}}: "unset",
		}[*p]
	}
	for target, name := range map[error]string{token.ErrPINCancelled: "cancel", token.ErrRemoved: "removed",
		token.ErrNotLoggedIn: "not logged in", token.ErrUnsupported: "unsupported", token.ErrNoKey: "no key", token.ErrClosed: "closed"} {
		if errors.Is(err, target) {
			return name
		}
	}
	return "general fault"
}

// Two errors of one code must not share their *PINError, since callers complete it.
func TestCodes_errorsAreNotShared(t *testing.T) {
	var a, b *token.PINError
	if !errors.As(opError("C_Login", ckrPINIncorrect), &a) || !errors.As(opError("C_Login", ckrPINIncorrect), &b) {
		t.Fatal("no *token.PINError")
	}
	if a == b {
		t.Error("one value for two errors")
	}
}

func TestChoose(t *testing.T) {
	vendor := []string{"Vendor", "", ""}
	for name, c := range map[string]struct {
		s          subject
		configured []Profile
		profile    string
		ways       []string
	}{
		"sansec by library": {subject{lib: "libupkcs11.so", keyTypes: []uint{keySansec}}, nil, "sansec",
			[]string{"0x80008105 digest", "0x80008104 digest", "0x80008102 message", "0x80008103 message", "0x80008100 Z and message"}},
		"sansec with a short list": {subject{lib: "SWCSM.dll", mechanisms: []uint{0x80008100}}, nil, "sansec", []string{"0x80008100 Z and message"}},
		"tass": {subject{lib: "libtass.so", keyTypes: []uint{keySansec}}, nil, "tass",
			[]string{"0x80008000 digest", "0x80008100 message", "0x80008100 Z and message"}},
		"westone in Chinese": {subject{manufacturer: []string{"成都卫士通信息产业股份有限公司"}, keyTypes: []uint{keyWestone}}, nil, "westone",
			[]string{"0x80000004 digest", "0x80000002 digest"}},
		"luna by description": {subject{manufacturer: []string{"", "", "Chrystoki"}, keyTypes: []uint{keyLuna}}, nil, "luna",
			[]string{"0x80000B21 digest", "0x80000B22 message", "0x80000B22 Z and message"}},
		"koal-like": {subject{lib: "x.so", manufacturer: vendor, keyTypes: []uint{keySansec}, mechanisms: []uint{0x80008104}}, nil, "koal-like",
			[]string{"0x80008104 digest"}},
		"koal-like without a list": {subject{lib: "x.so", keyTypes: []uint{keySansec}}, nil, "koal-like",
			[]string{"0x80008105 digest", "0x80008104 digest", "0x80008102 message", "0x80008103 message", "0x80008100 Z and message",
				"0x80008000 digest", "0x80008100 message"}},
		"luna's numbers under another name": {subject{lib: "tee.so", keyTypes: []uint{keyLuna}, mechanisms: []uint{0x80000B21}}, nil, "luna",
			[]string{"0x80000B21 digest"}},
		"keys hidden, clear numbers":      {subject{lib: "x.so", mechanisms: []uint{1, 0x80008105}}, nil, "koal-like", []string{"0x80008105 digest"}},
		"keys hidden, unclear numbers":    {subject{lib: "x.so", mechanisms: []uint{0x80000004}}, nil, "", nil},
		"nothing known":                   {subject{lib: "x.so"}, nil, "", nil},
		"CKK_EC with CKM_ECDSA":           {subject{lib: "libsofthsm2.so", keyTypes: []uint{keyEC}, mechanisms: []uint{0x1041, 0x1042}}, nil, "", nil},
		"CKK_EC without a list":           {subject{lib: "x.so", keyTypes: []uint{keyEC}}, nil, "", nil},
		"mk1 is never guessed":            {subject{lib: "x.so", keyTypes: []uint{keyMK1}, mechanisms: []uint{0x00010002}}, nil, "", nil},
		"mk1 configured":                  {subject{keyTypes: []uint{keyMK1}, mechanisms: []uint{0x00010002}}, []Profile{{Name: "mk1"}}, "mk1", []string{"0x00010002 digest"}},
		"configuration beats the library": {subject{lib: "libupkcs11.so"}, []Profile{{Name: "mine", Sign: []SM2Sign{{Mech: 7, In: InMsgZ}}}}, "mine", []string{"0x00000007 message"}},
		"configuration for another model": {subject{lib: "libtass.so", model: "B"}, []Profile{{Name: "mine", Model: []string{"A"}}}, "tass",
			[]string{"0x80008000 digest", "0x80008100 message", "0x80008100 Z and message"}},
		"another key type is another profile": {subject{lib: "libtass.so", keyTypes: []uint{keyEC}, mechanisms: []uint{0x1041}}, nil, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := choose(c.s, c.configured)
			var ways []string
			for _, w := range got.ways {
				ways = append(ways, w.String())
			}
			if got.Name != c.profile || ok != (c.profile != "") || !slices.Equal(ways, c.ways) {
				t.Errorf("got %q %v, want %q %v", got.Name, ways, c.profile, c.ways)
			}
		})
	}
}

func TestProfiles(t *testing.T) {
	list := Profiles()
	if len(list) < 8 || list[len(list)-1].Name != "koal-like" {
		t.Fatalf("got %+v", list)
	}
	for _, p := range list {
		for _, w := range p.Sign {
			if w.Mech >= 0x1040 && w.Mech <= 0x104F {
				t.Errorf("%s guesses CKM_ECDSA", p.Name)
			}
		}
		if p.Flags != 0 || p.KeyType == 0 || len(p.PubFrom) == 0 || len(p.Sign) == 0 && p.Name != "ec-sm2" {
			t.Errorf("got %+v", p)
		}
	}
	list[0].Sign[0].Mech = 0
	if Profiles()[0].Sign[0].Mech == 0 {
		t.Error("the caller can change the table")
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                        "plain",
		"  padded \x00\x00":            "padded",
		"\x00 both \x00 ":              "both",
		"公章":                           "公章",
		"\xb9\xab\xd5\xc2\x00\x00":     "公章", // GBK
		"\xb9\xab\xd5\xc2 ok":          "公章 ok",
		"a\u202eb\u2066c":              "abc", // bidirectional overrides
		"line\nbreak\x1b[31m":          "linebreak[31m",
		"\xff\xff":                     "\uFFFD\uFFFD",
		"":                             "",
		"公章" + strings.Repeat(" ", 20): "公章",
	} {
		if got := text([]byte(in)); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "公章", "\xb9\xab\xd5\xc2", "\x00\xff\x80", "a\u202e"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if s := text(b); !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\n\r\x1b\u202e") {
			t.Errorf("%q gives %q", b, s)
		}
	})
}

func TestPoint(t *testing.T) {
	xy := bytes.Repeat([]byte{7}, 64)
	full := append([]byte{4}, xy...)
	for name, b := range map[string][]byte{
		"octet string": append([]byte{4, 65}, full...), "bare": full, "x and y": xy, "length by hand": append([]byte{4, 64}, xy...),
	} {
		if got := point(b); !bytes.Equal(got, full) {
			t.Errorf("%s gives %x", name, got)
		}
	}
	for _, b := range [][]byte{nil, {}, {4}, xy[1:], append(full, 0), append([]byte{3}, xy...), append([]byte{4, 65, 3}, xy...)} {
		if got := point(b); got != nil {
			t.Errorf("%x gives %x", b, got)
		}
	}
}
