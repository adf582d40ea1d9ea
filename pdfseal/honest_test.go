package pdfseal_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/sealtest"
)

// honestSeals is how often each base is sealed.
const honestSeals = 5

// TestHonest_corpus seals every base of the corpus that seals one to five times, without evidence and with a receipt behind each seal, in the
// short run every hundredth base: each state is valid, and every later seal and receipt is reported as an addition.
func TestHonest_corpus(t *testing.T) {
	o := newOffice(t)
	var files []corpusFile
	for _, c := range corpus(t) {
		if c.sealable() && refusedFiles[c.name()] == "" {
			files = append(files, c)
		}
	}
	step := 1
	if !isLong() {
		step = 100
	}
	var mu sync.Mutex
	states, bases, fewer := 0, 0, 0
	parallel((len(files)+step-1)/step, func(next func() (int, bool)) {
		for i, ok := next(); ok; i, ok = next() {
			n := honestOne(t, o, files[i*step])
			mu.Lock()
			bases, states = bases+1, states+n
			if n < 2*honestSeals {
				fewer++
			}
			mu.Unlock()
		}
	})
	t.Logf("%d bases in %d sealed states, all valid unless named above; %d have no room for %d seals", bases, states, fewer, honestSeals)
	if bases == 0 || states < bases*2*honestSeals*9/10 {
		t.Errorf("%d bases, %d states", bases, states)
	}
}

// honestOne makes and judges the states of one base and says how many there are.
func honestOne(t *testing.T, o *office, c corpusFile) (states int) {
	src, err := os.ReadFile(c.path)
	if err != nil {
		t.Error(err)
		return 0
	}
	w, h, err := pdfseal.PageSize(context.Background(), bytes.NewReader(src), 1)
	if err != nil {
		t.Errorf("%s: %v", c.name(), err)
		return 0
	}
	side := max(1, min(20, int(min(w, h)/7)))
	for _, receipts := range []bool{false, true} {
		doc := src
		for i := range honestSeals {
			x := 1.2 * float64(side) * (float64(i) + 0.6)
			if x+float64(side)/2 > w || float64(side) > h {
				break
			}
			if doc, err = o.honest(t, doc, i%3, side, honestPlace{marks: []pdfseal.Mark{{Page: 1, X: x, Y: h / 2}}}, receipts, i); err != nil {
				t.Errorf("%s, seal %d: %v", c.name(), i+1, err)
				break
			}
			states++
			if msg := o.falseAlarm(doc, i+1, receipts); msg != "" {
				t.Errorf("%s, %d seals, receipts %v: %s", c.name(), i+1, receipts, msg)
			}
		}
	}
	return states
}

// honestPlace is where an honest seal stands.
type honestPlace struct {
	marks    []pdfseal.Mark
	straddle *pdfseal.Straddle
}

// honest seals a document once more, and adds a receipt where asked.
func (o *office) honest(t *testing.T, doc []byte, unit, side int, at honestPlace, receipt bool, n int) ([]byte, error) {
	seal, err := o.pki.NewSeal(sealtest.SealSpec{ID: fmt.Sprintf("1525010000000%d", unit), Name: "示范旗", Picture: sealtest.SquarePicture(24), WidthMM: side, HeightMM: side,
		ValidFrom: now.AddDate(-1, 0, 0), ValidTo: now.AddDate(2, 0, 0)}, o.holder[unit])
	if err != nil {
		return nil, err
	}
	req := o.request(unit, at.marks...)
	req.Seal, req.Straddle = seal, at.straddle
	var out bytes.Buffer
	if _, err := pdfseal.Affix(context.Background(), &out, bytes.NewReader(doc), req); err != nil {
		return nil, err
	}
	if !receipt {
		return out.Bytes(), nil
	}
	return o.tryAdd(t, out.Bytes(), o.evidence(t, out.Bytes(), n, nil))
}

// falseAlarm says what is wrong with the report on an honest document; "" is nothing.
func (o *office) falseAlarm(doc []byte, seals int, receipts bool) string {
	rep, err := pdfseal.Verify(context.Background(), bytes.NewReader(doc), pdfseal.VerifyOptions{Trust: o.trust, Now: checked})
	if err != nil {
		return err.Error()
	}
	want, changes := pdfseal.VerdictValidNotice, seals-1 // the time is only claimed
	if receipts {
		want, changes = pdfseal.VerdictValid, 2*seals-1
	}
	if rep.Verdict != want || len(rep.Seals) != seals || len(rep.Changes) != changes {
		return fmt.Sprintf("%s with %d seals and %d changes\n%s", rep.Verdict, len(rep.Seals), len(rep.Changes), failures(rep))
	}
	for _, c := range rep.Changes {
		if !c.Permitted() {
			return fmt.Sprintf("%+v is no addition", c)
		}
	}
	return ""
}
