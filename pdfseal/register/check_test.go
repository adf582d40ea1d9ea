package register_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/register"
)

// damageCase is one way to damage a register at record k (from 1), and what must be found.
type damageCase struct {
	name string
	do   func(lines [][]byte, k int) [][]byte
	want func(k int) register.Finding // Code, Seq, and To where a range is meant; Line where it is known
	to   int                          // largest k, 0: all
}

func sameAs(code register.Code) func(int) register.Finding {
	return func(k int) register.Finding { return register.Finding{Code: code, Seq: int64(k), Line: int64(k)} }
}

const size = 40

var foreign = []byte("15000000000000")

func replaced(line []byte, with string) []byte {
	return bytes.Replace(line, foreign, []byte(with), 1)
}

var damages = []damageCase{
	{name: "delete", do: func(l [][]byte, k int) [][]byte { return slices.Delete(l, k-1, k) },
		want: func(k int) register.Finding {
			code := register.CodeMissing
			if k == size {
				code = register.CodeCut
			}
			return register.Finding{Code: code, Seq: int64(k), To: int64(k)}
		}},
	{name: "delete three", do: func(l [][]byte, k int) [][]byte { return slices.Delete(l, k-1, k+2) }, to: size - 3,
		want: func(k int) register.Finding {
			return register.Finding{Code: register.CodeMissing, Seq: int64(k), To: int64(k + 2)}
		}},
	{name: "change", do: func(l [][]byte, k int) [][]byte { l[k-1] = replaced(l[k-1], "15000000000001"); return l }, want: sameAs(register.CodeChanged)},
	{name: "change and reseal", do: func(l [][]byte, k int) [][]byte { l[k-1] = reseal(replaced(l[k-1], "15000000000001")); return l },
		want: sameAs(register.CodeChanged)},
	{name: "change the number", do: func(l [][]byte, k int) [][]byte {
		l[k-1] = bytes.Replace(l[k-1], fmt.Appendf(nil, `"seq":%d,`, k), []byte(`"seq":77,`), 1)
		return l
	}, want: sameAs(register.CodeChanged)},
	{name: "change the digest", do: func(l [][]byte, k int) [][]byte {
		at := bytes.LastIndexByte(l[k-1], '"') - 1
		l[k-1][at] = "0123456789abcdef"[(strings.IndexByte("0123456789abcdef", l[k-1][at])+1)%16]
		return l
	}, want: sameAs(register.CodeChanged)},
	{name: "change to what is no record", do: func(l [][]byte, k int) [][]byte { l[k-1] = []byte("gone\n"); return l }, want: sameAs(register.CodeUnreadable)},
	{name: "change to an empty line", do: func(l [][]byte, k int) [][]byte { l[k-1] = []byte("\n"); return l }, want: sameAs(register.CodeUnreadable)},
	{name: "insert a copy", do: func(l [][]byte, k int) [][]byte { return slices.Insert(l, k, l[k-1]) },
		want: func(k int) register.Finding { return register.Finding{Code: register.CodeInserted, Seq: int64(k)} }},
	{name: "insert a copy of the first", do: func(l [][]byte, k int) [][]byte { return slices.Insert(l, k, l[0]) },
		want: func(int) register.Finding { return register.Finding{Code: register.CodeInserted, Seq: 1} }},
	{name: "insert a forged record", do: func(l [][]byte, k int) [][]byte {
		return slices.Insert(l, k, reseal(bytes.Replace(replaced(l[k], "15000000000009"), fmt.Appendf(nil, `"seq":%d,`, k+2), fmt.Appendf(nil, `"seq":%d,`, k+1), 1)))
	}, to: size - 1, want: func(k int) register.Finding {
		return register.Finding{Code: register.CodeInserted, Seq: int64(k + 1), Line: int64(k + 1)}
	}},
	{name: "insert a record with a number of its own", do: func(l [][]byte, k int) [][]byte {
		return slices.Insert(l, k, reseal(bytes.Replace(l[k-1], fmt.Appendf(nil, `"seq":%d,`, k), []byte(`"seq":1000,`), 1)))
	}, want: func(k int) register.Finding {
		return register.Finding{Code: register.CodeInserted, Seq: 1000, Line: int64(k + 1)}
	}},
	{name: "insert what is no record", do: func(l [][]byte, k int) [][]byte { return slices.Insert(l, k, []byte("{}\n")) },
		want: func(k int) register.Finding { return register.Finding{Code: register.CodeInserted, Line: int64(k + 1)} }, to: size - 1},
	{name: "swap with the next", do: func(l [][]byte, k int) [][]byte { l[k-1], l[k] = l[k], l[k-1]; return l }, to: size - 1,
		want: func(k int) register.Finding { return register.Finding{Code: register.CodeMoved} }},
	{name: "move to the end", do: func(l [][]byte, k int) [][]byte { return append(slices.Delete(slices.Clone(l), k-1, k), l[k-1]) }, to: size - 2,
		want: func(k int) register.Finding {
			return register.Finding{Code: register.CodeMoved, Seq: int64(k), Line: size}
		}},
	{name: "move to the front", do: func(l [][]byte, k int) [][]byte {
		return slices.Concat([][]byte{l[size-k]}, slices.Delete(slices.Clone(l), size-k, size-k+1))
	}, to: size - 2, want: func(k int) register.Finding {
		return register.Finding{Code: register.CodeMoved, Seq: int64(size - k + 1), Line: 1}
	}},
	{name: "cut", do: func(l [][]byte, k int) [][]byte { return l[:k-1] },
		want: func(k int) register.Finding { return register.Finding{Code: register.CodeCut, Seq: int64(k), To: size} }},
	{name: "cut within a record", do: func(l [][]byte, k int) [][]byte { l[k-1] = l[k-1][:len(l[k-1])/2]; return l[:k] },
		want: func(k int) register.Finding { return register.Finding{Code: register.CodeCut, Seq: int64(k), To: size} }},
}

// TestCheck_everyDamageToEveryRecord damages each record of a register of 40 in every way: it is found, and the place is named. Once
// with the head file, once with a signed checkpoint in its stead (every third record, in a long run every one).
func TestCheck_everyDamageToEveryRecord(t *testing.T) {
	dir, lines := filled(t, size)
	k := key(t)
	headFile := filepath.Join(dir, "head")
	headBytes, err := os.ReadFile(headFile)
	if err != nil {
		t.Fatal(err)
	}
	cp := checkpointOf(t, lines, k)
	if rep := check(t, dir, register.CheckOptions{}); rep.Err() != nil || rep.Records != size || len(rep.Findings) != 0 {
		t.Fatalf("sound register: %+v", rep)
	}
	for _, with := range []string{"head", "checkpoint"} {
		o := register.CheckOptions{}
		if with == "checkpoint" {
			o.Checkpoints = [][]byte{cp}
			if err := os.Remove(headFile); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(headFile, headBytes, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, d := range damages {
			last := d.to
			if last == 0 {
				last = size
			}
			step := 1
			if with == "checkpoint" && os.Getenv("SEALDESK_LONG") != "1" {
				step = 3
			}
			for k := last; k >= 1; k -= step {
				copied := make([][]byte, len(lines))
				for i, l := range lines {
					copied[i] = bytes.Clone(l)
				}
				writeLines(t, dir, d.do(copied, k))
				rep := check(t, dir, o)
				want := d.want(k)
				located := slices.ContainsFunc(rep.Findings, func(f register.Finding) bool { return matches(f, want) }) ||
					with == "checkpoint" && acceptsRange(rep, d.name, k)
				if !errors.Is(rep.Err(), register.ErrBroken) || !located {
					t.Errorf("%s, %s record %d: want %+v in %+v", with, d.name, k, want, rep.Findings)
				}
				if n := damageCount(rep); n > 3 {
					t.Errorf("%s, %s record %d: %d findings for one change: %+v", with, d.name, k, n, rep.Findings)
				}
			}
		}
	}
}

// acceptsRange: without the head file, a last record that was written anew is located by the checkpoint's range only.
func acceptsRange(rep *register.Report, name string, k int) bool {
	return name == "change and reseal" && k == size && slices.ContainsFunc(rep.Findings, func(f register.Finding) bool {
		return f.Code == register.CodeRewritten && f.Seq <= size && f.To == size
	})
}

func damageCount(rep *register.Report) int {
	n := 0
	for _, f := range rep.Findings {
		if f.Damage {
			n++
		}
	}
	return n
}

// matches compares what want names.
func matches(f, want register.Finding) bool {
	return f.Code == want.Code && (want.Seq == 0 || f.Seq == want.Seq) && (want.To == 0 || f.To == want.To) && (want.Line == 0 || f.Line == want.Line) && f.Damage
}

// checkpointOf signs lines in a register of their own and answers the DER.
func checkpointOf(t testing.TB, lines [][]byte, k cms.Key) []byte {
	t.Helper()
	dir := t.TempDir()
	writeLines(t, dir, lines)
	r := open(t, dir, register.Options{Now: newClock().Now})
	_, der, err := r.Checkpoint(ctx, k)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
