package pdfseal_test

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// increment appends an incremental update that (re)defines the given objects, as any PDF program could.
func increment(doc []byte, root int, objects map[int]string) []byte {
	b := bytes.NewBuffer(bytes.Clone(doc))
	prev := regexp.MustCompile(`startxref\s+(\d+)`).FindAllSubmatch(doc, -1)
	size := regexp.MustCompile(`/Size (\d+)`).FindAllSubmatch(doc, -1)
	n, _ := strconv.Atoi(string(size[len(size)-1][1]))
	offs := map[int]int{}
	nums := slices.Sorted(maps.Keys(objects))
	for _, num := range nums {
		offs[num] = b.Len()
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", num, objects[num])
		n = max(n, num+1)
	}
	xref := b.Len()
	b.WriteString("xref\n")
	if len(nums) == 0 {
		b.WriteString("0 0\n")
	}
	for _, num := range nums {
		fmt.Fprintf(b, "%d 1\n%010d 00000 n\r\n", num, offs[num])
	}
	id := ""
	if m := regexp.MustCompile(`/ID ?\[ ?<[0-9A-Fa-f]+> ?<[0-9A-Fa-f]+> ?\]`).FindAll(doc, -1); len(m) > 0 {
		id = string(m[len(m)-1])
	}
	fmt.Fprintf(b, "trailer\n<< /Size %d /Root %d 0 R /Prev %s %s >>\nstartxref\n%d\n%%%%EOF\n", n, root, prev[len(prev)-1][1], id, xref)
	return b.Bytes()
}
