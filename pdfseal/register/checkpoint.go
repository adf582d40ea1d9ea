package register

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/durable"
)

// CheckpointFormat stands in every checkpoint.
const CheckpointFormat = "sealdesk-checkpoint/1"

// maxCheckpoint bounds the DER of a checkpoint.
const maxCheckpoint = 64 << 10

// Checkpoint fixes a register up to a record. It is signed as GM/T 0010 SignedData over its JSON.
type Checkpoint struct {
	Format   string    `json:"format"`   // CheckpointFormat
	Register string    `json:"register"` // digest of the first record: tells registers apart
	Size     int64     `json:"size"`     // number of records
	Head     string    `json:"head"`     // digest of the last of them
	Time     time.Time `json:"time"`     // UTC, by the clock of the office computer
}

// SignedCheckpoint is a checkpoint as read. The signature value has been checked with SignerCert; whether that is to be trusted has not.
type SignedCheckpoint struct {
	Checkpoint
	Raw        []byte // DER
	SignerCert []byte // DER
}

// ParseCheckpoint reads a signed checkpoint in the form in which Checkpoint writes it, and checks its signature. Another form, a wrong
// signature and too many bytes are errors; whether the signer is trusted is for the caller.
func ParseCheckpoint(der []byte) (*SignedCheckpoint, error) {
	if len(der) > maxCheckpoint {
		return nil, fmt.Errorf("register: checkpoint: more than %d bytes", maxCheckpoint)
	}
	s, err := cms.Parse(der)
	if err != nil {
		return nil, fmt.Errorf("register: checkpoint: %w", err)
	}
	result, err := s.VerifyOwn()
	if err != nil {
		return nil, fmt.Errorf("register: checkpoint: %w", err)
	}
	c, err := parseCheckpoint(s.Content)
	if err != nil {
		return nil, fmt.Errorf("register: checkpoint: %w", err)
	}
	return &SignedCheckpoint{Checkpoint: *c, Raw: s.Raw, SignerCert: result.SignerCert}, nil
}

func parseCheckpoint(b []byte) (*Checkpoint, error) {
	var c Checkpoint
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, err
	}
	if again, err := json.Marshal(c); err != nil || !bytes.Equal(again, b) {
		return nil, errors.New("not in the form in which it is written")
	}
	if c.Format != CheckpointFormat || c.Size < 1 || c.Time.IsZero() {
		return nil, fmt.Errorf("format %q, size %d", c.Format, c.Size)
	}
	for _, d := range []string{c.Register, c.Head} {
		if _, err := digest(d); err != nil {
			return nil, err
		}
	}
	return &c, nil
}

// Checkpoint has the key sign the register as it is now, keeps the result below checkpoints/ and records it. der is for the centre.
// The register is not locked while the key is at work. An empty register has nothing to sign: der is nil.
func (r *Register) Checkpoint(ctx context.Context, key cms.Key) (c Checkpoint, der []byte, err error) {
	r.mu.Lock()
	err = r.locked(ctx, r.load)
	if err == nil && r.damage != nil {
		err = r.damage
	}
	c = Checkpoint{Format: CheckpointFormat, Register: r.st.genesis, Size: r.st.seq, Head: hexOf(r.st.sum),
		Time: r.o.Now().UTC().Truncate(time.Second)}
	r.mu.Unlock()
	if err != nil || c.Size == 0 {
		return c, nil, r.fault("checkpoint", err)
	}
	text, err := json.Marshal(c)
	if err != nil {
		return c, nil, r.fault("checkpoint", err)
	}
	if der, err = cms.Sign(ctx, text, key, cms.SignOptions{Time: c.Time}); err != nil {
		return c, nil, err
	}
	sum := gm.SM3(der)
	if err := durable.Create(r.root, path.Join(checkpointsName, checkpointName(c.Size, sum)), der); err != nil {
		return c, nil, r.fault("checkpoint", err)
	}
	cert, err := gm.ParseCertificate(key.Certificate())
	if err != nil {
		return c, nil, r.fault("checkpoint", err)
	}
	_, err = r.Append(ctx, Entry{Kind: KindCheckpoint, Ref: c.Size, After: hexOf(sum), Size: int64(len(der)),
		Custodian: cert.SubjectCN, Key: KeyName("", cert.Fingerprint())})
	return c, der, err
}

// checkpointName begins with the size, so that the names alone tell how far the register reached.
func checkpointName(size int64, sum [32]byte) string {
	return fmt.Sprintf("%012d-%x.p7", size, sum[:8])
}

// checkpointNames lists the files below checkpoints/, smallest size first. Temporary names are left out.
func (r *Register) checkpointNames() ([]string, error) {
	if r.root == nil {
		return nil, fs.ErrClosed
	}
	dir, err := r.root.Open(checkpointsName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names, err := dir.Readdirnames(-1)
	if err = errors.Join(err, dir.Close()); err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(n string) bool { return durable.IsTemp(n) })
	slices.Sort(names)
	return names, nil
}

// signedSize is the largest size that the name of a checkpoint tells.
func (r *Register) signedSize() (int64, error) {
	names, err := r.checkpointNames()
	if err != nil {
		return 0, err
	}
	var largest int64
	for _, n := range names {
		number, _, _ := strings.Cut(n, "-")
		if size, err := strconv.ParseInt(number, 10, 64); err == nil && path.Ext(n) == ".p7" {
			largest = max(largest, size)
		}
	}
	return largest, nil
}

// LastCheckpoint returns the DER of the checkpoint with the largest size, nil if there is none.
func (r *Register) LastCheckpoint() ([]byte, error) {
	names, err := r.checkpointNames()
	if err != nil || len(names) == 0 {
		return nil, r.fault("read", err)
	}
	der, err := r.readSmall(path.Join(checkpointsName, names[len(names)-1]), maxCheckpoint)
	return der, r.fault("read", err)
}
