//go:build !race

package server

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"sealdesk/cmd/sealcenter/internal/centretest"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/ses"
)

// operations are the requests that are right, one of each operation that asks for a certificate.
func (b *bench) operations(t *testing.T) []step {
	t.Helper()
	sig := b.custodian.Sign(t, document, time.Now())
	sm3 := hexSM3(b.custodian.Seal.Raw)
	signer := hexSM3(b.custodian.Cert)
	return []step{
		{name: "verify", method: http.MethodPost, path: "/v1/verifications", body: verification(newID(), document, sig), status: 200},
		{name: "status", method: http.MethodGet, path: "/v1/seals/" + b.custodian.Seal.ID + "/status?sealSM3=" + sm3 + "&signerSM3=" + signer, status: 200},
		{name: "bundle", method: http.MethodGet, path: "/v1/bundles/latest", status: 200},
		{name: "checkpoint", method: http.MethodPost, path: "/v1/register/checkpoints", body: checkpointBody(checkpointDER(t, b.custodian, 5, "a")), status: 201},
		{name: "metrics", method: http.MethodGet, path: "/metrics", status: 200},
	}
}

// checkpointDER signs the head of a register; head is one letter for its digest.
func checkpointDER(t *testing.T, key cms.Key, size int, head string) []byte {
	t.Helper()
	text := fmt.Sprintf(`{"format":"sealdesk-checkpoint/1","register":%q,"size":%d,"head":%q,"time":"2026-03-02T09:00:00Z"}`,
		strings.Repeat("1", 64), size, strings.Repeat(head, 64))
	der, err := cms.Sign(t.Context(), []byte(text), key, cms.SignOptions{Time: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func checkpointBody(der []byte) string {
	return `{"checkpoint":"` + base64.StdEncoding.EncodeToString(der) + `"}`
}

func TestContract(t *testing.T) {
	centretest.Each(t, func(t *testing.T, target string) {
		c := readContract(t)
		b := newBench(t, target, Limits{PerSecond: 1, Burst: 1000}, false)
		c.withoutBundle(t, b)
		b.Bundle(t)
		b.server.bundle.checked = time.Time{}
		c.admission(t, b)
		c.requests(t, b)
		c.limits(t, b)
		c.failures(t, b)
		c.complete(t)
	})
}

// withoutBundle is the endpoint of a centre that has not written its first bundle.
func (c *contract) withoutBundle(t *testing.T, b *bench) {
	for _, s := range b.operations(t) {
		if s.name != "metrics" {
			s.name, s.status, s.code = s.name+" without a bundle", 404, "no_bundle"
			c.run(t, b, s)
		}
	}
}

// admission tries every operation with the right certificate, none, one that was disabled and one that is not known.
func (c *contract) admission(t *testing.T, b *bench) {
	for _, s := range b.operations(t) {
		c.run(t, b, s)
		for _, who := range []struct {
			name   string
			client *http.Client
			status int
			code   string
		}{{"no certificate", b.none, 401, "client_certificate_missing"}, {"disabled", b.disabled, 403, "client_disabled"}, {"unknown", b.unknown, 403, "client_unknown"}} {
			x := s
			x.name, x.client, x.status, x.code = s.name+", "+who.name, who.client, who.status, who.code
			c.run(t, b, x)
		}
	}
	c.run(t, b, step{name: "health without a certificate", client: b.none, method: http.MethodGet, path: "/healthz", status: 200})
}

// requests tries what the operations refuse by content.
func (c *contract) requests(t *testing.T, b *bench) {
	id, sig := newID(), b.custodian.Sign(t, document, time.Now())
	good := verification(id, document, sig)
	verify := func(name, body string, status int, code string, wrong bool) {
		t.Helper()
		c.run(t, b, step{name: name, method: http.MethodPost, path: "/v1/verifications", body: body, status: status, code: code, wrong: wrong})
	}
	verify("verify", good, 200, "", false)
	verify("the same again", good, 200, "", false)
	verify("another signature under the same id", verification(id, document, b.custodian.Sign(t, document, time.Now().Add(-time.Hour))), 409, "request_conflict", false)
	for name, body := range map[string]string{
		"unknown member":       strings.Replace(good, "{", `{"more":"x",`, 1),
		"missing member":       `{"requestId":"` + id + `"}`,
		"not JSON":             `{"requestId"`,
		"an array":             `[]`,
		"a number":             strings.Replace(good, `"requestId":"`+id+`"`, `"requestId":7`, 1),
		"no UUID":              verification("x", document, sig),
		"no digest":            strings.Replace(good, fmt.Sprintf("%x", document), "00", 1),
		"digest in capitals":   strings.Replace(good, fmt.Sprintf("%x", document), fmt.Sprintf("%X", document), 1),
		"signature not base64": strings.Replace(good, base64.StdEncoding.EncodeToString(sig), "?", 1),
	} {
		verify(name, body, 400, "request_malformed", true)
	}
	// What a JSON Schema cannot say.
	verify("repeated member", strings.Replace(good, "{", `{"requestId":"`+id+`",`, 1), 400, "request_malformed", false)
	verify("signature of more than 1 MiB", verification(newID(), document, make([]byte, maxSignature+1)), 400, "request_malformed", false)
	verify("no seal signature", verification(newID(), document, []byte{0x30, 0}), 422, "signature_unreadable", false)
	hostile := bytes.Replace(b.custodian.Seal.Raw, []byte(b.custodian.Seal.ID), append([]byte("\x00"), b.custodian.Seal.ID[1:]...), 1)
	seal, err := ses.ParseSeal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	other := *b.custodian
	other.Seal = seal
	verify("a zero byte in the seal's identifier", verification(newID(), document, other.Sign(t, document, time.Now())), 422, "signature_unreadable", false)
	verify("too large", verification(newID(), document, make([]byte, maxBody)), 413, "body_too_large", false)
	c.run(t, b, step{name: "another media type", method: http.MethodPost, path: "/v1/verifications", body: good, header: http.Header{"Content-Type": {"text/plain"}},
		status: 415, code: "media_type", wrong: true})
	c.statusRequests(t, b)
	c.bundleRequests(t, b)
	c.checkpointRequests(t, b)
}

func (c *contract) statusRequests(t *testing.T, b *bench) {
	sm3, signer := hexSM3(b.custodian.Seal.Raw), hexSM3(b.custodian.Cert)
	path := func(id, query string) string { return "/v1/seals/" + id + "/status?" + query }
	id := b.custodian.Seal.ID
	for _, x := range []struct {
		name, path string
		status     int
		code       string
		wrong      bool
	}{
		{"unknown seal", path("15000000000099", "sealSM3="+sm3+"&signerSM3="+signer), 404, "seal_unknown", false},
		{"other bytes under the identifier", path(id, "sealSM3="+signer+"&signerSM3="+signer), 404, "seal_unknown", false},
		{"an identifier with a zero byte, which PostgreSQL takes for no text", path("1%002", "sealSM3="+sm3+"&signerSM3="+signer), 404, "seal_unknown", false},
		{"an identifier that is no UTF-8", path("1%FF2", "sealSM3="+sm3+"&signerSM3="+signer), 404, "seal_unknown", false},
		{"no digest", path(id, "sealSM3=x&signerSM3="+signer), 400, "parameter_malformed", true},
		{"missing parameter", path(id, "sealSM3="+sm3), 400, "parameter_malformed", true},
		{"unknown parameter", path(id, "sealSM3="+sm3+"&signerSM3="+signer+"&x=1"), 400, "parameter_malformed", false},
		{"repeated parameter", path(id, "sealSM3="+sm3+"&sealSM3="+sm3+"&signerSM3="+signer), 400, "parameter_malformed", false}, // the library does not see it
	} {
		c.run(t, b, step{name: x.name, method: http.MethodGet, path: x.path, status: x.status, code: x.code, wrong: x.wrong})
	}
	raw := c.run(t, b, step{name: "another certificate", method: http.MethodGet, path: path(id, "sealSM3="+sm3+"&signerSM3="+sm3), status: 200})
	var s sealStatus
	if err := json.Unmarshal(raw, &s); err != nil || s.SignerStatus != "unknown" || s.Status != "in-force" || s.Bundle != 1 {
		t.Errorf("%+v, %v", s, err)
	}
}

func (c *contract) bundleRequests(t *testing.T, b *bench) {
	raw := c.run(t, b, step{name: "bundle", method: http.MethodGet, path: "/v1/bundles/latest", status: 200})
	if !bytes.HasPrefix(raw, []byte("\x89SDTB")) {
		t.Errorf("not a bundle: %.20q", raw)
	}
	c.run(t, b, step{name: "bundle that the client has", method: http.MethodGet, path: "/v1/bundles/latest", header: http.Header{"If-None-Match": {`"1"`}}, status: 304})
	c.run(t, b, step{name: "older bundle", method: http.MethodGet, path: "/v1/bundles/latest", header: http.Header{"If-None-Match": {`"0"`}}, status: 200})
}

func (c *contract) checkpointRequests(t *testing.T, b *bench) {
	post := func(name, body string, status int, code string, wrong bool) {
		t.Helper()
		c.run(t, b, step{name: name, method: http.MethodPost, path: "/v1/register/checkpoints", body: body, status: status, code: code, wrong: wrong})
	}
	for i, size := range []int{7, 7, 9} {
		post(fmt.Sprint("checkpoint ", i), checkpointBody(checkpointDER(t, b.custodian, size, "a")), 201, "", false)
	}
	post("a smaller register", checkpointBody(checkpointDER(t, b.custodian, 8, "a")), 409, "checkpoint_fork", false)
	post("another head", checkpointBody(checkpointDER(t, b.custodian, 9, "b")), 409, "checkpoint_fork", false)
	post("not a checkpoint", checkpointBody([]byte{0x30, 0}), 422, "checkpoint_unreadable", false)
	centre, err := b.Authority.Entity("centre")
	if err != nil {
		t.Fatal(err)
	}
	post("signed by no custodian", checkpointBody(checkpointDER(t, centre, 10, "a")), 422, "checkpoint_untrusted", false)
	post("unknown member", `{"checkpoint":"AAAA","more":"x"}`, 400, "request_malformed", true)
	post("not base64", `{"checkpoint":"???"}`, 400, "request_malformed", true)
	post("too large", `{"checkpoint":"`+strings.Repeat("A", maxBody)+`"}`, 413, "body_too_large", false)
	c.run(t, b, step{name: "checkpoint of another media type", method: http.MethodPost, path: "/v1/register/checkpoints", body: `{"checkpoint":"AAAA"}`,
		header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, status: 415, code: "media_type", wrong: true})
}

// limits tries every operation when the endpoint has too much to do.
func (c *contract) limits(t *testing.T, b *bench) {
	for range cap(b.server.loads) {
		b.server.loads <- struct{}{}
	}
	for _, s := range b.operations(t) { // slow lines that fetch bundles hold nothing else up
		if s.name == "bundle" {
			s.status, s.code = 503, "busy"
		}
		s.name += ", while many bundles are fetched"
		c.run(t, b, s)
	}
	for range cap(b.server.slots) {
		b.server.slots <- struct{}{}
	}
	for _, s := range b.operations(t) {
		s.name, s.status, s.code = s.name+", busy", 503, "busy"
		c.run(t, b, s)
	}
	for range cap(b.server.slots) {
		<-b.server.slots
		<-b.server.loads
	}
	b.server.clients.mu.Lock()
	for k, x := range b.server.clients.buckets {
		x.left = -100
		b.server.clients.buckets[k] = x
	}
	b.server.clients.mu.Unlock()
	for _, s := range b.operations(t) {
		s.name, s.status, s.code = s.name+", too often", 429, "rate_limited"
		c.run(t, b, s)
	}
	b.server.clients.mu.Lock()
	clear(b.server.clients.buckets)
	b.server.clients.mu.Unlock()
}

// failures breaks the key, the bundle's file and at last the registry.
func (c *contract) failures(t *testing.T, b *bench) {
	b.key.broken = errors.New("fault")
	all := b.operations(t)
	all[0].name, all[0].status, all[0].code = "verify with a broken key", 500, "internal"
	c.run(t, b, all[0])
	b.key.broken = nil
	latest, err := b.Store.LatestBundle(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(b.Authority.BundlePath(latest.Number, latest.Manifest)); err != nil {
		t.Fatal(err)
	}
	all[2].name, all[2].status, all[2].code = "bundle whose file is gone", 500, "internal"
	c.run(t, b, all[2])
	if err := b.server.Close(); err != nil { // as after a start
		t.Fatal(err)
	}
	for _, s := range b.operations(t)[:4] {
		s.name, s.status, s.code = s.name+" after a start without the bundle's file", 500, "internal"
		c.run(t, b, s)
	}
	if err := b.Store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, s := range append(b.operations(t), step{name: "health", method: http.MethodGet, path: "/healthz"}) {
		s.name, s.status, s.code = s.name+" without a registry", 503, "store_unavailable"
		c.run(t, b, s)
	}
}
