package center_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/center/receipt"
)

func TestFault_statusAnswer(t *testing.T) {
	noLeak(t)
	with := func(name string, value any) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			s := honestStatus()
			if s[name] = value; value == nil {
				delete(s, name)
			}
			sendJSON(w, s)
		}
	}
	text := func(body string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, body)
		}
	}
	whole, err := json.Marshal(honestStatus())
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		h    http.HandlerFunc
		kind center.Kind
	}{
		"without since":     {with("since", nil), center.KindGarbage},
		"page of HTML":      {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html><title>login</title>") }, center.KindGarbage},
		"HTML, status 404":  {http.NotFound, center.KindGarbage},
		"empty":             {text(""), center.KindGarbage},
		"no object":         {text("[]"), center.KindGarbage},
		"unknown field":     {with("extra", 1), center.KindGarbage},
		"missing field":     {with("bundle", nil), center.KindGarbage},
		"field twice":       {text(`{"id":"15042900000001",` + string(whole[1:])), center.KindGarbage},
		"two objects":       {text(string(whole) + string(whole)), center.KindGarbage},
		"null":              {text(strings.Replace(string(whole), `"good"`, "null", 1)), center.KindGarbage},
		"wrong type":        {with("bundle", "7"), center.KindGarbage},
		"negative bundle":   {with("bundle", -1), center.KindGarbage},
		"unknown status":    {with("status", "fine"), center.KindGarbage},
		"another seal":      {with("id", "15042900000002"), center.KindGarbage},
		"other letter case": {text(strings.Replace(string(whole), `"status"`, `"Status"`, 1)), center.KindGarbage},
		"encoded": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			text("x")(w, r)
		}, center.KindGarbage},
		"headers without end": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 100_000)) }, center.KindGarbage},
		"half": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			text(string(whole))(w, r)
		}, center.KindHalf},
		"half of chunks": {func(w http.ResponseWriter, r *http.Request) {
			text(string(whole[:20]))(w, r)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, center.KindHalf},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.test/", http.StatusFound)
		}, center.KindRedirect},
		"refused":      {func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 400, "bad_request") }, center.KindRefused},
		"unknown seal": {func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 404, "seal_unknown") }, center.KindUnknownSeal},
		"not admitted": {func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 403, "unknown_client") }, center.KindClientCertificate},
		"busy":         {func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 429, "rate") }, center.KindBusy},
		"fault":        {func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 500, "oops") }, center.KindFault},
		"problem of another": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"status":500,"code":"x"}`)
		}, center.KindGarbage},
		"success of another": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, center.KindGarbage},
		"headers are late":   {func(_ http.ResponseWriter, r *http.Request) { stuck(r) }, center.KindSlow},
		"body dribbles":      {dribble, center.KindSlow},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, nil, c.h, nil)
			if c.kind == center.KindSlow {
				s.options.Timeout = 2 * time.Second
			}
			start := time.Now()
			got, err := open(t, s.options).Status(t.Context(), "15042900000001", zero, zero)
			if kindOf(err) != c.kind || (got == nil) == (err == nil) {
				t.Errorf("got %v, want %q", err, c.kind)
			}
			if d := time.Since(start); d > time.Minute {
				t.Errorf("took %v", d)
			}
		})
	}
}

func TestFault_verifyAnswer(t *testing.T) {
	o := newOffice(t)
	with := func(name string, value any) map[string]any {
		a := o.answer(t, o.first, nil)
		a[name] = value
		return a
	}
	other := "0190a1b2-c3d4-7e5f-8a6b-112233445577"
	cases := map[string]struct {
		answer map[string]any
		kind   center.Kind
	}{
		"honest":                   {o.answer(t, o.first, nil), ""},
		"invalid seal":             {o.answer(t, o.first, func(r *receipt.Receipt) { r.Verdict = receipt.VerdictInvalid }), ""},
		"receipt of another seal":  {o.answer(t, o.second, nil), center.KindReceipt},
		"receipt of another asker": {o.answer(t, o.first, func(r *receipt.Receipt) { r.RequestID = other }), center.KindReceipt},
		"wrong digest":             {o.answer(t, o.first, func(r *receipt.Receipt) { r.DataHash = digest([]byte("b")) }), center.KindReceipt},
		"wrong signature digest":   {o.answer(t, o.first, func(r *receipt.Receipt) { r.SignatureSM3 = digest([]byte("b")) }), center.KindReceipt},
		"verdict differs":          {with("verdict", "invalid"), center.KindReceipt},
		"bundle differs":           {with("bundle", 8), center.KindReceipt},
		"reasons differ":           {with("reasons", []string{"E7:SEAL_STATUS"}), center.KindReceipt},
		"receipt is garbage":       {with("receipt", []byte("receipt")), center.KindReceipt},
		"receipt is damaged":       {with("receipt", damaged(o.answer(t, o.first, nil)["receipt"].([]byte))), center.KindReceipt},
		"not base64":               {with("receipt", "***"), center.KindGarbage},
		"no list":                  {with("crls", "x"), center.KindGarbage},
		"unknown verdict":          {with("verdict", "good"), center.KindGarbage},
		"unknown field":            {with("extra", true), center.KindGarbage},
	}
	var body map[string]any
	s := newSite(t, nil, handler(func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, body) }), nil)
	c := open(t, s.options)
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			body = k.answer
			got, err := c.Verify(t.Context(), o.request())
			if kindOf(err) != k.kind || (got == nil) == (err == nil) {
				t.Errorf("got %v, want %q", err, k.kind)
			}
		})
	}
}

// TestVerify_changedDocument: the receipt states what was sealed. Where the document is another by now, that can only be what is wrong.
func TestVerify_changedDocument(t *testing.T) {
	o := newOffice(t)
	var body map[string]any
	s := newSite(t, nil, handler(func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, body) }), nil)
	c, r := open(t, s.options), o.request()
	r.DataHash[0] ^= 1
	body = o.answer(t, o.first, func(r *receipt.Receipt) { r.Verdict = receipt.VerdictInvalid })
	if a, err := c.Verify(t.Context(), r); err != nil || a.Verdict != receipt.VerdictInvalid {
		t.Errorf("%+v, %v", a, err)
	}
	body = o.answer(t, o.first, nil)
	if _, err := c.Verify(t.Context(), r); kindOf(err) != center.KindReceipt {
		t.Errorf("valid for another document: %v", err)
	}
}

func damaged(b []byte) []byte {
	b[len(b)-1] ^= 1
	return b
}

func TestFault_bundle(t *testing.T) {
	noLeak(t)
	octets := func(w http.ResponseWriter, etag string) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("ETag", etag)
	}
	var asked atomic.Int32
	cases := map[string]struct {
		h     http.HandlerFunc
		kind  center.Kind
		asked int32
	}{
		"no number": {func(w http.ResponseWriter, _ *http.Request) { octets(w, "x"); _, _ = io.WriteString(w, "b") }, center.KindGarbage, 1},
		"HTML": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"3"`)
			_, _ = io.WriteString(w, "<html>")
		}, center.KindGarbage, 1},
		"half": {func(w http.ResponseWriter, _ *http.Request) {
			octets(w, `"3"`)
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, zeros[:50_000])
		}, center.KindHalf, 1},
		"cut at once": {func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }, center.KindHalf, 3},
		"10 GB": {func(w http.ResponseWriter, _ *http.Request) {
			octets(w, `"3"`)
			w.Header().Set("Content-Length", "10000000000")
			_, _ = io.WriteString(w, zeros)
		}, center.KindTooLarge, 1},
		"stalls": {func(w http.ResponseWriter, r *http.Request) {
			octets(w, `"3"`)
			_, _ = io.WriteString(w, zeros)
			_ = http.NewResponseController(w).Flush()
			stuck(r)
		}, center.KindSlow, 1},
		"slow but fed": {func(w http.ResponseWriter, _ *http.Request) { octets(w, `"3"`); fed(w) }, "", 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			asked.Store(0)
			s := newSite(t, nil, handler(func(w http.ResponseWriter, r *http.Request) { asked.Add(1); c.h(w, r) }), nil)
			switch {
			case c.kind == center.KindSlow:
				s.options.Timeout = 1500 * time.Millisecond
			case name == "slow but fed":
				s.options.Timeout = fedFor - time.Second
			}
			n, changed, err := open(t, s.options).Bundle(t.Context(), io.Discard, 2)
			if kindOf(err) != c.kind || (err == nil) != (n == 3 && changed) {
				t.Errorf("got %d, %v, %v, want %q", n, changed, err, c.kind)
			}
			if asked.Load() != c.asked {
				t.Errorf("asked %d times, want %d", asked.Load(), c.asked)
			}
		})
	}
	s := newSite(t, nil, handler(func(w http.ResponseWriter, _ *http.Request) { octets(w, `"3"`); _, _ = io.WriteString(w, zeros) }), nil)
	if _, _, err := open(t, s.options).Bundle(t.Context(), fullDisk{}, 0); !errors.Is(err, errFull) {
		t.Errorf("full disk: %v", err)
	}
	s = newSite(t, nil, handler(func(w http.ResponseWriter, _ *http.Request) { octets(w, `"3"`); w.WriteHeader(http.StatusNotModified) }), nil)
	if _, changed, err := open(t, s.options).Bundle(t.Context(), io.Discard, 0); kindOf(err) != center.KindGarbage {
		t.Errorf("not modified, although nothing was had: %v, %v", changed, err)
	}
}

// TestFault_bundleEndsWithTheClient: a server that ends a half bundle in good
// form because it sees its client leave does not make it a whole one.
func TestFault_bundleEndsWithTheClient(t *testing.T) {
	s := newSite(t, nil, handler(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("ETag", `"3"`)
		_, _ = io.WriteString(w, zeros)
		_ = http.NewResponseController(w).Flush()
		stuck(r)
	}), nil)
	s.options.Timeout = 50 * time.Millisecond
	for range 30 {
		if _, _, err := open(t, s.options).Bundle(t.Context(), io.Discard, 0); kindOf(err) != center.KindSlow {
			t.Fatalf("got %v", err)
		}
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// fedFor is how long fed takes.
const fedFor = 5 * time.Second

// fed takes longer than the time limit, but never that long without a byte.
func fed(w http.ResponseWriter) {
	for start := time.Now(); time.Since(start) < fedFor; time.Sleep(200 * time.Millisecond) {
		_, _ = io.WriteString(w, "bundle")
		_ = http.NewResponseController(w).Flush()
	}
}

// TestFault_endlessAnswer: 10 GB of blanks before an answer, with and without a length, cost bounded memory.
func TestFault_endlessAnswer(t *testing.T) {
	noLeak(t)
	const size = 10_000_000_000
	var peak atomic.Uint64
	for name, length := range map[string]bool{"with a length": true, "in chunks": false} {
		t.Run(name, func(t *testing.T) {
			blanks := []byte(strings.Repeat(" ", 1<<20))
			s := newSite(t, nil, handler(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if length {
					w.Header().Set("Content-Length", fmt.Sprint(size))
				}
				for sent := 0; sent < size; sent += len(blanks) {
					if _, err := w.Write(blanks); err != nil {
						return
					}
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					peak.Store(max(peak.Load(), m.HeapInuse))
				}
			}), nil)
			if _, err := open(t, s.options).Status(t.Context(), "1", zero, zero); kindOf(err) != center.KindTooLarge {
				t.Errorf("got %v", err)
			}
		})
	}
	if peak.Load() == 0 || peak.Load() > 128<<20 {
		t.Errorf("%d MB of memory in use", peak.Load()>>20)
	}
}
