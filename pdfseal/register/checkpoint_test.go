package register_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/register"
)

// signedRegister has 30 records and checkpoints over 10, and over 21 with the record of the first.
func signedRegister(t testing.TB) (dir string, ders [][]byte) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "register")
	c := newClock()
	r := open(t, dir, register.Options{Now: c.Now})
	for i := range 29 {
		if i == 10 || i == 20 {
			cp, der, err := r.Checkpoint(ctx, key(t))
			if err != nil {
				t.Fatal(err)
			}
			if want := int64(i + i/10 - 1); cp.Size != want {
				t.Fatalf("checkpoint over %d records, want %d", cp.Size, want)
			}
			ders = append(ders, der)
		}
		add(t, r, use(i))
	}
	last, err := r.LastCheckpoint()
	if err != nil || !bytes.Equal(last, ders[1]) {
		t.Fatalf("last checkpoint: %v", err)
	}
	r.Close()
	return dir, ders
}

func TestCheckpoint(t *testing.T) {
	dir, ders := signedRegister(t)
	rep := check(t, dir, register.CheckOptions{Checkpoints: ders, Trusted: func([]byte) error { return nil }})
	if rep.Err() != nil || len(rep.Findings) != 0 || rep.Protected != 21 || rep.Records != 31 || rep.Signed.IsZero() {
		t.Fatalf("%+v", rep)
	}
	s, err := register.ParseCheckpoint(ders[0])
	if err != nil || s.Size != 10 || !bytes.Equal(s.SignerCert, key(t).Certificate()) || s.Format != register.CheckpointFormat {
		t.Fatalf("%+v, %v", s, err)
	}
	if rep := check(t, dir, register.CheckOptions{Trusted: func([]byte) error { return errors.New("unknown") }}); rep.Err() != nil || !has(rep, register.CodeCheckpointSigner) {
		t.Errorf("untrusted signer: %+v", rep)
	}
	r := open(t, t.TempDir(), register.Options{})
	if _, der, err := r.Checkpoint(ctx, key(t)); err != nil || der != nil {
		t.Errorf("empty register: %d bytes, %v", len(der), err)
	}
}

// TestCheckpoint_openssl has OpenSSL read the structure and the digest of the content.
func TestCheckpoint_openssl(t *testing.T) {
	tool, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: apt-get install openssl")
	}
	_, ders := signedRegister(t)
	path := filepath.Join(t.TempDir(), "c.p7")
	put(t, path, ders[0])
	out, err := exec.Command(tool, "asn1parse", "-inform", "DER", "-in", path).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("sm3")) || !bytes.Contains(out, []byte("signingTime")) {
		t.Fatalf("%v\n%s", err, out)
	}
	s, err := cms.Parse(ders[0])
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, s.Content)
	if out, err = exec.Command(tool, "dgst", "-sm3", "-binary", path).Output(); err != nil || !bytes.Contains(ders[0], out) {
		t.Errorf("the messageDigest is not what openssl computes: %v %x", err, out)
	}
}

// TestCheck_checkpoints: a chain that was computed anew hangs together; the checkpoints tell, and from where on.
func TestCheck_checkpoints(t *testing.T) {
	dir, ders := signedRegister(t)
	lines := readLines(t, dir)
	cases := map[string]struct {
		from     int // record from which the chain is computed anew
		code     register.Code
		seq, to  int64
		external bool // only the checkpoint kept elsewhere is left
	}{
		"before the first":         {from: 5, code: register.CodeRewritten, seq: 1, to: 10},
		"before the second":        {from: 15, code: register.CodeRewritten, seq: 11, to: 21},
		"known elsewhere only":     {from: 15, code: register.CodeRewritten, seq: 1, to: 21, external: true},
		"from the first, external": {from: 1, code: register.CodeCheckpointForeign, seq: 21, external: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir2 := filepath.Join(t.TempDir(), "register")
			if err := os.CopyFS(dir2, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			remove(t, filepath.Join(dir2, "head"))
			o := register.CheckOptions{}
			if c.external {
				if err := os.RemoveAll(filepath.Join(dir2, "checkpoints")); err != nil {
					t.Fatal(err)
				}
				o.Checkpoints = ders[1:]
			}
			forged := slices.Clone(lines)
			forged[c.from-1] = replaced(forged[c.from-1], "15000000000001")
			writeLines(t, dir2, rechain(t, forged, c.from))
			rep := check(t, dir2, o)
			if !slices.ContainsFunc(rep.Findings, func(f register.Finding) bool { return f.Code == c.code && f.Seq == c.seq && f.To == c.to && f.Damage }) {
				t.Errorf("%+v", rep.Findings)
			}
		})
	}
}

// rechain computes the digests of all records from one on anew.
func rechain(t testing.TB, lines [][]byte, from int) [][]byte {
	t.Helper()
	for i := from - 1; i < len(lines); i++ {
		if i >= from {
			sum := lines[i-1][len(lines[i-1])-67 : len(lines[i-1])-3]
			at := bytes.Index(lines[i], []byte(`"prev":"`)) + 8
			lines[i] = slices.Concat(lines[i][:at], sum, lines[i][at+64:])
		}
		lines[i] = reseal(lines[i])
	}
	return lines
}

func TestCheck_checkpointFiles(t *testing.T) {
	cases := map[string]struct {
		do   func(t *testing.T, names []string)
		code register.Code
	}{
		"deleted": {func(t *testing.T, n []string) { remove(t, n[0]) }, register.CodeCheckpointMissing},
		"changed": {func(t *testing.T, n []string) {
			b, err := os.ReadFile(n[0])
			if err != nil {
				t.Fatal(err)
			}
			b[len(b)/2] ^= 1
			put(t, n[0], b)
		}, register.CodeCheckpointBad},
		"garbage": {func(t *testing.T, n []string) {
			put(t, filepath.Join(filepath.Dir(n[0]), "000000000001-x.p7"), []byte("x"))
		}, register.CodeCheckpointBad},
		"too large": {func(t *testing.T, n []string) {
			put(t, filepath.Join(filepath.Dir(n[0]), "000000000001-x.p7"), make([]byte, 1<<20))
		}, register.CodeCheckpointBad},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir, _ := signedRegister(t)
			names, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*.p7"))
			if err != nil || len(names) != 2 {
				t.Fatalf("%v, %v", names, err)
			}
			c.do(t, names)
			if rep := check(t, dir, register.CheckOptions{}); !has(rep, c.code) || rep.Err() == nil {
				t.Errorf("%+v", rep)
			}
		})
	}
}

// TestAppend_afterTheEndWasCut: with the head file gone too, the name of the checkpoint tells.
func TestAppend_afterTheEndWasCut(t *testing.T) {
	dir, _ := signedRegister(t)
	remove(t, filepath.Join(dir, "head"))
	writeLines(t, dir, readLines(t, dir)[:20])
	r := open(t, dir, register.Options{})
	if _, err := r.Append(ctx, use(1)); !errors.Is(err, register.ErrBroken) {
		t.Errorf("append: %v", err)
	}
	if _, _, err := r.Checkpoint(ctx, key(t)); !errors.Is(err, register.ErrBroken) {
		t.Errorf("checkpoint: %v", err)
	}
}

type failingKey struct{ cms.Key }

func (failingKey) SignSM2(context.Context, []byte) ([]byte, error) { return nil, errKey }

var errKey = errors.New("the key was pulled")

func TestCheckpoint_keyFails(t *testing.T) {
	dir, _ := filled(t, 3)
	c := newClock()
	c.turn(time.Hour)
	r := open(t, dir, register.Options{Now: c.Now})
	if _, _, err := r.Checkpoint(ctx, failingKey{key(t)}); !errors.Is(err, errKey) {
		t.Errorf("error %v", err)
	}
	if rep := check(t, dir, register.CheckOptions{}); rep.Err() != nil || rep.Records != 3 {
		t.Errorf("%+v", rep)
	}
	if names, _ := os.ReadDir(filepath.Join(dir, "checkpoints")); len(names) != 0 {
		t.Errorf("left: %v", names)
	}
}
