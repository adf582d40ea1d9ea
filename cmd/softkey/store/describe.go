package store

import (
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Description is what a slot holds, without any secret.
type Description struct {
	Slot      int      `json:"slot"`
	Present   bool     `json:"present"`
	Label     string   `json:"label"`
	Serial    string   `json:"serial"`
	Profile   string   `json:"profile"`
	Protected bool     `json:"protected"`
	TriesLeft int      `json:"triesLeft"`
	MaxTries  int      `json:"maxTries"`
	Objects   []Object `json:"objects"`
	Faults    []string `json:"faults,omitempty"`
}

// Object is one object of a token.
type Object struct {
	Number  int    `json:"number"`
	Class   string `json:"class"` // data, certificate, public-key, private-key
	Label   string `json:"label"`
	ID      string `json:"id,omitempty"` // hex
	Private bool   `json:"private"`
	Size    int64  `json:"size"` // of CKA_VALUE; 0 for keys
}

// Slots lists the slots of the store at dir that have a token, in order.
func Slots(dir string) ([]int, error) {
	var out []int
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("softkey: %w", err)
	}
	for i := range MaxSlot + 1 {
		if _, err := os.Stat(slotDir(dir, i) + "/token.ini"); err == nil {
			out = append(out, i)
		}
	}
	return out, nil
}

// Describe reads what the slot holds. A damaged object is an error that names it.
func (s *Slot) Describe() (Description, error) {
	var d Description
	b, err := readFile(s.path("token.ini"), MaxINI)
	if err != nil {
		return d, err
	}
	ini, err := parseINI(b)
	if err != nil {
		return d, err
	}
	_, _ = fmt.Sscanf(s.dir[strings.LastIndex(s.dir, "slot"):], "slot%d", &d.Slot)
	d.Label = lookup(ini, "label")
	if raw, err := hex.DecodeString(lookup(ini, "label-hex")); err == nil && d.Label == "" {
		d.Label = s.decode(raw)
	}
	d.Serial, d.Profile, d.Protected = lookup(ini, "serial"), s.profile.name, lookup(ini, "protected") == "yes"
	d.Present = s.Present()
	p, err := s.loadPINs()
	if err != nil {
		return d, err
	}
	d.TriesLeft, d.MaxTries = p.user.left, p.user.max
	if d.Faults, err = s.PendingFaults(); err != nil {
		return d, err
	}
	d.Objects, err = s.objects()
	return d, err
}

func (s *Slot) decode(b []byte) string {
	text := string(b)
	if s.profile.gbk {
		if u, err := simplifiedchinese.GBK.NewDecoder().Bytes(b); err == nil {
			text = string(u)
		}
	}
	return strings.ToValidUTF8(strings.TrimRight(text, " \x00"), "�")
}

func (s *Slot) objects() ([]Object, error) {
	entries, err := os.ReadDir(s.path("obj"))
	if err != nil {
		return nil, fmt.Errorf("softkey: %w", err)
	}
	var out []Object
	for _, e := range entries {
		base, ok := strings.CutSuffix(e.Name(), ".attr")
		n, err := strconv.ParseUint(base, 10, 16)
		if !ok || err != nil {
			continue
		}
		o, err := s.object(e.Name())
		if err != nil {
			return nil, err
		}
		o.Number = int(n)
		if st, err := os.Stat(s.path("obj/" + base + ".bin")); err == nil && o.Class != "private-key" {
			o.Size = st.Size()
		}
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b Object) int { return a.Number - b.Number })
	return out, nil
}

var classNames = []string{"data", "certificate", "public-key", "private-key"}

func (s *Slot) object(name string) (Object, error) {
	b, err := readFile(s.path("obj/"+name), MaxINI)
	if err != nil {
		return Object{}, err
	}
	lines, err := parseINI(b)
	if err != nil {
		return Object{}, fmt.Errorf("obj/%s: %w", name, err)
	}
	class, err := strconv.ParseUint(lookup(lines, "class"), 16, 32)
	if err != nil || class >= uint64(len(classNames)) {
		return Object{}, fmt.Errorf("softkey: obj/%s: bad class", name)
	}
	label, err := hex.DecodeString(lookup(lines, "label"))
	if err != nil {
		return Object{}, fmt.Errorf("softkey: obj/%s: bad label", name)
	}
	private := lookup(lines, "private") == "01" || (class == classPrivateKey && lookup(lines, "private") == "")
	return Object{Class: classNames[class], Label: s.decode(label), ID: lookup(lines, "id"), Private: private}, nil
}
