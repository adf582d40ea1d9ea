package trust

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
)

// updater is a root of bundles with an update certificate under it.
type updater struct{ root, update *node }

func newUpdater(t testing.TB, label string) updater {
	root := ca("信任包根"+label, 0)
	root.KeyUsage = gm.KeyUsageKeyCertSign
	u := updater{root: issue(t, "bundle root "+label, root, nil)}
	update := end("信任包签发" + label)
	update.KeyUsage = gm.KeyUsageDigitalSignature
	u.update = issue(t, "bundle update "+label, update, u.root)
	return u
}

func (u updater) key() cms.Key { return cms.MemoryKey(u.update.cert.Raw, u.update.key) }

func (u updater) pin() string { return Fingerprint(u.root.cert.Raw) }

// world is what the bundle of the tests speaks of.
type world struct {
	root, maker, signer, tsa *node
	by                       updater
}

func newWorld(t testing.TB) *world {
	root := issue(t, "root", ca("根", -1), nil)
	return &world{root: root, maker: issue(t, "maker", end("制章单位"), root), signer: issue(t, "signer", end("示范旗人民政府"), root),
		tsa: issue(t, "tsa", end("时间戳"), root), by: newUpdater(t, "")}
}

func (w *world) spec(t testing.TB) BundleSpec {
	makerSum := w.maker.cert.Fingerprint()
	return BundleSpec{Centre: Centre{ID: "nm", Name: "统一验证中心"}, Number: 3, Issued: now, Expires: now.AddDate(0, 6, 0),
		Roots: [][]byte{w.by.root.cert.Raw}, Anchors: []Anchor{anchor(PurposeSigner, w.root), anchor(PurposeMaker, w.root), anchor(PurposeTimestamp, w.tsa)},
		CRLs:        [][]byte{crl(t, w.root, now, now.AddDate(0, 1, 0), nil)},
		Departments: []Department{{Name: "示范旗办公室", Division: "152999", Level: LevelBanner, Makers: []string{fmt.Sprintf("%x", makerSum)}}},
		Policy:      Policy{StaleAfterDays: 90, GraceHours: 24, Locked: []Setting{{"output.existing", "error"}}, Workstations: []string{"PC-1"}},
	}
}

func sealID(i int) string { return fmt.Sprintf("152999%08d", i) }

// seals are n seals; every 16th was suspended and resumed, every 10th is cancelled.
func seals(n int) iter.Seq[SealRecord] {
	return func(yield func(SealRecord) bool) {
		for i := range n {
			r := SealRecord{ID: sealID(i), Division: "152999", History: []SealStatus{{Status: StatusInForce, Since: day(-100)}}}
			if i%16 == 0 {
				r.History = append(r.History, SealStatus{Status: StatusSuspended, Since: day(-60)}, SealStatus{Status: StatusInForce, Since: day(-50)})
			}
			if i%10 == 0 {
				r.History = append(r.History, SealStatus{Status: StatusCancelled, Since: day(-10)})
			}
			if !yield(r) {
				return
			}
		}
	}
}

func day(n int) time.Time { return now.AddDate(0, 0, n) }

func write(t testing.TB, spec BundleSpec, seals iter.Seq[SealRecord], keys ...cms.Key) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := WriteBundle(context.Background(), &buf, spec, seals, keys...); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func readBundle(b []byte, pins ...string) (*Store, error) {
	return Read(bytes.NewReader(b), int64(len(b)), Pins{Roots: pins})
}

func mustRead(t testing.TB, b []byte, pins ...string) *Store {
	t.Helper()
	s, err := readBundle(b, pins...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// answers is everything that a bundle of n seals says, in one text.
func answers(s *Store, w *world, n int) (string, error) {
	var out bytes.Buffer
	fmt.Fprintln(&out, s.Number(), s.Centre(), s.Issued(), s.Expires(), s.Previous(), s.Roots(), s.SignedBy(), s.Pinned(), s.Departments(), s.Policy(), s.Seals(), s.Lists())
	for _, a := range s.Anchors() {
		fmt.Fprintf(&out, "%s %v %x\n", a.Purpose, a.Intermediate, a.Certificate.Fingerprint())
	}
	fmt.Fprintln(&out, s.Chain(w.signer.cert, PurposeSigner).Status, s.Revocation(w.signer.cert, w.root.cert, now).Status)
	for i := range n + 2 {
		h, listed, err := s.SealHistory(sealID(i))
		if err != nil {
			return "", err
		}
		fmt.Fprintln(&out, listed, h)
	}
	return out.String(), nil
}

func clone(b []byte) []byte { return slices.Clone(b) }
