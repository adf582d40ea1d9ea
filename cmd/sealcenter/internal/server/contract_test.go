//go:build !race

// The race detector leaves the contract out: the OpenAPI library takes two minutes to compile for it, and the exchanges follow one another.

package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"sealdesk/assets"
)

// contract is assets/openapi/center.yaml and what of it has been exercised.
type contract struct {
	text  string
	doc   libopenapi.Document
	check validator.Validator
	seen  map[string]bool // "operationId status"
	codes map[string]bool
}

func readContract(t *testing.T) *contract {
	t.Helper()
	raw, err := fs.ReadFile(assets.FS, "openapi/center.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := libopenapi.NewDocument(raw)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, faults := v.ValidateDocument(); !ok {
		t.Fatalf("center.yaml is not OpenAPI 3.1: %v", faults)
	}
	return &contract{text: string(raw), doc: doc, check: v, seen: map[string]bool{}, codes: map[string]bool{}}
}

// step is one exchange.
type step struct {
	name   string
	client *http.Client
	method string
	path   string
	body   string
	header http.Header
	status int
	code   string // of a problem
	wrong  bool   // the request itself breaks the contract
}

// operation finds the operationId of a request.
func (c *contract) operation(t *testing.T, method, path string) string {
	t.Helper()
	model, err := c.doc.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	path, _, _ = strings.Cut(path, "?")
	for p, item := range model.Model.Paths.PathItems.FromOldest() {
		pattern := "^" + regexp.MustCompile(`\{\w+\}`).ReplaceAllString(p, "[^/]+") + "$"
		if !regexp.MustCompile(pattern).MatchString(path) {
			continue
		}
		if op, ok := item.GetOperations().Get(strings.ToLower(method)); ok {
			return op.OperationId
		}
	}
	t.Fatalf("center.yaml has no %s %s", method, path)
	return ""
}

// run makes the exchange and holds both sides against the contract.
func (c *contract) run(t *testing.T, b *bench, s step) []byte {
	t.Helper()
	if s.client == nil {
		s.client = b.good
	}
	r := b.request(t, s.method, s.path, s.body)
	maps.Copy(r.Header, s.header)
	resp, err := s.client.Do(r)
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	raw, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	if resp.StatusCode != s.status {
		t.Errorf("%s: status %d, want %d: %.300s", s.name, resp.StatusCode, s.status, raw)
		return raw
	}
	var p problem
	if s.code != "" {
		if err := json.Unmarshal(raw, &p); err != nil || p.Code != s.code || p.Status != s.status {
			t.Errorf("%s: %+v, want code %s: %s", s.name, p, s.code, raw)
		}
	}
	checked := b.request(t, s.method, s.path, s.body)
	maps.Copy(checked.Header, s.header)
	if ok, faults := c.check.ValidateHttpRequestSync(checked); ok == s.wrong {
		t.Errorf("%s: the contract finds the request right: %v, %v", s.name, ok, faults)
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	if ok, faults := c.check.ValidateHttpResponse(b.request(t, s.method, s.path, ""), resp); !ok {
		t.Errorf("%s: the answer breaks the contract: %v\n%.300s", s.name, faults[0], raw)
	}
	c.seen[fmt.Sprintf("%s %d", c.operation(t, s.method, s.path), s.status)] = true
	if s.code != "" {
		c.codes[s.code] = true
	}
	return raw
}

// complete fails for each response and each code of the contract that no exchange has shown.
func (c *contract) complete(t *testing.T) {
	t.Helper()
	model, err := c.doc.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, item := range model.Model.Paths.PathItems.FromOldest() {
		for _, op := range item.GetOperations().FromOldest() {
			for status := range op.Responses.Codes.FromOldest() {
				total++
				if !c.seen[op.OperationId+" "+status] {
					t.Errorf("no exchange shows %s %s", op.OperationId, status)
				}
			}
		}
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile(`code: \{ (?:const: (\w+)|enum: \[([\w, ]+)\]) \}`).FindAllStringSubmatch(c.text, -1) {
		for _, code := range strings.Split(m[1]+m[2], ", ") {
			named[code] = true
		}
	}
	if total < 30 || len(named) < 15 {
		t.Fatalf("only %d responses and %d codes in the contract", total, len(named))
	}
	for code := range named {
		if !c.codes[code] {
			t.Errorf("no exchange shows the code %s", code)
		}
	}
	for code := range c.codes {
		if !named[code] {
			t.Errorf("the contract does not name the code %s", code)
		}
	}
}
