package center

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// answered is an answer with any body.
func answered(status int, media string, body []byte) answer {
	return answer{Response: &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {media}, "Etag": {`"3"`}},
		ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}}
}

// FuzzAnswer reads any body as each of the answers: it is an answer or an error, never both.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"id":"1","status":"in-force","since":"2026-01-01T00:00:00Z","signerStatus":"good","bundle":7,"time":"2026-01-01T00:00:00Z"}`))
	f.Add([]byte(`{"verdict":"valid","reasons":[],"receipt":"MAA=","certificates":["MAA="],"crls":[],"bundle":1}`))
	f.Add([]byte(`{"type":"about:blank","title":"t","status":404,"detail":"d","code":"seal_unknown"}`))
	f.Add([]byte(`<html>`))
	f.Add([]byte(strings.Repeat("[", 100)))
	f.Add([]byte(`{"a":{"b":[1,null]},"a":2}`))
	c := &Client{url: &url.URL{Host: "h"}, dialer: &dialer{host: "h:443"}}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := c.readStatus(answered(200, jsonType, b), "1")
		if err == nil && (s.ID != "1" || s.Bundle < 1 || s.Time.IsZero() || s.Status == "") {
			t.Fatalf("%+v", s)
		}
		if a, err := c.readAnswer(answered(200, jsonType, b), Request{RequestID: "r"}); err == nil {
			t.Fatalf("an answer to no seal signature: %+v", a)
		}
		if p, err := c.problem(answered(404, problemType, b)); err == nil && (p.Code == "" || p.Status != 404 || strings.ContainsAny(p.Title+p.Code, "\n\x1b")) {
			t.Fatalf("%+v", p)
		}
		fields := readFields(b)
		fields.texts("reasons")
		_ = fields.done()
	})
}
