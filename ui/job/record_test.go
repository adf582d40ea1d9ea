package job

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/rules"
	"sealdesk/token"
	"sealdesk/ui/explain"
)

// registered is a sealer with a register in a folder of its own.
func (o *office) registered(t testing.TB) (*Sealer, *register.Register) {
	t.Helper()
	r, err := register.Open(filepath.Join(t.TempDir(), "register"), register.Options{Now: o.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	s := o.sealer()
	s.Register = r
	return s, r
}

func records(t testing.TB, r *register.Register) []register.Entry {
	t.Helper()
	var out []register.Entry
	for e, err := range r.Entries(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func kindsOf(list []register.Entry) []register.Kind {
	var out []register.Kind
	for _, e := range list {
		out = append(out, e.Kind)
	}
	return out
}

func sm3Of(t testing.TB, path string) string {
	t.Helper()
	digest, size := documentDigest(context.Background(), path)
	if size == 0 {
		t.Fatalf("%s cannot be read", path)
	}
	return digest
}

func TestSeal_isRecorded(t *testing.T) {
	o, dir := newOffice(t), t.TempDir()
	s, r := o.registered(t)
	docs := []Document{document(t, dir, "a", 1), document(t, dir, "b", 3)}
	ord := order(&asked{}, docs...)
	ord.Reason, ord.Matter, ord.Approver = "批复", register.MatterDecision, "审批人"
	out, err := s.Seal(context.Background(), ord)
	if err != nil {
		t.Fatal(err)
	}
	list := records(t, r)
	want := []register.Kind{register.KindSigning, register.KindIntended, register.KindDone, register.KindSigning, register.KindIntended,
		register.KindDone, register.KindCheckpoint}
	if !slices.Equal(kindsOf(list), want) {
		t.Fatalf("records %v", kindsOf(list))
	}
	uses, _, err := r.Uses(context.Background())
	if err != nil || len(uses) != 2 {
		t.Fatalf("%+v, %v", uses, err)
	}
	cert := o.key.holder.SignCert
	for i, u := range uses {
		d := docs[i]
		if u.Outcome != register.KindDone || u.Before != sm3Of(t, d.In) || u.After != sm3Of(t, d.Out) || u.Output != d.Out || u.File != filepath.Base(d.In) {
			t.Errorf("use %d: %+v", i, u)
		}
		if u.SealID != "11111111111111111111111111111111" || u.SealName != "示范旗人民政府" || u.Key != register.KeyName("00112233", gm.SM3(cert)) || u.Custodian == "" {
			t.Errorf("use %d: seal %s %s, key %s of %s", i, u.SealID, u.SealName, u.Key, u.Custodian)
		}
		if u.Reason != "批复" || u.Matter != register.MatterDecision || u.Approver != "审批人" || u.Result != string(out[i].Affixed.Report.Verdict) {
			t.Errorf("use %d: %+v", i, u)
		}
		if len(u.Marks) != 1 || u.Marks[0] != (register.Mark{Page: []int{1, 3}[i], X: 100, Y: 200, W: 42, H: 42}) {
			t.Errorf("use %d: marks %+v", i, u.Marks)
		}
		if out[i].Record != u.Seq || u.Signature == "" || u.Size != out[i].Affixed.Size {
			t.Errorf("use %d: record %d, %+v", i, out[i].Record, u)
		}
	}
	rep, err := r.Check(context.Background(), register.CheckOptions{})
	if err != nil || rep.Err() != nil || len(rep.Findings) != 0 || rep.Protected != 6 {
		t.Errorf("%+v, %v", rep, err)
	}
}

// TestSeal_everyRefusalIsRecorded: also what never came to the key.
func TestSeal_everyRefusalIsRecorded(t *testing.T) {
	cases := map[string]struct {
		change func(*office, *Sealer, *Order)
		kinds  []register.Kind
		key    string
		seal   bool // the seal is known
	}{
		"no key":                       {func(_ *office, s *Sealer, _ *Order) { s.Provider = &fakeProvider{} }, []register.Kind{register.KindFailed}, "token.none", false},
		"no trust":                     {func(_ *office, s *Sealer, _ *Order) { s.Trust = nil }, []register.Kind{register.KindRefused}, "job.no_trust", false},
		"wrong PIN":                    {func(o *office, _ *Sealer, _ *Order) { o.key.pin = "161803" }, []register.Kind{register.KindFailed}, "token.pin_wrong_low", true},
		"off page":                     {func(_ *office, _ *Sealer, r *Order) { r.Place = Fixed{At: rules.Point{X: 5, Y: 5}} }, []register.Kind{register.KindRefused}, "request.OFF_PAGE", true},
		"no PDF":                       {func(_ *office, _ *Sealer, r *Order) { write(t, r.Documents[0].In, "no PDF") }, []register.Kind{register.KindFailed}, "file.not_pdf", false},
		"not there":                    {func(_ *office, _ *Sealer, r *Order) { r.Documents[0].In += ".gone" }, []register.Kind{register.KindFailed}, "file.missing", false},
		"given up while the key signs": {func(o *office, _ *Sealer, _ *Order) { o.key.signErr = func(int) error { return context.Canceled } }, []register.Kind{register.KindSigning, register.KindFailed}, "cancelled", true},
		"key pulled":                   {func(o *office, _ *Sealer, _ *Order) { o.key.signErr = func(int) error { return token.ErrRemoved } }, []register.Kind{register.KindSigning, register.KindFailed}, "token.removed", true},
		"name taken meanwhile": {func(o *office, _ *Sealer, r *Order) {
			path := r.Documents[0].Out
			o.key.signErr = func(int) error { write(t, path, "mine"); return nil }
		}, []register.Kind{register.KindSigning, register.KindIntended, register.KindRefused}, "file.output_exists", true},
		"expired seal": {func(o *office, s *Sealer, _ *Order) { o.now = o.now.AddDate(2, 0, 0) }, []register.Kind{register.KindRefused}, "job.seal_period", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			s, r := o.registered(t)
			d := document(t, t.TempDir(), "a", 1)
			ord := order(&asked{}, d)
			c.change(o, s, &ord)
			out, err := s.Seal(context.Background(), ord)
			if err == nil {
				t.Fatal("sealed")
			}
			list := records(t, r)
			if !slices.Equal(kindsOf(list), c.kinds) {
				t.Fatalf("records %+v", list)
			}
			last := list[len(list)-1]
			if last.ErrorKey != c.key || (last.SealID != "") != c.seal || last.File != filepath.Base(ord.Documents[0].In) || out[0].Record != list[0].Seq {
				t.Errorf("recorded %+v", last)
			}
			if (last.Before == "") != (name == "not there") {
				t.Errorf("digest of the document: %q", last.Before)
			}
			if rep, err := r.Check(context.Background(), register.CheckOptions{}); err != nil || rep.Err() != nil {
				t.Errorf("%+v, %v", rep, err)
			}
		})
	}
}

// TestSeal_slowDocumentIsRecorded: a document that takes longer to read than anybody waits is recorded all the same, without digest.
func TestSeal_slowDocumentIsRecorded(t *testing.T) {
	defer func(d time.Duration) { digestPatience = d }(digestPatience)
	digestPatience = time.Nanosecond
	o := newOffice(t)
	s, r := o.registered(t)
	d := document(t, t.TempDir(), "a", 1)
	write(t, d.In, strings.Repeat("no PDF\n", 1<<19))
	if _, err := s.Seal(context.Background(), order(&asked{}, d)); explain.Error(err).Key != "file.not_pdf" {
		t.Fatalf("error %v", err)
	}
	list := records(t, r)
	if len(list) != 1 || list[0].ErrorKey != "file.not_pdf" || list[0].Before != "" {
		t.Fatalf("records %+v", list)
	}
}

// TestSeal_cancelIsNoFailure: who gives up before the key is asked leaves no record, neither at the PIN nor between two documents.
func TestSeal_cancelIsNoFailure(t *testing.T) {
	first := []register.Kind{register.KindSigning, register.KindIntended, register.KindDone, register.KindCheckpoint}
	cases := map[string]struct {
		change func(*Sealer, *Order, context.CancelFunc)
		kinds  []register.Kind
	}{
		"at the PIN": {func(_ *Sealer, r *Order, _ context.CancelFunc) { r.PIN = cancelPIN }, nil},
		"while the key waits": {func(_ *Sealer, r *Order, _ context.CancelFunc) {
			r.PIN = func(context.Context, token.PINRequest) (token.PIN, error) { return token.PIN{}, context.Canceled }
		}, nil},
		"before the second document": {func(s *Sealer, _ *Order, stop context.CancelFunc) { s.Register = stoppedWhenDone{s.Register, stop} }, first},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o, dir := newOffice(t), t.TempDir()
			s, r := o.registered(t)
			docs := []Document{document(t, dir, "a", 1), document(t, dir, "b", 1)}
			ord := order(&asked{}, docs...)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			c.change(s, &ord, cancel)
			out, err := s.Seal(ctx, ord)
			if explain.Error(err).Exit != explain.ExitCancelled {
				t.Fatalf("error %v", err)
			}
			list := records(t, r)
			if !slices.Equal(kindsOf(list), c.kinds) {
				t.Fatalf("records %+v", list)
			}
			for i := range out {
				if _, err := os.Stat(out[i].Out); (err == nil) != (out[i].Status == Sealed) || (out[i].Record != 0) != (err == nil) {
					t.Errorf("document %d: %+v, %v", i, out[i], err)
				}
			}
		})
	}
}

// stoppedWhenDone is a register after whose first finished document the user gives up.
type stoppedWhenDone struct {
	Recorder
	stop context.CancelFunc
}

func (s stoppedWhenDone) Append(ctx context.Context, e register.Entry) (register.Entry, error) {
	if e.Kind == register.KindDone {
		defer s.stop()
	}
	return s.Recorder.Append(ctx, e)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func cancelPIN(context.Context, token.PINRequest) (token.PIN, error) {
	return token.PIN{}, token.ErrPINCancelled
}

// fullRegister refuses records from the n-th on.
type fullRegister struct {
	*register.Register
	left int
}

var errFull = &register.Error{Op: "append", Err: errors.New("no space left on device")}

func (f *fullRegister) Append(ctx context.Context, e register.Entry) (register.Entry, error) {
	if f.left--; f.left < 0 {
		return register.Entry{}, errFull
	}
	return f.Register.Append(ctx, e)
}

// TestSeal_noStepWithoutItsRecord fails each record in turn: what comes after it does not happen, and the batch ends. The second signature
// of the last case is that of the checkpoint over the document that was sealed.
func TestSeal_noStepWithoutItsRecord(t *testing.T) {
	for n, c := range []struct {
		signatures int
		outputs    int
		key        string
	}{{0, 0, "register.unusable"}, {1, 0, "register.unusable"}, {1, 1, "register.unfinished"}, {2, 1, "register.unusable"}} {
		o, dir := newOffice(t), t.TempDir()
		s, r := o.registered(t)
		s.Register = &fullRegister{Register: r, left: n}
		docs := []Document{document(t, dir, "a", 1), document(t, dir, "b", 1), document(t, dir, "c", 1)}
		out, err := s.Seal(context.Background(), order(&asked{}, docs...))
		var e *register.Error
		if !errors.As(err, &e) || out[2].Status != NotStarted {
			t.Errorf("record %d: error %v, %+v", n, err, out[2])
		}
		outputs := 0
		for _, d := range docs {
			if _, err := os.Stat(d.Out); err == nil {
				outputs++
			}
		}
		if o.key.signatures != c.signatures || outputs != c.outputs {
			t.Errorf("record %d: %d signatures, %d files", n, o.key.signatures, outputs)
		}
		failed := out[slices.IndexFunc(out, func(o Outcome) bool { return o.Err != nil })]
		if c.key == "register.unfinished" && (failed.Affixed == nil || !isSituation(failed.Err, c.key)) {
			t.Errorf("record %d: %+v", n, failed)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != len(docs)+c.outputs {
			t.Errorf("record %d: left %v", n, entries)
		}
	}
}

// TestSeal_brokenRegister: nothing is sealed, and no PIN is asked.
func TestSeal_brokenRegister(t *testing.T) {
	o, ask := newOffice(t), &asked{}
	s, r := o.registered(t)
	for range 2 {
		if _, err := r.Append(context.Background(), register.Entry{Kind: register.KindFailed}); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(r.Dir(), "register.jsonl"), "{}\n")
	d := document(t, t.TempDir(), "a", 1)
	out, err := s.Seal(context.Background(), order(ask, d))
	if !errors.Is(err, register.ErrBroken) || len(ask.requests) != 0 || out[0].Status != Failed || o.key.signatures != 0 {
		t.Errorf("error %v, %+v", err, out)
	}
	noOutput(t, d)
}

// TestSeal_checkpointFails: the documents are sealed all the same.
func TestSeal_checkpointFails(t *testing.T) {
	o := newOffice(t)
	s, r := o.registered(t)
	s.Register = noCheckpoint{r}
	out, err := s.Seal(context.Background(), order(&asked{}, document(t, t.TempDir(), "a", 1)))
	if err != nil || out[0].Status != Sealed || len(records(t, r)) != 3 {
		t.Errorf("%v, %+v", err, out)
	}
}

type noCheckpoint struct{ *register.Register }

func (noCheckpoint) Checkpoint(context.Context, cms.Key) (register.Checkpoint, []byte, error) {
	return register.Checkpoint{}, nil, token.ErrRemoved
}

// TestSeal_settlesFirst: what a crash has left is closed before the next document, and the caller is told.
func TestSeal_settlesFirst(t *testing.T) {
	o, dir := newOffice(t), t.TempDir()
	s, r := o.registered(t)
	dead, err := register.Open(r.Dir(), register.Options{Now: o.clock})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dead.Append(context.Background(), register.Entry{Kind: register.KindIntended, Output: filepath.Join(dir, "lost.pdf"), Size: 1}); err != nil {
		t.Fatal(err)
	}
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	var told []register.Settled
	ord := order(&asked{}, document(t, dir, "a", 1))
	ord.Settled = func(list []register.Settled) { told = list }
	if _, err := s.Seal(context.Background(), ord); err != nil {
		t.Fatal(err)
	}
	list := records(t, r)
	if len(told) != 1 || told[0].Fate != register.FateAbsent || list[1].Kind != register.KindFailed || list[1].Ref != 1 {
		t.Errorf("told %+v, records %v", told, kindsOf(list))
	}
}

var _ Recorder = (*register.Register)(nil)
var _ pdfseal.Signer = recordingSigner{}
