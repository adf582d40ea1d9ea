package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sealdesk/cmd/sealcenter/internal/centretest"
)

func TestUnrouted(t *testing.T) {
	b := newBench(t, t.TempDir()+"/centre.db", Limits{}, true)
	for _, x := range []struct {
		method, path string
		status       int
		code, allow  string
	}{
		{"GET", "/", 404, "not_found", ""}, {"GET", "/v1/verifications", 405, "method_not_allowed", "POST"}, {"DELETE", "/v1/bundles/latest", 405, "method_not_allowed", "GET"},
		{"POST", "/v1/seals/1/status", 405, "method_not_allowed", "GET"}, {"GET", "/v1/seals/1/../../x", 404, "not_found", ""},
	} {
		resp, err := b.good.Do(b.request(t, x.method, x.path, ""))
		if err != nil {
			t.Fatal(err)
		}
		var p problem
		err = json.NewDecoder(resp.Body).Decode(&p)
		resp.Body.Close()
		if err != nil || resp.StatusCode != x.status || p.Code != x.code || resp.Header.Get("Allow") != x.allow {
			t.Errorf("%s %s: %d %+v, Allow %q, %v", x.method, x.path, resp.StatusCode, p, resp.Header.Get("Allow"), err)
		}
	}
}

func TestStrangersCertificateEndsTheHandshake(t *testing.T) {
	b := newBench(t, t.TempDir()+"/centre.db", Limits{}, true)
	other := centretest.New(t, t.TempDir()+"/other.db")
	foreign := b.client(t, other.Client(t, "别处"))
	resp, err := foreign.Do(b.request(t, http.MethodGet, "/healthz", ""))
	if err == nil {
		resp.Body.Close()
		t.Fatalf("a certificate of another authority got in: %d", resp.StatusCode)
	}
	if !strings.Contains(err.Error(), "tls:") && !slices.Contains([]string{"EOF"}, err.Error()) {
		t.Errorf("%v", err)
	}
}
