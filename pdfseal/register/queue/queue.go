// Package queue keeps the verifications that could not be sent to the centre when a document was sealed. Each waits as a file of its
// own below the folder of the register, so that a crash, a full disk or a second process costs none of them.
package queue

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"sealdesk/pdfseal/internal/durable"
	"sealdesk/pdfseal/internal/lockfile"
)

// Situations, matched with errors.Is.
var (
	// ErrConflict says that another item waits under the same request identifier.
	ErrConflict = errors.New("queue: another item has this request identifier")
	// ErrItem says that an item cannot be queued, or that its file cannot be read.
	ErrItem = errors.New("queue: unusable item")
)

// Budgets of one item: the body of a request is at most 2 MiB.
const (
	maxRequest = 2 << 20
	maxFile    = 4 << 20
	suffix     = ".json"
	lockName   = "lock"
	staleAge   = time.Hour // from which a temporary file is what a crash has left
)

// Item is a verification to be sent. The request identifier makes sending it twice harmless: the centre answers with one record.
type Item struct {
	RequestID    string    `json:"requestId"`    // UUID, lower case
	File         string    `json:"file"`         // absolute path of the sealed file
	SignatureSM3 string    `json:"signatureSm3"` // digest of the SES_Signature: finds the seal in the file
	Request      []byte    `json:"request"`      // body of the request, sent as it stands
	RegisterSeq  int64     `json:"registerSeq"`  // number of the record "intended"
	Added        time.Time `json:"added"`        // UTC
}

var (
	uuid   = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	digest = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func (i Item) check() error {
	switch {
	case !uuid.MatchString(i.RequestID):
		return fmt.Errorf("%w: request identifier %q", ErrItem, i.RequestID)
	case !digest.MatchString(i.SignatureSM3):
		return fmt.Errorf("%w: digest of the seal signature", ErrItem)
	case i.File == "" || i.RegisterSeq < 1 || len(i.Request) == 0 || len(i.Request) > maxRequest:
		return fmt.Errorf("%w: file, register number or request", ErrItem)
	}
	return nil
}

// same tells whether two items ask for the same thing.
func (i Item) same(o Item) bool {
	return i.RequestID == o.RequestID && i.File == o.File && i.SignatureSM3 == o.SignatureSM3 && i.RegisterSeq == o.RegisterSeq &&
		bytes.Equal(i.Request, o.Request)
}

// Queue is a folder of items. It is safe for use by several processes at once.
type Queue struct {
	dir  string
	root *os.Root
	now  func() time.Time
}

// Open opens the queue in dir, which is made where it does not exist (0700). now is the clock, nil for the system's. Errors are those of
// the file system.
func Open(dir string, now func() time.Time) (*Queue, error) {
	if now == nil {
		now = time.Now
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	return &Queue{dir: dir, root: root, now: now}, nil
}

// Close releases the folder.
func (q *Queue) Close() error { return q.root.Close() }

// Add queues an item durably. Adding the same again changes nothing; something else under its request identifier is ErrConflict.
func (q *Queue) Add(i Item) error {
	i.Added = q.now().UTC().Truncate(time.Millisecond)
	if err := i.check(); err != nil {
		return err
	}
	written := i
	written.File = durable.PathText(i.File)
	data, err := json.Marshal(written)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrItem, err)
	}
	for {
		err := durable.Create(q.root, i.RequestID+suffix, data)
		if errors.Is(err, fs.ErrExist) {
			if err = q.compare(i); errors.Is(err, fs.ErrNotExist) {
				continue // done by another process meanwhile: queued anew, sending it twice is harmless
			}
			return err
		}
		if err != nil {
			return fmt.Errorf("queue: add: %w", err)
		}
		return nil
	}
}

func (q *Queue) compare(i Item) error {
	there, err := q.read(i.RequestID + suffix)
	if err != nil {
		return err
	}
	if !there.same(i) {
		return fmt.Errorf("%w: %s", ErrConflict, i.RequestID)
	}
	return nil
}

// List returns the items, oldest first. Files that are no items are left where they are and answered as an error that wraps ErrItem,
// together with the items that can be read.
func (q *Queue) List() ([]Item, error) {
	names, err := q.names()
	if err != nil {
		return nil, fmt.Errorf("queue: list: %w", err)
	}
	var items []Item
	var bad []error
	for _, name := range names {
		i, err := q.read(name)
		switch {
		case errors.Is(err, fs.ErrNotExist): // done meanwhile
		case err != nil:
			bad = append(bad, err)
		default:
			items = append(items, i)
		}
	}
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(a.Added.Compare(b.Added), strings.Compare(a.RequestID, b.RequestID))
	})
	return items, errors.Join(bad...)
}

// names lists the files of items and removes what crashes have left.
func (q *Queue) names() ([]string, error) {
	dir, err := q.root.Open(".")
	if err != nil {
		return nil, err
	}
	entries, err := dir.ReadDir(-1)
	if err = errors.Join(err, dir.Close()); err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if strings.HasSuffix(name, suffix) {
			names = append(names, name)
		}
		if info, err := e.Info(); err == nil && durable.IsTemp(name) && time.Since(info.ModTime()) > staleAge {
			_ = q.root.Remove(name) // nobody refers to it
		}
	}
	return names, nil
}

func (q *Queue) read(name string) (Item, error) {
	if st, err := q.root.Lstat(name); err != nil {
		return Item{}, err
	} else if !st.Mode().IsRegular() {
		return Item{}, fmt.Errorf("%w: %s is not a regular file", ErrItem, name)
	}
	f, err := q.root.Open(name)
	if err != nil {
		return Item{}, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Item{}, fmt.Errorf("queue: read %s: %w", name, err)
	}
	i, err := parse(b)
	if err == nil && i.RequestID+suffix != name {
		err = fmt.Errorf("%w: request identifier %s", ErrItem, i.RequestID)
	}
	if err != nil {
		return Item{}, fmt.Errorf("%s: %w", name, err)
	}
	return i, nil
}

// parse reads an item in the form in which Add writes it.
func parse(b []byte) (Item, error) {
	var i Item
	if len(b) > maxFile {
		return i, fmt.Errorf("%w: more than %d bytes", ErrItem, maxFile)
	}
	if err := json.Unmarshal(b, &i); err != nil {
		return i, fmt.Errorf("%w: %w", ErrItem, err)
	}
	if again, err := json.Marshal(i); err != nil || !bytes.Equal(again, b) {
		return i, fmt.Errorf("%w: not in the form in which items are written", ErrItem)
	}
	i.File = durable.PathOf(i.File)
	return i, i.check()
}

// Done takes an item off the queue. One that is not there was done before.
func (q *Queue) Done(requestID string) error {
	if !uuid.MatchString(requestID) {
		return fmt.Errorf("%w: request identifier %q", ErrItem, requestID)
	}
	err := q.root.Remove(requestID + suffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("queue: done: %w", err)
	}
	return durable.SyncDir(q.dir)
}

// Lock reserves sending for this process until release is called or the process ends; held is false while another one is at it. Add
// and List need no lock.
func (q *Queue) Lock() (release func(), held bool, err error) {
	f, err := q.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, fmt.Errorf("queue: lock: %w", err)
	}
	if held, err = lockfile.Try(f); err != nil || !held {
		f.Close()
		return func() {}, false, err
	}
	return func() { f.Close() }, true, nil
}
