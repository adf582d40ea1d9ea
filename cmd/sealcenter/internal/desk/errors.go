package desk

import "fmt"

// Refusal is a change that a rule forbids. Its sentences stand in the
// catalogues under "sealcenter.error." and Key.
type Refusal struct {
	Key  string
	Data map[string]string
}

// Error implements error, for the log.
func (r *Refusal) Error() string { return fmt.Sprintf("desk: refused: %s %v", r.Key, r.Data) }

func refuse(key string, pairs ...string) error {
	r := &Refusal{Key: key, Data: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Data[pairs[i]] = pairs[i+1]
	}
	return r
}

// RefusalKeys lists every key of a Refusal, for the catalogues' completeness test.
func RefusalKeys() []string {
	return []string{"order", "division", "division_taken", "division_outside", "no_department", "department_unknown", "foreign_region", "skip_level", "own_government",
		"township_level", "unit", "seal_id", "seal_id_division", "seal_id_taken", "picture", "key_file", "certificate_unusable", "certificate_untrusted",
		"certificate_revoked", "key_lost", "seal_unknown", "state", "other_department", "no_handback", "since", "validity", "client_unknown", "client_disabled",
		"anchor", "anchor_known", "bundle_days", "clock", "host"}
}
