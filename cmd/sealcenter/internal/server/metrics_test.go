package server

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestMetrics_countRequests(t *testing.T) {
	b := newBench(t, t.TempDir()+"/centre.db", Limits{}, true)
	shows := func(lines ...string) {
		t.Helper()
		resp, err := b.good.Do(b.request(t, http.MethodGet, "/metrics", ""))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			if !strings.Contains(string(text), line+"\n") {
				t.Errorf("no line %q", line)
			}
		}
	}
	shows("sealcenter_bundle_number 1") // also before anybody has asked for it
	if status, _, p := b.ask(t, verification(newID(), document, b.custodian.Sign(t, document, time.Now()))); status != 200 {
		t.Fatalf("%d %+v", status, p)
	}
	shows(`sealcenter_requests_total{operation="verifications",status="200"} 1`, `sealcenter_verdicts_total{verdict="valid"} 1`)
}
