package explain

import "sealdesk/pdfseal/center"

// The situations between this computer and the centre end with one exit code,
// so that a script can tell them from faults of the document or the key.
func init() {
	for _, k := range center.Kinds() {
		exits["center."+string(k)] = ExitCentre
	}
	exits["center."+string(center.KindSettings)] = ExitUsage
	// What a job makes of the centre's answers.
	for _, key := range []string{"seal_status", "signer_status", "verdict", "untrusted", "unaskable"} {
		exits["center."+key] = ExitCentre
	}
	exits["center.unset"] = ExitUsage
	// What is wrong with the settings before anybody is asked.
	for _, key := range []string{"address", "pins", "no_ca", "half_certificate"} {
		exits["center."+key] = ExitUsage
	}
	exits["center.queue"] = ExitUnexpected
	exits["center.queue_busy"] = ExitUnexpected
	exits["center.queue_unusable"] = ExitUnexpected
	exits["center.queue_item"] = ExitUnreadable
	exits["center.file_moved"] = ExitUnreadable
	exits["center.file_other"] = ExitUnreadable
	exits["center.seal_invalid"] = ExitInvalid
	exits["center.no_seal"] = ExitUnsealed
}
