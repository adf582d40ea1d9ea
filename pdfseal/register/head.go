package register

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"sealdesk/pdfseal/gm"
)

// head is what the file of that name says: the last record that was written. It is rewritten in place after each record, so it may be
// one behind after a crash, never ahead.
type head struct {
	seq int64
	sum [32]byte
}

// headSize is the length of the file: number, digest, eight bytes of a digest over both, each in hexadecimal, and a line end.
const headSize = 16 + 1 + 64 + 1 + 16 + 1

func (h head) text() string {
	body := fmt.Sprintf("%016x %x", h.seq, h.sum)
	sum := gm.SM3([]byte(body))
	return fmt.Sprintf("%s %x\n", body, sum[:8])
}

// parseHead reads what text has written and nothing else.
func parseHead(b []byte) (head, error) {
	if len(b) != headSize {
		return head{}, errors.New("register: head file has a wrong length")
	}
	seq, err := strconv.ParseInt(string(b[:16]), 16, 64)
	if err != nil {
		return head{}, err
	}
	h := head{seq: seq}
	if h.sum, err = digest(string(b[17:81])); err != nil {
		return head{}, err
	}
	if h.text() != string(b) {
		return head{}, errors.New("register: head file does not agree with itself")
	}
	return h, nil
}

// readHead answers the head file; known is false where there is none.
func (r *Register) readHead() (h head, known bool, err error) {
	b, err := r.readSmall(headName, headSize)
	if errors.Is(err, fs.ErrNotExist) {
		return head{}, false, nil
	}
	if err != nil {
		return head{}, false, err
	}
	h, err = parseHead(b)
	return h, err == nil, err
}

// writeHead follows a record that is on the disk. It is not synced: it may lag, and the next record brings it up.
func (r *Register) writeHead(h head) error {
	f, err := r.openState(headName, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(h.text()), 0)
	return errors.Join(err, f.Close())
}
