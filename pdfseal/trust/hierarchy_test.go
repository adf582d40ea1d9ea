package trust

import (
	"errors"
	"fmt"
	"testing"
)

func TestMayIssue_table(t *testing.T) {
	region := Department{Name: "自治区政府办公厅", Division: "150000", Level: LevelRegion}
	league := Department{Name: "盟行政公署办公室", Division: "152900", Level: LevelLeague}
	city := Department{Name: "市政府办公室", Division: "150200", Level: LevelLeague, Also: []string{"150271"}}
	banner := Department{Name: "旗政府办公室", Division: "152921", Level: LevelBanner}
	township := Department{Name: "苏木人民政府", Division: "152921", Level: LevelTownship}
	tail := "00000123"
	n := 0
	for _, c := range []struct {
		d    Department
		want map[string]string // seal identifier without its tail → rule; empty: may issue
	}{
		{region, map[string]string{"150000": "", "152900": "", "150200": "", "152921": "", "150204": "", "620000": RuleForeignRegion, "620121": RuleForeignRegion,
			"110000": RuleForeignRegion, "1529": RuleNoDivision, "x52900": RuleNoDivision, "052900": RuleNoDivision, "TRAINING152999": "", "": RuleNoDivision}},
		{league, map[string]string{"152900": "", "152921": RuleSkipLevel, "152923": RuleSkipLevel, "150000": RuleSkipLevel, "150200": RuleForeignRegion,
			"150204": RuleForeignRegion, "620000": RuleForeignRegion, "622900": RuleForeignRegion, "TRAINING152900": "", "training152900": RuleNoDivision}},
		{city, map[string]string{"150200": "", "150271": "", "150204": RuleSkipLevel, "150371": RuleForeignRegion, "152900": RuleForeignRegion, "150000": RuleSkipLevel}},
		{banner, map[string]string{"152921": "", "152922": RuleForeignRegion, "152900": RuleSkipLevel, "150000": RuleSkipLevel, "150200": RuleForeignRegion,
			"150221": RuleForeignRegion, "632921": RuleForeignRegion, "TRAINING152921": ""}},
		{township, map[string]string{"152921": RuleSkipLevel, "152900": RuleSkipLevel, "150000": RuleSkipLevel, "152922": RuleForeignRegion, "620000": RuleForeignRegion}},
	} {
		if err := c.d.check(); err != nil {
			t.Fatal(err)
		}
		for id, want := range c.want {
			n++
			err := c.d.MayIssue(id + tail)
			var e *IssueError
			switch {
			case want == "" && err != nil, want != "" && (!errors.As(err, &e) || e.Rule != want || e.Department != c.d.Name):
				t.Errorf("%s and %s: %v, want %q", c.d.Name, id, err, want)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d chains", n)
	}
}

func TestDivision(t *testing.T) {
	for id, want := range map[string]string{
		"50011200000399": "500112", "1529990000145": "152999", "TRAINING1529990000145": "152999", "TRAINING15299900000145": "152999",
		"": "", "TRAINING": "", "152999000014": "", "152999000001450": "", "TRAININGTRAINING1529990000145": "", "0529990000145": "", "15299900001x45": "",
		"d9c5a1b2-0000-4000-8000-000000000000": "", "１５２９９９０００００１４５": "",
	} {
		if got, ok := Division(id); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v", id, got, ok)
		}
	}
}

func TestCheckIssue(t *testing.T) {
	w := newWorld(t)
	region := issue(t, "region maker", end("自治区制章"), w.root)
	spec := w.spec(t)
	spec.Departments = append(spec.Departments, Department{Name: "自治区办公厅", Division: "150000", Level: LevelRegion,
		Makers: []string{fmt.Sprintf("%x", region.cert.Fingerprint())}})
	s := mustRead(t, write(t, spec, seals(20), w.by.key()), w.by.pin())
	for _, c := range []struct {
		name, id, want string
		maker          *node
	}{
		{"own banner", sealID(3), "", w.maker},
		{"own banner, not in the list", sealID(99), "", w.maker},
		{"the region's office may, but the list names the banner's", sealID(3), RuleOtherIssuer, region},
		{"the region's office, not in the list", "15292100000001", "", region},
		{"another banner", "15292100000001", RuleForeignRegion, w.maker},
		{"own league", "15290000000001", RuleSkipLevel, w.maker},
		{"unknown maker", sealID(3), RuleUnknownIssuer, w.signer},
		{"no division", "d9c5a1b2", RuleNoDivision, w.maker},
	} {
		d, err := s.CheckIssue(c.maker.cert, c.id)
		var e *IssueError
		if c.want == "" && (err != nil || d.Name == "") || c.want != "" && (!errors.As(err, &e) || e.Rule != c.want || e.Error() == "") {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if d, ok := s.Issuer(w.maker.cert); !ok || d.Division != "152999" {
		t.Errorf("%+v %v", d, ok)
	}
	if _, ok := s.Issuer(nil); ok {
		t.Error("no certificate, and yet a department")
	}
	var none *Store
	if _, ok := none.Issuer(w.maker.cert); ok || none.Departments() != nil {
		t.Error("a nil store knows a department")
	}
}
