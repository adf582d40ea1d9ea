package trust

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"sealdesk/pdfseal/gm"
)

// Layout of the seal tables. All numbers are big-endian.
const (
	keySize    = 16
	recordSize = 32
	entrySize  = keySize + 32 // of a page in the index: first key and SM3
)

// sealKey is the beginning of SM3(seal identifier).
type sealKey [keySize]byte

func keyOf(id string) sealKey {
	sum := gm.SM3([]byte(id))
	return sealKey(sum[:keySize])
}

// record is a line of a seal table:
//
//	key (16) | state (1) | earlier states exist (1) | zero (2) | division (4; 0 none) | since (8; milliseconds since 1970, 0 none)
type record struct {
	key      sealKey
	status   Status
	earlier  bool
	division string
	since    time.Time
}

func (r record) append(out []byte) []byte {
	out = append(out, r.key[:]...)
	earlier := byte(0)
	if r.earlier {
		earlier = 1
	}
	out = append(out, r.status.code(), earlier, 0, 0)
	division, since := 0, int64(0)
	if r.division != "" {
		division, _ = strconv.Atoi(r.division) // isDivision holds
	}
	if !r.since.IsZero() {
		since = r.since.UnixMilli()
	}
	out = binary.BigEndian.AppendUint32(out, uint32(division))
	return binary.BigEndian.AppendUint64(out, uint64(since))
}

// maxSince is the last millisecond of the year 9999.
const maxSince = 253402300799999

func parseRecord(b []byte) (record, error) {
	r := record{key: sealKey(b[:keySize])}
	code, earlier := b[keySize], b[keySize+1]
	division, since := binary.BigEndian.Uint32(b[keySize+4:]), binary.BigEndian.Uint64(b[keySize+8:])
	switch {
	case code == 0 || code > maxCode:
		return r, errors.New("unknown state")
	case earlier > 1 || b[keySize+2] != 0 || b[keySize+3] != 0:
		return r, errors.New("reserved bits are set")
	case division > 999999 || division > 0 && division < 100000:
		return r, errors.New("division is out of range")
	case since > maxSince:
		return r, errors.New("time is out of range")
	}
	r.status, r.earlier = statusOf(code), earlier == 1
	if division > 0 {
		r.division = strconv.Itoa(int(division))
	}
	if since > 0 {
		r.since = time.UnixMilli(int64(since)).UTC()
	}
	return r, nil
}

func (r record) state(id string) SealStatus {
	return SealStatus{ID: id, Status: r.status, Since: r.since, Division: r.division}
}

// order compares the sort keys of two encoded records: the seal's key, and in a table of earlier states then the time.
func order(a, b []byte, history bool) int {
	if c := bytes.Compare(a[:keySize], b[:keySize]); c != 0 || !history {
		return c
	}
	return bytes.Compare(a[keySize+8:recordSize], b[keySize+8:recordSize])
}

// checkOrder demands records whose sort keys rise.
func checkOrder(page []byte, history bool) error {
	for at := recordSize; at < len(page); at += recordSize {
		if order(page[at-recordSize:], page[at:], history) >= 0 {
			return fmt.Errorf("record %d is not in order", at/recordSize)
		}
	}
	return nil
}
