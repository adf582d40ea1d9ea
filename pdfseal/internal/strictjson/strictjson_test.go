package strictjson

import (
	"strings"
	"testing"
)

type value struct {
	Name string  `json:"name"`
	List []value `json:"list,omitempty"`
	Big  int     `json:"big,omitempty"`
}

func TestDecode(t *testing.T) {
	for text, want := range map[string]string{
		`{"name":"a","list":[{"name":"b"}]}`: "",
		`{}`:                                 "",
		``:                                   "EOF",
		`null`:                               "null",
		`{"name":null}`:                      "null",
		`{"name":"a","name":"b"}`:            "twice",
		`{"name":"a","\u006eame":"b"}`:       "twice",
		`{"Name":"a"}`:                       "lower case",
		`{"other":"a"}`:                      "unknown field",
		`{"name":"a"} {}`:                    "after the value",
		`{"name":"a"}x`:                      "invalid character",
		`{"name":1}`:                         "cannot unmarshal",
		`{"list":[{"list":[]}]}`:             "nested deeper",
		`[]}`:                                "invalid character",
	} {
		var v value
		err := Decode([]byte(text), &v, 3)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
