package pdfseal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/validate"
)

var (
	// ErrCarriesSeal says that a document carries a seal, a signature or an approval of changes, which a new copy would break.
	ErrCarriesSeal = errors.New("pdfseal: the document carries a seal or signature")
	// ErrUnwritable says that a document cannot be written anew, because it is too damaged to be understood.
	ErrUnwritable = errors.New("pdfseal: the document cannot be written anew")
)

// MaxNormalise is the largest document that is written anew, in bytes: all of it is held in memory, several times.
const MaxNormalise = 64 << 20

// ownSettings keeps pdfcpu from reading and writing settings in the user's folders.
var ownSettings = sync.OnceFunc(func() { model.ConfigPath = "disable" })

// Normalise reads a document whose structure the strict reader refuses, as pdfcpu understands it, and answers it written anew: one
// revision with one plain cross-reference table (rule W3). Nothing is left out on purpose, but bytes, object numbers and revisions are
// others: it is another file, which has to be looked at before it is sealed. Whether it shows the same is for the caller to find out.
//
// Errors: ErrCarriesSeal, ErrEncrypted, ErrLimit for more than MaxNormalise bytes, ErrInputChanged, ErrUnwritable, and those of ctx.
func Normalise(ctx context.Context, src Source) ([]byte, error) {
	if src.Size() > MaxNormalise {
		return nil, fmt.Errorf("%w: %d bytes, more than %d", ErrLimit, src.Size(), MaxNormalise)
	}
	raw := make([]byte, src.Size())
	if err := readFull(src, raw, 0); err != nil {
		return nil, err
	}
	type answer struct {
		data []byte
		err  error
	}
	done := make(chan answer, 1)
	go func() { // pdfcpu knows no context; what it still does after a cancel is for nobody
		data, err := rewrite(raw)
		done <- answer{data, err}
	}()
	select {
	case a := <-done:
		return a.data, a.err
	case <-ctx.Done():
		return nil, fmt.Errorf("pdfseal: %w", context.Cause(ctx))
	}
}

func rewrite(raw []byte) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("%w: %v", ErrUnwritable, p)
		}
	}()
	if bytes.Contains(raw, []byte("/ByteRange")) {
		return nil, ErrCarriesSeal
	}
	ownSettings()
	conf := model.NewDefaultConfiguration()
	conf.Offline, conf.ValidationMode = true, model.ValidationRelaxed
	conf.WriteObjectStream, conf.WriteXRefStream, conf.Optimize, conf.OptimizeBeforeWriting = false, false, false, false
	doc, err := pdfcpu.Read(bytes.NewReader(raw), conf)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	if doc.Encrypt != nil {
		return nil, ErrEncrypted
	}
	if carriesSeal(doc) {
		return nil, ErrCarriesSeal
	}
	if err := validate.XRefTable(doc); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	var b bytes.Buffer
	doc.Write.Writer = bufio.NewWriter(&b)
	err = pdfcpu.WriteContext(doc)
	if err = errors.Join(err, doc.Write.Flush()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	return b.Bytes(), nil
}

// carriesSeal looks for signature dictionaries and for what a signature allows, in every object, whether anything leads to it or not.
func carriesSeal(doc *model.Context) bool {
	for _, e := range doc.Table {
		if e == nil || e.Free {
			continue
		}
		var d types.Dict
		switch o := e.Object.(type) {
		case types.Dict:
			d = o
		case types.StreamDict:
			d = o.Dict
		case *types.StreamDict:
			d = o.Dict
		}
		if d["ByteRange"] != nil || d["Perms"] != nil || d["DSS"] != nil {
			return true
		}
		kind, _ := d["Type"].(types.Name)
		field, _ := d["FT"].(types.Name)
		if kind == "Sig" || kind == "DocTimeStamp" || field == "Sig" && d["V"] != nil {
			return true
		}
	}
	return false
}
