package pdfseal

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/trust"
)

// EvidenceOptions says how AddEvidenceFile saves and what it judges the result with.
type EvidenceOptions struct {
	Trust *trust.Store // judges the result, which must not be invalid
	Now   time.Time    // zero: the present moment
	// InPlace gives the result the name of src, whatever dst says; what was there stays as src + ".bak", ".bak2", …
	InPlace bool
	// Commit, where set, is called when the result is final and verified, just before it gets its name; an error ends the saving.
	Commit func(ctx context.Context, done *Enriched) error
}

// Enriched says what one AddEvidenceFile did.
type Enriched struct {
	Sealed              Sealed // the seal that the receipt is about
	Size                int64
	SM3Before, SM3After [32]byte
	Report              *Report // of the finished file
}

// AddEvidenceFile appends the centre's evidence to the sealed file src and saves the result as dst, whole or not at all, as AffixFile does:
// the bytes of src come first and unchanged. Which seal it belongs to is for the receipt to say.
//
// Errors: *EvidenceError, ErrOutputExists, ErrInputChanged, ErrSelfCheck, *SyntaxError, ErrEncrypted, *SaveError and what Commit answers.
func AddEvidenceFile(ctx context.Context, dst, src string, e Evidence, o EvidenceOptions) (*Enriched, error) {
	if o.InPlace {
		dst = src
	} else if err := Absent(dst); err != nil {
		return nil, err
	}
	in, err := OpenFile(src)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	name := publish
	if o.InPlace {
		name = func(tmp, dst string) error { return replace(tmp, dst, in) }
	}
	var done *Enriched
	there, err := saveWhole(dst, func(tmp *os.File) (err error) {
		if done, err = stageEvidence(ctx, tmp, in, e, o); err != nil {
			return err
		}
		done.Report.File = dst
		if o.Commit != nil {
			return o.Commit(ctx, done)
		}
		return nil
	}, name)
	if !there {
		return nil, err
	}
	return done, err
}

// stageEvidence copies src into the temporary file, appends the evidence and verifies the result.
func stageEvidence(ctx context.Context, tmp *os.File, in *File, e Evidence, o EvidenceOptions) (*Enriched, error) {
	w, h := &stepWriter{f: tmp}, gm.NewSM3()
	if err := copySource(ctx, w, h, in, nil); err != nil {
		return nil, err
	}
	g, err := appendEvidence(ctx, w, tmp.Name(), e, &head{in.Size(), h})
	if err != nil {
		return nil, err
	}
	if info, err := in.f.Stat(); err == nil {
		_ = tmp.Chmod(info.Mode().Perm()) // as in stage
	}
	if err := syncClose(tmp); err != nil {
		return nil, err
	}
	if err := in.unchanged(); err != nil {
		return nil, err
	}
	done := &Enriched{Size: g.size, SM3Before: [32]byte(h.Sum(nil)), SM3After: g.sm3}
	if done.Sealed, err = newSealed(g.added.covers.der, g.added.covers.dataHash(), g.sm3); err != nil {
		return nil, err
	}
	done.Report, err = recheck(ctx, tmp.Name(), in, g.sm3, o)
	return done, err
}

// recheck re-opens the staged file: its head must be the input, its digest the one computed while writing, and our verifier must find nothing
// wrong with it. What it cannot judge may be what it could not judge before.
func recheck(ctx context.Context, path string, in *File, sm3 [32]byte, o EvidenceOptions) (*Report, error) {
	out, err := OpenFile(path)
	if err != nil {
		return nil, &SaveError{Step: StepReopen, Path: path, Err: err}
	}
	defer out.Close()
	rep, err := verifyStaged(ctx, in, out, VerifyOptions{Trust: o.Trust, Now: o.Now}, path)
	if err != nil {
		return nil, err
	}
	if rep.Verdict == VerdictInvalid || rep.SM3 != hex.EncodeToString(sm3[:]) {
		return nil, fmt.Errorf("%w: %s", ErrSelfCheck, rep.summary())
	}
	return rep, nil
}

// dataHash is what the seal signature states.
func (c *candidate) dataHash() [32]byte {
	if s := c.signature(); s != nil {
		h, _ := s.Hash()
		return h
	}
	return [32]byte{}
}

// maxBackups bounds the names that replace tries for what it keeps.
const maxBackups = 100

// replace gives the staged file the name dst; what stood there, the file that in was opened on, stays under dst + ".bak", or ".bak2" and so on
// where that exists. There is no moment without a file at dst, and nothing that another process put there meanwhile is replaced. It closes in.
func replace(tmp, dst string, in *File) error {
	mine, err := in.f.Stat()
	if err != nil {
		return &SaveError{Step: StepRename, Path: dst, Err: err}
	}
	in.Close()
	if same, err := standsAt(dst, mine); err != nil || !same {
		return errors.Join(ErrInputChanged, err)
	}
	kept, err := keep(dst, mine)
	if err != nil {
		return &SaveError{Step: StepRename, Path: dst, Err: err}
	}
	if err := os.Rename(tmp, dst); err != nil {
		os.Remove(kept)
		return &SaveError{Step: StepRename, Path: dst, Err: err}
	}
	return nil
}

// keep gives the file at dst a second name. One that a broken attempt has left is taken again.
func keep(dst string, mine os.FileInfo) (kept string, err error) {
	for i := 1; i <= maxBackups; i++ {
		if kept = dst + ".bak"; i > 1 {
			kept += strconv.Itoa(i)
		}
		if err = os.Link(dst, kept); err == nil || !errors.Is(err, os.ErrExist) {
			return kept, err
		}
		if same, _ := standsAt(kept, mine); same {
			return kept, nil
		}
	}
	return "", err
}

// standsAt tells whether path names the file of mine.
func standsAt(path string, mine os.FileInfo) (bool, error) {
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(mine, there), err
}
