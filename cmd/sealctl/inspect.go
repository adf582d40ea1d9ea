package main

import (
	"bytes"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/trust"
	"sealdesk/ui/explain"
	"sealdesk/ui/job"
)

// inspectCmd is `sealctl inspect`.
type inspectCmd struct {
	File      string `arg:"" name:"file" help:"${flag_inspect_file}"`
	Protected string `placeholder:"FILE" help:"${flag_protected}"`
	At        string `placeholder:"TIME" help:"${flag_inspect_at}"`
	JSON      bool   `name:"json" help:"${flag_json}"`
}

// maxInspect bounds what is read whole: containers. PDFs and trust bundles are read in place.
const maxInspect = 64 << 20

// inspection is what inspect says of a file. Fields holds what is peculiar to the kind.
type inspection struct {
	Kind    string          `json:"kind"`
	Version string          `json:"version"`
	Checks  []pdfseal.Check `json:"checks"`
	Fields  map[string]any  `json:"-"`
}

// MarshalJSON puts the fields of the kind behind kind, version and checks, sorted by name.
func (i inspection) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	put := func(sep, key string, v any) error {
		buf.WriteString(sep + `"` + key + `":`)
		e := json.NewEncoder(&buf)
		e.SetEscapeHTML(false)
		return e.Encode(v)
	}
	err := errors.Join(put("{", "kind", i.Kind), put(",", "version", i.Version), put(",", "checks", i.Checks))
	for _, k := range sortedKeys(i.Fields) {
		err = errors.Join(err, put(",", k, i.Fields[k]))
	}
	buf.WriteByte('}')
	return buf.Bytes(), err
}

func (i *inspection) check(id string, err error, passed string) {
	c := pdfseal.Check{ID: id, Status: pdfseal.CheckPassed, Detail: passed}
	if err != nil {
		c.Status, c.Detail = pdfseal.CheckFailed, err.Error()
	}
	i.Checks = append(i.Checks, c)
}

func (i *inspection) skip(id, why string) {
	i.Checks = append(i.Checks, pdfseal.Check{ID: id, Status: pdfseal.CheckSkipped, Detail: why})
}

// What is wrong with the content of such a file, as the table of errors knows it.
var (
	errUnknown  = errors.New("unknown")
	errTooLarge = errors.New("too_large")
)

// kindError is a file of a kind that inspect does not know.
type kindError struct {
	path string
	err  error
}

func (e *kindError) Error() string { return fmt.Sprintf("sealctl: %s: %v", e.path, e.err) }
func (e *kindError) Unwrap() error { return e.err }

// Situation implements explain.Situation.
func (e *kindError) Situation() (key string, data map[string]string) {
	return "file.unknown_kind", map[string]string{"Path": e.path, "content": e.err.Error()}
}

// Run inspects the file: exit 0 where no check failed, 3 where one did, 20 where the file cannot be read.
func (c *inspectCmd) Run(a *app) error {
	at, err := parseTime(c.At)
	if err != nil {
		return err
	}
	i, err := c.inspect(a, at)
	if err != nil {
		return err
	}
	if i.Checks == nil {
		i.Checks = []pdfseal.Check{}
	}
	if c.JSON {
		a.writeJSON(i)
	} else {
		a.printInspection(c.File, i)
	}
	for _, k := range i.Checks {
		if k.Status == pdfseal.CheckFailed {
			return exitCode(explain.ExitInvalid)
		}
	}
	return nil
}

// inspect decides by content what the file is.
func (c *inspectCmd) inspect(a *app, at time.Time) (*inspection, error) {
	if err := job.Regular(c.File); err != nil {
		return nil, err
	}
	f, err := pdfseal.OpenFile(c.File)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var head [8]byte
	n, err := f.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head[:n], []byte("%PDF-")):
		return a.inspectPDF(f)
	case trust.IsBundle(head[:n]):
		return a.inspectBundle(c.File, at)
	}
	if f.Size() > maxInspect {
		return nil, &kindError{c.File, errTooLarge}
	}
	raw := make([]byte, f.Size())
	if _, err := io.ReadFull(io.NewSectionReader(f, 0, f.Size()), raw); err != nil {
		return nil, err
	}
	return c.inspectBytes(a, raw, at)
}

func (c *inspectCmd) inspectBytes(a *app, raw []byte, at time.Time) (*inspection, error) {
	trimmed := bytes.TrimSpace(raw)
	if block, _ := pem.Decode(trimmed); block != nil {
		raw = block.Bytes
	}
	var protected *digested
	if c.Protected != "" {
		var err error
		if err := job.Regular(c.Protected); err != nil {
			return nil, err
		}
		if protected, err = digest(a.ctx, c.Protected); err != nil {
			return nil, err
		}
		defer protected.Close()
	}
	switch kind := containerKind(raw); kind {
	case kindReceipt:
		return c.inspectReceipt(raw, protected)
	case kindCMS:
		return c.inspectCMS(raw, protected)
	case kindSignature:
		return c.inspectSignature(raw, protected, at)
	case kindSeal:
		if at.IsZero() {
			at = a.now()
		}
		return c.inspectSeal(raw, at)
	}
	return nil, &kindError{c.File, errUnknown}
}

const (
	kindSeal      = "seal"
	kindSignature = "seal_signature"
	kindCMS       = "cms"
	kindReceipt   = "receipt"
)

// containerKind tells the containers apart by their outer structure: SignedData begins with its object identifier
// and is a receipt by its content, a seal's first element begins with the header, a SEQUENCE, and that of a seal signature with its
// version, an INTEGER (standards.md, §1).
func containerKind(raw []byte) string {
	switch {
	case receipt.Is(raw):
		return kindReceipt
	case cms.IsCMS(raw):
		return kindCMS
	}
	var outer, first, inner asn1.RawValue
	if _, err := asn1.Unmarshal(raw, &outer); err != nil || outer.Tag != asn1.TagSequence {
		return ""
	}
	if _, err := asn1.Unmarshal(outer.Bytes, &first); err != nil || first.Tag != asn1.TagSequence {
		return ""
	}
	if _, err := asn1.Unmarshal(first.Bytes, &inner); err != nil {
		return ""
	}
	switch inner.Tag {
	case asn1.TagInteger:
		return kindSignature
	case asn1.TagSequence:
		return kindSeal
	}
	return ""
}

// digested is a protected file and its SM3 digest; the bytes themselves are read only where a container demands them.
type digested struct {
	*os.File
	sum  [32]byte
	size int64
}
