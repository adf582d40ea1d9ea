package pdfseal

import (
	"context"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// undefined walks every object that the view reaches from its trailer, each once and in a fixed order, shows them to see where it is set,
// and returns the numbers that are referred to and defined by nothing. A new object must not take one of these: it would appear wherever the
// author of the document has pointed.
func undefined(ctx context.Context, v *pdf.View, see func(num int, o types.Object)) (map[int]bool, error) {
	out, done := map[int]bool{}, map[int]bool{}
	queue := references(v.Trailer())
	for len(queue) > 0 {
		num := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if done[num] {
			continue
		}
		done[num] = true
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		_, e, ok := v.Where(num)
		if !ok || e.Kind == pdf.Free {
			out[num] = true
			continue
		}
		o, err := v.Get(num, e.Gen)
		if err != nil {
			return nil, err
		}
		if see != nil {
			see(num, o)
		}
		queue = append(queue, references(o)...)
	}
	return out, nil
}
