package config

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// maxNumber bounds the numbers that Name tries.
const maxNumber = 9999

// Name names the sealed form of the document at in. Where the settings say so, a name that exists or is taken gets a number; else the job
// refuses it.
func (o Output) Name(in string, taken map[string]bool) string {
	dir := o.Dir
	if dir == "" {
		dir = filepath.Dir(in)
	}
	stem := strings.TrimSuffix(filepath.Base(in), filepath.Ext(in)) + o.Suffix
	path := filepath.Join(dir, stem+".pdf")
	if o.Existing != "number" {
		return path
	}
	for n := 2; n <= maxNumber; n++ {
		if _, err := os.Lstat(path); err != nil && !taken[path] {
			return path
		}
		path = filepath.Join(dir, stem+"-"+strconv.Itoa(n)+".pdf")
	}
	return path
}
