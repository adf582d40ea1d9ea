package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/trust"
)

// furnishTrust writes the trust bundle of the stories, number 3, its relatives that an import accepts or refuses, and root.txt with
// the fingerprint of the root. It answers the lines of the settings that pin this root.
func furnishTrust(dir string, pki *sealtest.PKI, now time.Time) (settings string, err error) {
	var updaters [3]*sealtest.Updater // of the centre, of a stranger, and the centre's next one
	for i := range updaters {
		if updaters[i], err = sealtest.NewUpdater(now, ""); err != nil {
			return "", err
		}
	}
	centre, next := updaters[0], updaters[2]
	departments := []trust.Department{{Name: sealtest.MakerName, Division: "150000", Level: trust.LevelRegion, Makers: []string{fmt.Sprintf("%x", gm.SM3(pki.MakerCert))}}}
	hour := time.Hour
	for _, b := range []struct {
		name       string
		by         *sealtest.Updater
		number     int
		at         time.Time
		lost       bool
		expires    time.Time // zero: a year later
		rootChange bool
		locked     []trust.Setting
	}{
		{name: "trust.sdtb", by: centre, number: 3, at: now.Add(-2 * hour)},
		{name: "older.sdtb", by: centre, number: 2, at: now.Add(-3 * hour)},
		{name: "newer.sdtb", by: centre, number: 4, at: now.Add(-hour), lost: true},
		{name: "foreign.sdtb", by: updaters[1], number: 5, at: now.Add(-hour)},
		{name: "future.sdtb", by: centre, number: 5, at: now.Add(26 * hour)},
		{name: "expired.sdtb", by: centre, number: 5, at: now.Add(-26 * hour), expires: now.Add(-hour)},
		{name: "moved.sdtb", by: centre, number: 1, at: now.Add(-hour), rootChange: true},
		{name: "ruled.sdtb", by: centre, number: 6, at: now.Add(-hour), locked: []trust.Setting{{Name: "center.url", Value: "https://centre.example"},
			{Name: "output.existing", Value: "number"}, {Name: "output.suffix", Value: "_sealed"}, {Name: "key.module", Value: "/tmp/x.so"}, {Name: "place.rule", Value: "hand"}}},
		{name: "strict.sdtb", by: centre, number: 7, at: now.Add(-hour), locked: []trust.Setting{{Name: "policy.refuse", Value: "blank_page"}}},
	} {
		spec, err := pki.BundleSpec(b.at, sealtest.TrustSpec{Number: b.number, Policy: trust.Policy{StaleAfterDays: 90, Locked: b.locked}, Departments: departments}, b.by)
		if err != nil {
			return "", err
		}
		if !b.expires.IsZero() {
			spec.Expires = b.expires
		}
		keys := []cms.Key{b.by.Key()}
		if b.rootChange {
			spec.FormerRoots, spec.Roots, keys = spec.Roots, [][]byte{next.Root}, append(keys, next.Key())
		}
		seals := []trust.SealStatus{{ID: "15000000000000", Status: trust.StatusInForce}, {ID: "15000000000001", Status: trust.StatusInForce}}
		if b.lost {
			seals = append(seals, trust.SealStatus{ID: "15000000000000", Status: trust.StatusReportedLost, Since: now.Add(-2 * hour)})
		}
		raw, err := sealtest.WriteBundle(spec, sealtest.Records(seals), keys...)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, b.name), raw, 0o600)
		}
		if err != nil {
			return "", err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "root.txt"), []byte(centre.Fingerprint()), 0o600); err != nil {
		return "", err
	}
	return fmt.Sprintf("[trust_bundle]\nroot = %q\n", centre.Fingerprint()), nil
}
