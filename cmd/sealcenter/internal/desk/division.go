package desk

import (
	"strings"

	"sealdesk/pdfseal/trust"
)

// UnitKind says what kind of body a seal belongs to; article 6 tells them apart.
type UnitKind string

// The kinds.
const (
	Government UnitKind = "government" // 人民政府、行政公署
	Bureau     UnitKind = "department" // a department or institution of the government of the division
	Township   UnitKind = "township"   // 苏木乡镇人民政府、街道办事处
)

// stateCouncil issues the seals of the governments of provinces and regions (国发〔1999〕25号).
const stateCouncil = "国务院"

// IsDivision reports whether s is a division code of six digits (GB/T 2260).
func IsDivision(s string) bool {
	return len(s) == 6 && strings.Trim(s, "0123456789") == "" && s[:2] != "00" && (s[2:4] != "00" || s[4:] == "00")
}

// LevelOf is the level of a division: 150000 region, 150400 league or city, 150429 banner or county.
func LevelOf(division string) trust.Level {
	switch {
	case division[2:] == "0000":
		return trust.LevelRegion
	case division[4:] == "00":
		return trust.LevelLeague
	}
	return trust.LevelBanner
}

// inside reports whether a division is outer or lies in it.
func inside(division, outer string) bool {
	switch LevelOf(outer) {
	case trust.LevelRegion:
		return division[:2] == outer[:2]
	case trust.LevelLeague:
		return division[:4] == outer[:4]
	}
	return division == outer
}

// Competent answers the division whose issuing department issues a unit's
// seal by article 6: the region's office for the governments of leagues and
// banners and for the region's departments, a league's for its departments, a
// banner's for its departments and townships. Empty: not an office of the
// region, but the State Council.
func Competent(division string, kind UnitKind) string {
	if kind != Government {
		return division
	}
	if LevelOf(division) == trust.LevelRegion {
		return ""
	}
	return division[:2] + "0000"
}

// CheckIssue judges by article 6 whether the issuing department of a division
// may issue the seal of a unit. Errors are *Refusal: "foreign_region",
// "skip_level", "own_government" and "township_level" name the rule.
func CheckIssue(department trust.Department, division string, kind UnitKind) error {
	competent := Competent(division, kind)
	data := []string{"Department", department.Name, "Own", department.Division, "Division", division, "Competent", competent}
	switch {
	case kind == Township && LevelOf(division) != trust.LevelBanner:
		return refuse("township_level", data...)
	case competent == department.Division:
		return nil
	case !inside(division, department.Division):
		return refuse("foreign_region", data...)
	case competent == "":
		data[len(data)-1] = stateCouncil
		return refuse("own_government", data...)
	case kind == Government && division == department.Division:
		return refuse("own_government", data...)
	}
	return refuse("skip_level", data...)
}
