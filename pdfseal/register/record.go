package register

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/durable"
)

// maxRecord bounds one record: marks on some 10,000 pages.
const maxRecord = 1 << 20

// tail is how a line ends: the digest of the object without it.
const (
	tailHead = `,"sm3":"`
	tailSize = len(tailHead) + 64 + len(`"}`)
)

// record is a line of the register as read.
type record struct {
	Entry
	said [32]byte // the digest that the line names as its own
	own  [32]byte // the digest that it has
	prev [32]byte // zero in the first record
}

func (r *record) intact() bool { return r.own == r.said }

// encode writes an entry as a line with its end and answers its digest.
func encode(e Entry) (line []byte, sum [32]byte, err error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, sum, fmt.Errorf("%w: %w", ErrEntry, err)
	}
	if len(body)+tailSize >= maxRecord {
		return nil, sum, fmt.Errorf("%w: more than %d bytes", ErrEntry, maxRecord)
	}
	sum = gm.SM3(body)
	line = append(body[:len(body)-1], tailHead...)
	return append(append(line, hexOf(sum)...), "\"}\n"...), sum, nil
}

var errForm = errors.New("register: no record")

// decode reads a line without its end. An error means that it is no record at all, or one that encode would not have written so. A
// record whose digest is wrong is answered without error as far as it can be read.
func decode(line []byte) (*record, error) {
	cut := len(line) - tailSize
	if cut < 2 || string(line[cut:cut+len(tailHead)]) != tailHead || !bytes.HasSuffix(line, []byte(`"}`)) {
		return nil, errForm
	}
	r := &record{}
	var err error
	if r.said, err = digest(string(line[cut+len(tailHead) : len(line)-2])); err != nil {
		return nil, err
	}
	body := append(slices.Clone(line[:cut]), '}')
	r.own = gm.SM3(body)
	if err := json.Unmarshal(body, &r.Entry); err != nil {
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	if r.Prev != "" {
		if r.prev, err = digest(r.Prev); err != nil {
			return nil, err
		}
	}
	r.SM3 = hexOf(r.said)
	if !r.intact() {
		return r, nil
	}
	if again, err := json.Marshal(r.Entry); err != nil || !bytes.Equal(again, body) {
		return nil, fmt.Errorf("%w: not in the form in which records are written", errForm)
	}
	if !slices.Contains(kinds, r.Kind) || r.Seq < 1 || r.Ref < 0 || r.Ref >= r.Seq {
		return nil, fmt.Errorf("%w: kind %q, number %d, reference %d", errForm, r.Kind, r.Seq, r.Ref)
	}
	return r, nil
}

// tidy brings an entry into the form in which it is read back.
func (e Entry) tidy(seq int64, at time.Time, prev [32]byte) Entry {
	e.Seq, e.Time, e.Prev, e.Output = seq, at, "", durable.PathText(e.Output)
	if seq > 1 {
		e.Prev = hexOf(prev)
	}
	for _, s := range []*string{&e.SealID, &e.SealName, &e.Key, &e.Custodian, &e.File, &e.Reason, &e.Approver, &e.Result, &e.ErrorKey,
		&e.Receipt, &e.RequestID, &e.Session} {
		*s = valid(*s)
	}
	data := make(map[string]string, len(e.ErrorData))
	for k, v := range e.ErrorData {
		data[valid(k)] = valid(v)
	}
	e.ErrorData, e.Findings, e.Matter = data, slices.Clone(e.Findings), Matter(valid(string(e.Matter)))
	for i := range e.Findings {
		e.Findings[i] = valid(e.Findings[i])
	}
	return e
}

// OutputPath is Output as the system knows it.
func (e Entry) OutputPath() string { return durable.PathOf(e.Output) }

// valid replaces what is no text, so that it is read back as it was written.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func hexOf(sum [32]byte) string { return hex.EncodeToString(sum[:]) }

// digest reads 64 lower-case hexadecimal digits.
func digest(s string) (sum [32]byte, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(sum) || strings.ToLower(s) != s {
		return sum, fmt.Errorf("%w: %q is no digest", errForm, s)
	}
	return [32]byte(b), nil
}
