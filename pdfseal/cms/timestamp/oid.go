package timestamp

import "encoding/asn1"

type oid = asn1.ObjectIdentifier

var (
	oidTSTInfo      = oid{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidTimeStamping = oid{1, 3, 6, 1, 5, 5, 7, 3, 8}
	oidExtKeyUsage  = oid{2, 5, 29, 37}

	oidSM3      = oid{1, 2, 156, 10197, 1, 401}
	oidSM3NoKey = oid{1, 2, 156, 10197, 1, 401, 1}

	oidSigningCertificate = oid{1, 2, 840, 113549, 1, 9, 16, 2, 12}

	// oidAnyPolicy stands for the policy in tokens of our own.
	oidAnyPolicy = oid{2, 5, 29, 32, 0}
)
