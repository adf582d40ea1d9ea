package pdfseal

import (
	"errors"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/trust"
)

// issueReasons are the reasons for the rules of article 6 that an issue can break. Where the bundle cannot tell, the seal cannot be judged.
var issueReasons = map[string]string{
	trust.RuleSkipLevel:     ReasonSkipLevel,
	trust.RuleForeignRegion: ReasonForeignRegion,
	trust.RuleOtherIssuer:   ReasonOtherIssuer,
	trust.RuleUnknownIssuer: ReasonUnknownIssuer,
	trust.RuleNoDivision:    ReasonNoDivision,
}

// checkIssue applies the issuing hierarchy of the bundle to the seal (rule T1; 内政办字〔2018〕56号, article 6). A bundle that names no
// departments rules nothing.
func (c *candidate) checkIssue(maker *gm.Certificate, sealID string, store *trust.Store) {
	if len(store.Departments()) == 0 {
		return
	}
	d, err := store.CheckIssue(maker, sealID)
	var ie *trust.IssueError
	switch {
	case err == nil:
		c.pass("T1", "seal issued by the competent department, "+d.Name)
	case !errors.As(err, &ie):
		c.unsure("T1", ReasonStatusUnreadable, err.Error(), nil)
	case ie.Rule == trust.RuleUnknownIssuer || ie.Rule == trust.RuleNoDivision:
		c.unsure("T1", issueReasons[ie.Rule], err.Error(), map[string]string{"subject": maker.Subject})
	default:
		c.fail("T1", issueReasons[ie.Rule], err.Error(), map[string]string{"department": ie.Department, "own": ie.Own, "division": ie.Division})
	}
}

// checkStatus applies the part of rule E7 that the bundle's list of seals answers: the state at the time of sealing, and what came later.
func (c *candidate) checkStatus(id string, j judged, o VerifyOptions) {
	history, listed, err := o.Trust.SealHistory(id)
	switch {
	case err != nil:
		c.unsure("E7", ReasonStatusUnreadable, err.Error(), nil)
		return
	case !listed && !o.Trust.HasSealStatus():
		c.skip("E7", "trust bundle carries no list of seal status")
		return
	case !listed:
		c.unsure("E7", ReasonSealStatus, "seal is not in the trust bundle's list", map[string]string{"status": "unknown", "since": "—", "at": stamp(j.at)})
		return
	}
	for _, x := range history {
		if !x.Since.IsZero() {
			c.moment(x.Since, MomentStatus, map[string]string{"status": string(x.Status)})
		}
	}
	st, _, err := o.Trust.StatusAt(id, j.at)
	if err != nil {
		c.unsure("E7", ReasonStatusUnreadable, err.Error(), nil)
		return
	}
	if st.Status != trust.StatusInForce {
		c.fail("E7", ReasonSealStatus, "seal was not in force at the time of sealing", statusData(st, j))
		return
	}
	for _, x := range history {
		if x.Status == trust.StatusInForce || !x.Since.After(j.at) {
			continue
		}
		c.cutOff(cut{rule: "E7", at: x.Since, compromise: x.Status == trust.StatusReportedLost, before: ReasonSealStatus, unproven: ReasonSealStatus,
			what: "seal " + string(x.Status), data: statusData(x, j)}, j, o)
		return
	}
	c.pass("E7", "seal in force by the trust bundle")
}

func statusData(x trust.SealStatus, j judged) map[string]string {
	return map[string]string{"who": "seal", "status": string(x.Status), "since": stamp(x.Since), "at": stamp(j.at)}
}
