package trust

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"sealdesk/pdfseal/gm"
)

// Level is the level of an issuing department (内政办字〔2018〕56号, article 6).
type Level string

// The levels, from the top.
const (
	LevelRegion   Level = "region"   // autonomous region 自治区
	LevelLeague   Level = "league"   // league or city 盟市
	LevelBanner   Level = "banner"   // banner or county 旗县
	LevelTownship Level = "township" // 苏木乡镇; issues no seals
)

// Department is an issuing department 制发部门.
type Department struct {
	Name     string   `json:"name"`
	Division string   `json:"division"` // GB/T 2260 code of its division; a township states that of its banner
	Level    Level    `json:"level"`
	Makers   []string `json:"makers"`         // SM3 of its seal makers' certificates, hexadecimal
	Also     []string `json:"also,omitempty"` // further divisions in which it may issue, such as a development zone without an office
}

// Limits of the hierarchy.
const (
	MaxDepartments = 1024
	maxMakers      = 16
	maxAlso        = 64
)

// The rules of article 6 that an issue can break, and what keeps it from being judged.
const (
	RuleSkipLevel     = "skip-level"     // of the department's own region, and of a level for which another department is competent
	RuleForeignRegion = "foreign-region" // of a division outside the department's own
	RuleOtherIssuer   = "other-issuer"   // the seal list names the division of another department as the issuer's
	RuleUnknownIssuer = "unknown-issuer" // the maker's certificate belongs to no department of the bundle
	RuleNoDivision    = "no-division"    // the seal's identifier carries no division code
)

// IssueError says which rule the issue of a seal breaks.
type IssueError struct {
	Rule       string
	Department string // name; empty for RuleUnknownIssuer
	Own        string // division of the department
	Division   string // division of the seal, for RuleOtherIssuer that of the issuer in the list; may be empty
}

// Error implements error.
func (e *IssueError) Error() string {
	return fmt.Sprintf("trust: %s: department %q of %s, division %s", e.Rule, e.Department, e.Own, e.Division)
}

// practiceMark stands before the identifiers of training seals.
const practiceMark = "TRAINING"

// Division reads the GB/T 2260 code at the beginning of a seal identifier:
// unified government seals have 14 digits, the codes of the public security
// organs 13, the first six being those of the division. The mark TRAINING of
// practice seals may stand before them.
func Division(sealID string) (string, bool) {
	id := strings.TrimPrefix(sealID, practiceMark)
	if len(id) != 14 && len(id) != 13 || !isDigits(id) || !isDivision(id[:6]) {
		return "", false
	}
	return id[:6], true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isDivision reports whether s is a code of six digits that does not begin with zero.
func isDivision(s string) bool { return len(s) == 6 && isDigits(s) && s[0] != '0' }

// levelOf is the level of the division itself: XX0000 region, XXYY00 league, XXYYZZ banner.
func levelOf(division string) Level {
	switch {
	case division[2:] == "0000":
		return LevelRegion
	case division[4:] == "00":
		return LevelLeague
	}
	return LevelBanner
}

// MayIssue judges by article 6 whether the department may issue the seal with
// this identifier. The office of the region issues for the departments of the
// region and the governments below it, that of a league for the league, that
// of a banner for the banner; nobody else issues. (Whether a seal of a league
// or banner is that of its government or of a department of it is not in the
// identifier; the division of the issuer in the seal list tells it.) The
// error is *IssueError with RuleSkipLevel, RuleForeignRegion or RuleNoDivision.
func (d Department) MayIssue(sealID string) error {
	division, ok := Division(sealID)
	if !ok {
		return d.broken(RuleNoDivision, "")
	}
	if slices.Contains(d.Also, division) || d.Level != LevelTownship && division == d.Division {
		return nil
	}
	switch {
	case division[:2] != d.Division[:2]:
		return d.broken(RuleForeignRegion, division)
	case d.Level == LevelRegion:
		return nil
	case levelOf(division) == LevelRegion, // upwards
		division[:4] == d.Division[:4] && (d.Level == LevelLeague || levelOf(division) == LevelLeague || division == d.Division):
		return d.broken(RuleSkipLevel, division)
	}
	return d.broken(RuleForeignRegion, division)
}

func (d Department) broken(rule, division string) error {
	return &IssueError{Rule: rule, Department: d.Name, Own: d.Division, Division: division}
}

// Departments lists the issuing departments; none where the bundle names no hierarchy.
func (s *Store) Departments() []Department {
	if s == nil {
		return nil
	}
	return slices.Clone(s.departments)
}

// Issuer is the department to which a seal maker's certificate belongs.
func (s *Store) Issuer(maker *gm.Certificate) (Department, bool) {
	if s == nil || maker == nil {
		return Department{}, false
	}
	i, ok := s.makers[maker.Fingerprint()]
	if !ok {
		return Department{}, false
	}
	return s.departments[i], true
}

// CheckIssue judges by article 6 whether the department behind the maker's
// certificate may have issued the seal: MayIssue, and the division of the
// issuer in the seal list, if stated, is the department's own. Rule errors are
// *IssueError, also where the maker is unknown; others are those of SealHistory.
func (s *Store) CheckIssue(maker *gm.Certificate, sealID string) (Department, error) {
	d, ok := s.Issuer(maker)
	if !ok {
		return d, &IssueError{Rule: RuleUnknownIssuer}
	}
	if err := d.MayIssue(sealID); err != nil {
		return d, err
	}
	h, listed, err := s.SealHistory(sealID)
	if err != nil {
		return d, err
	}
	if listed && h[0].Division != "" && h[0].Division != d.Division {
		return d, d.broken(RuleOtherIssuer, h[0].Division)
	}
	return d, nil
}

func (s *Store) addDepartments(all []Department) error {
	if len(all) > MaxDepartments {
		return refuse("departments", "%d of them, more than %d", len(all), MaxDepartments)
	}
	s.departments, s.makers = slices.Clone(all), map[[32]byte]int{}
	for i, d := range all {
		field := fmt.Sprintf("departments[%d]", i)
		if err := d.check(); err != nil {
			return refuse(field, "%w", err)
		}
		for _, m := range d.Makers {
			sum, err := parseSM3(m)
			if err != nil {
				return refuse(field+".makers", "%w", err)
			}
			if _, twice := s.makers[sum]; twice {
				return refuse(field+".makers", "%.16s… is listed twice", m)
			}
			s.makers[sum] = i
		}
	}
	return nil
}

func (d Department) check() error {
	switch {
	case d.Name == "" || !plain(d.Name):
		return fmt.Errorf("name is empty, too long or not plain text")
	case !isDivision(d.Division):
		return fmt.Errorf("division %.20q is not a code of six digits", d.Division)
	case d.Level != levelOf(d.Division) && (d.Level != LevelTownship || levelOf(d.Division) != LevelBanner):
		return fmt.Errorf("level %.20q does not go with division %s", d.Level, d.Division)
	case len(d.Makers) > maxMakers || len(d.Also) > maxAlso:
		return fmt.Errorf("%d makers and %d further divisions, more than %d and %d", len(d.Makers), len(d.Also), maxMakers, maxAlso)
	}
	for _, a := range d.Also {
		if !isDivision(a) {
			return fmt.Errorf("further division %.20q is not a code of six digits", a)
		}
	}
	return nil
}

// parseSM3 reads 64 lower-case hexadecimal digits.
func parseSM3(s string) (sum [32]byte, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(sum) || s != hex.EncodeToString(b) {
		return sum, fmt.Errorf("%.70q is not an SM3 value in lower-case hexadecimal digits", s)
	}
	return [32]byte(b), nil
}
