package center

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// fields are the members of a JSON object, which are taken one by one. The
// first fault stays in err.
type fields struct {
	raw map[string]json.RawMessage
	err error
}

// readFields reads one object: no name twice, nothing after it.
func readFields(b []byte) *fields {
	f := &fields{raw: map[string]json.RawMessage{}}
	f.err = f.read(json.NewDecoder(bytes.NewReader(b)))
	return f
}

func (f *fields) read(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("no JSON object")
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		if _, twice := f.raw[name]; twice {
			return fmt.Errorf("field %.40q occurs twice", name)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		f.raw[name] = value
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("bytes after the object")
	}
	return nil
}

// take reads a member into v and strikes it off.
func (f *fields) take(name string, v any) {
	value, ok := f.raw[name]
	delete(f.raw, name)
	switch {
	case f.err != nil:
	case !ok || bytes.Equal(value, []byte("null")):
		f.err = fmt.Errorf("field %s is missing", name)
	default:
		if err := json.Unmarshal(value, v); err != nil {
			f.err = fmt.Errorf("field %s: %w", name, err)
		}
	}
}

func (f *fields) text(name string) (s string) { f.take(name, &s); return s }

// number takes a number from 1 on.
func (f *fields) number(name string) (n int) {
	if f.take(name, &n); n < 1 && f.err == nil {
		f.err = fmt.Errorf("field %s is %d", name, n)
	}
	return n
}

func (f *fields) time(name string) (t time.Time) {
	if f.take(name, &t); f.err == nil && t.IsZero() {
		f.err = fmt.Errorf("field %s names no time", name)
	}
	return t.UTC()
}

// words takes a text that must be one of a closed list.
func (f *fields) word(name string, list ...string) string {
	s := f.text(name)
	for _, w := range list {
		if s == w {
			return s
		}
	}
	if f.err == nil {
		f.err = fmt.Errorf("field %s is %s", name, printable(fmt.Sprintf("%q", s)))
	}
	return ""
}

func (f *fields) bytes(name string) []byte {
	b, err := base64.StdEncoding.Strict().DecodeString(f.text(name))
	if err != nil && f.err == nil {
		f.err = fmt.Errorf("field %s: %w", name, err)
	}
	return b
}

func (f *fields) texts(name string) (list []string) { f.take(name, &list); return list }

func (f *fields) blobs(name string) [][]byte {
	out := [][]byte{}
	for _, s := range f.texts(name) {
		b, err := base64.StdEncoding.Strict().DecodeString(s)
		if err != nil && f.err == nil {
			f.err = fmt.Errorf("field %s: %w", name, err)
		}
		out = append(out, b)
	}
	return out
}

// done answers the first fault; a member that nobody took is one.
func (f *fields) done() error {
	if f.err != nil {
		return f.err
	}
	for name := range f.raw {
		return fmt.Errorf("unknown field %s", printable(fmt.Sprintf("%q", name)))
	}
	return nil
}
