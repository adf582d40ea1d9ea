package pdfseal

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// namesIn gives the names that the content of a page mentions, so that what its resources list and it does not draw is told apart; nil where
// the content cannot be read, or the budget is used up: then everything listed counts as drawn.
func (u *usage) namesIn(contents types.Object) map[string]bool {
	if u.bytes <= 0 {
		return nil
	}
	o, err := u.view.Resolve(contents)
	if err != nil {
		return nil
	}
	list, ok := o.(types.Array)
	if !ok {
		list = types.Array{contents}
	}
	out := map[string]bool{}
	for _, e := range list {
		sd, err := u.view.Stream(e)
		if err != nil {
			return nil
		}
		if sd == nil {
			continue
		}
		data, err := u.file.ReadStream(sd, min(maxPageBytes, max(u.bytes, 1)))
		if u.bytes -= int64(len(data)); err != nil || u.bytes <= 0 {
			return nil
		}
		collectNames(out, data)
	}
	return out
}

// collectNames adds every name in a content stream, those in strings and pictures too: too many names do no harm.
func collectNames(out map[string]bool, data []byte) {
	for {
		at := bytes.IndexByte(data, '/')
		if at < 0 {
			return
		}
		data = data[at+1:]
		end := bytes.IndexFunc(data, func(r rune) bool { return r <= ' ' || strings.ContainsRune("()<>[]{}/%", r) })
		if end < 0 {
			end = len(data)
		}
		if name, err := types.DecodeName(string(data[:end])); err == nil {
			out[name] = true
		}
		data = data[end:]
	}
}

// pageList writes pages as people do: "1–3, 5". partial adds that there may be more; long lists are cut.
func pageList(pages []int, partial bool) string {
	const most = 20
	var parts []string
	for i := 0; i < len(pages); {
		j := i
		for j+1 < len(pages) && pages[j+1] == pages[j]+1 {
			j++
		}
		switch {
		case len(parts) == most:
			return strings.Join(parts, ", ") + ", …"
		case j > i:
			parts = append(parts, strconv.Itoa(pages[i])+"–"+strconv.Itoa(pages[j]))
		default:
			parts = append(parts, strconv.Itoa(pages[i]))
		}
		i = j + 1
	}
	if partial {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}
