package pdf

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// ErrTooLarge says that a container does not fit into the room reserved for /Contents.
var ErrTooLarge = errors.New("pdf: container larger than the reserved /Contents")

// Built is an incremental update ready to be appended to the base file.
type Built struct {
	Bytes     []byte   // to append; the file then ends with "%%EOF\n"
	ByteRange [4]int64 // of the signature dictionary, all zero where there is none
	// GapStart and GapEnd delimit the token <…> of /Contents in Bytes; the file offset is Size of the base plus these.
	GapStart, GapEnd int
}

// Build writes the increment: the objects in the order of their numbers, then a cross-reference section of the same kind as the
// newest one of the base, with one /Prev, /Size of the highest number and one, /Root, /Info and the first element of /ID as they
// are, and id1 as its second element. A document without /ID gets none (rules S8, W4).
func (u *Increment) Build(id1 [16]byte) (*Built, error) {
	if u.err != nil {
		return nil, u.err
	}
	if len(u.objects) == 0 {
		return nil, errors.New("pdf: increment without objects")
	}
	last := u.revs[len(u.revs)-1]
	w := &incrementWriter{u: u, base: u.base, offsets: map[int]int64{}}
	if err := w.lineEnd(); err != nil {
		return nil, err
	}
	nums := make([]int, 0, len(u.objects)+1)
	for num := range u.objects {
		nums = append(nums, num)
	}
	slices.Sort(nums)
	for _, num := range nums {
		w.object(num, u.objects[num])
	}
	trailer := u.trailer(last, id1)
	if last.Kind == Stream {
		w.xrefStream(nums, trailer)
	} else {
		w.table(nums, trailer)
	}
	fmt.Fprintf(&w.b, "startxref\n%d\n%%%%EOF\n", w.xref)
	if total := w.base + int64(w.b.Len()); total > maxFileSize || u.next > maxObjectNum {
		return nil, beyond(-1, "file of %d bytes and %d objects", total, u.next)
	}
	return w.built()
}

func (u *Increment) trailer(last *Revision, id1 [16]byte) types.Dict {
	t := types.Dict{
		"Prev": types.Integer(last.sections[0].offset),
		"Root": last.Trailer["Root"],
		"Size": types.Integer(u.next),
	}
	if info := last.Trailer["Info"]; info != nil {
		t["Info"] = info
	}
	for _, r := range u.revs {
		if id := firstID(r.Trailer); id != nil {
			t["ID"] = types.Array{id, types.NewHexLiteral(id1[:])}
			break
		}
	}
	return t
}

// incrementWriter lays out the bytes of an increment.
type incrementWriter struct {
	u       *Increment
	base    int64 // size of the base file
	b       bytes.Buffer
	offsets map[int]int64
	xref    int64
	sigAt   int // of the body of the signature dictionary in b, or 0
}

func (w *incrementWriter) at() int64 { return w.base + int64(w.b.Len()) }

// lineEnd begins a new line where the base does not end with one.
func (w *incrementWriter) lineEnd() error {
	var c [1]byte
	if n, err := w.u.src.ReadAt(c[:], w.base-1); n != 1 {
		return fmt.Errorf("pdf: read at %d: %w", w.base-1, err)
	}
	if c[0] != '\n' && c[0] != '\r' {
		w.b.WriteByte('\n')
	}
	return nil
}

func (w *incrementWriter) object(num int, o pending) {
	w.offsets[num] = w.at()
	fmt.Fprintf(&w.b, "%d %d obj\n", num, o.gen)
	if num == w.u.signature {
		w.sigAt = w.b.Len()
	}
	w.b.Write(o.body)
	w.b.WriteString("\nendobj\n")
}

// runs cuts sorted numbers into runs of neighbours.
func runs(nums []int) [][]int {
	var out [][]int
	for i, n := range nums {
		if i > 0 && n == nums[i-1]+1 {
			out[len(out)-1] = append(out[len(out)-1], n)
			continue
		}
		out = append(out, []int{n})
	}
	return out
}

func (w *incrementWriter) table(nums []int, trailer types.Dict) {
	w.xref = w.at()
	w.b.WriteString("xref\n")
	for _, run := range runs(nums) {
		fmt.Fprintf(&w.b, "%d %d\n", run[0], len(run))
		for _, num := range run {
			fmt.Fprintf(&w.b, "%010d %05d n\r\n", w.offsets[num], w.u.objects[num].gen)
		}
	}
	fmt.Fprintf(&w.b, "trailer\n%s\n", FormatObject(trailer))
}

// xrefStream writes the section as a stream, which is the last object of the increment and lists itself.
func (w *incrementWriter) xrefStream(nums []int, trailer types.Dict) {
	self := int(w.u.New().ObjectNumber)
	trailer["Size"] = types.Integer(w.u.next)
	w.xref = w.at()
	w.offsets[self] = w.xref
	nums = append(nums, self)
	width := 1
	for w.xref>>(8*width) > 0 {
		width++
	}
	var rows []byte
	index := types.Array{}
	for _, run := range runs(nums) {
		index = append(index, types.Integer(run[0]), types.Integer(len(run)))
		for _, num := range run {
			rows = append(rows, 1)
			for i := width - 1; i >= 0; i-- {
				rows = append(rows, byte(w.offsets[num]>>(8*i)))
			}
			gen := w.u.objects[num].gen
			rows = append(rows, byte(gen>>8), byte(gen))
		}
	}
	data := rows
	trailer["Type"] = types.Name("XRef")
	if !w.u.plain {
		data, trailer["Filter"] = Flate(rows), types.Name("FlateDecode")
	}
	trailer["W"] = types.Array{types.Integer(1), types.Integer(width), types.Integer(2)}
	trailer["Index"], trailer["Length"] = index, types.Integer(len(data))
	fmt.Fprintf(&w.b, "%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n", self, FormatObject(trailer), data)
}

// built fills in /ByteRange, now that all sizes are known.
func (w *incrementWriter) built() (*Built, error) {
	out := &Built{Bytes: w.b.Bytes()}
	if w.sigAt == 0 {
		return out, nil
	}
	body := len(w.u.objects[w.u.signature].body)
	out.GapEnd = w.sigAt + body - len(">>")
	out.GapStart = out.GapEnd - 2*w.u.reserve - 2
	start, end := w.base+int64(out.GapStart), w.base+int64(out.GapEnd)
	out.ByteRange = [4]int64{0, start, end, w.at() - end}
	cells := out.Bytes[out.GapStart-len("]"+gapPrefix)-3*(rangeDigits+1):]
	for i, n := range out.ByteRange[1:] {
		copy(cells[i*(rangeDigits+1)+1:], fmt.Sprintf("%d", n))
	}
	return out, nil
}

// SetContents writes a container into /Contents, in upper-case hexadecimal digits and followed by zeros. One that does not fit gives
// ErrTooLarge, and nothing is laid out anew (rule W5).
func (b *Built) SetContents(der []byte) error {
	room := b.GapEnd - b.GapStart - 2
	if room <= 0 {
		return errors.New("pdf: increment without signature dictionary")
	}
	if 2*len(der) > room {
		return fmt.Errorf("%w: %d bytes, %d reserved", ErrTooLarge, len(der), room/2)
	}
	gap := b.Bytes[b.GapStart+1 : b.GapEnd-1]
	n := hex.Encode(gap, der)
	copy(gap, bytes.ToUpper(gap[:n]))
	copy(gap[n:], bytes.Repeat([]byte{'0'}, room-n))
	return nil
}
