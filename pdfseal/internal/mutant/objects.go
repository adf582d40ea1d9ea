package mutant

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// View is the document that the update is made for.
func (u *Update) View() *pdf.View { return u.view }

// Body is the object as the update defines it, else as the base does, written anew.
func (u *Update) Body(num int) (string, error) {
	if b, ok := u.Bodies[num]; ok {
		return b, nil
	}
	_, e, ok := u.view.Where(num)
	if !ok || e.Kind == pdf.Free {
		return "", fmt.Errorf("mutant: no object %d", num)
	}
	o, err := u.view.Get(num, e.Gen)
	if err != nil {
		return "", err
	}
	if sd, ok := o.(types.StreamDict); ok {
		return "", fmt.Errorf("mutant: object %d is the stream %s", num, pdf.FormatObject(sd.Dict))
	}
	u.Gens[num] = e.Gen
	return string(pdf.FormatObject(o)), nil
}

// Replace redefines an object with old, a regular expression that occurs in it, replaced by now.
func (u *Update) Replace(num int, old, now string) error {
	body, err := u.Body(num)
	if err != nil {
		return err
	}
	re := regexp.MustCompile(old)
	at := re.FindStringSubmatchIndex(body)
	if at == nil {
		return fmt.Errorf("mutant: object %d has no %s: %.300s", num, old, body)
	}
	u.Put(num, body[:at[0]]+string(re.ExpandString(nil, now, body, at))+body[at[1]:])
	return nil
}

// Insert redefines a dictionary with further entries.
func (u *Update) Insert(num int, entries string) error {
	return u.Replace(num, "^<<", "<<"+strings.ReplaceAll(entries, "$", "$$"))
}

// Find gives the lowest object of the base, or of the update, whose dictionary the test likes; 0 is none.
func (u *Update) Find(like func(d types.Dict) bool) (int, error) {
	nums := map[int]int{}
	for rev := range u.view.Revision().Index + 1 {
		for num, e := range u.all[rev].Entries {
			if delete(nums, num); e.Kind != pdf.Free {
				nums[num] = e.Gen
			}
		}
	}
	for _, num := range slices.Sorted(maps.Keys(nums)) {
		o, err := u.view.Get(num, nums[num])
		if err != nil {
			return 0, err
		}
		switch d := o.(type) {
		case types.Dict:
			if like(d) {
				return num, nil
			}
		case types.StreamDict:
			if like(d.Dict) {
				return num, nil
			}
		}
	}
	return 0, nil
}
