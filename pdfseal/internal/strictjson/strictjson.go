// Package strictjson reads JSON that has one meaning only. encoding/json by
// itself lets the last of two equal names win and matches names in any letter
// case; both are refused here, as are unknown names, names with upper-case
// letters, null, and bytes after the value.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Decode reads the one JSON value in b into v. Objects and lists may nest depth deep.
func Decode(b []byte, v any, depth int) error {
	if err := checkNames(b, depth); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("bytes after the value")
	}
	return nil
}

// level is an object or list that is being read.
type level struct {
	object bool
	value  bool // in an object: the next token is a value
	names  map[string]bool
}

func checkNames(b []byte, depth int) error {
	d := json.NewDecoder(bytes.NewReader(b))
	var open []level
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			open = open[:len(open)-1]
			continue
		}
		if token == nil {
			return errors.New("null")
		}
		if isName, err := takeName(open, token); err != nil {
			return err
		} else if isName {
			continue
		}
		if delim, ok := token.(json.Delim); ok {
			if len(open) == depth {
				return fmt.Errorf("nested deeper than %d", depth)
			}
			open = append(open, level{object: delim == '{', names: map[string]bool{}})
		}
	}
}

// takeName handles the alternation of names and values of the innermost object.
func takeName(open []level, token json.Token) (isName bool, err error) {
	if len(open) == 0 || !open[len(open)-1].object {
		return false, nil
	}
	top := &open[len(open)-1]
	if top.value {
		top.value = false
		return false, nil
	}
	name, ok := token.(string)
	if !ok {
		return false, errors.New("name expected")
	}
	if top.names[name] {
		return false, fmt.Errorf("name %q occurs twice", name)
	}
	for _, c := range []byte(name) {
		if c >= 'A' && c <= 'Z' {
			return false, fmt.Errorf("name %q is not in lower case", name)
		}
	}
	top.names[name], top.value = true, true
	return true, nil
}
