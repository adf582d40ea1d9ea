package pdfseal

// The keys of reasons. Each has a sentence in both catalogues under "reason.<KEY>".
const (
	// file as a whole (rules S, R)
	ReasonFormat      = "FORMAT"      // {rule, offset}
	ReasonLimit       = "LIMIT"       // {rule}
	ReasonEncrypted   = "ENCRYPTED"   //
	ReasonUnsupported = "UNSUPPORTED" // {detail}
	ReasonWorker      = "WORKER"      // {why}: the process that read the document ended: crash, memory, time, output
	// ByteRange and /Contents (rules B)
	ReasonByteRange = "BYTE_RANGE"
	ReasonContents  = "CONTENTS"
	ReasonCoverage  = "PDF_COVERAGE"
	// container and values (rules C, E)
	ReasonContainer     = "CONTAINER_FORMAT"
	ReasonSigValue      = "SIG_VALUE"
	ReasonHashMismatch  = "HASH_MISMATCH"
	ReasonSealSig       = "SEAL_SIG"
	ReasonCertNotInSeal = "CERT_NOT_IN_SEAL"
	ReasonSignerList    = "SIGNER_LIST_UNUSABLE"
	ReasonRangeNamed    = "RANGE_NAMED_OTHER"
	ReasonRangeText     = "RANGE_TEXT_CHANGED"
	ReasonImage         = "SEAL_IMAGE_MISMATCH" // {page}
	ReasonPictureType   = "PICTURE_TYPE"        // {type}
	ReasonNoZ           = "NON_STANDARD_NO_Z"
	ReasonNotBound      = "NOT_BOUND"
	ReasonNotASeal      = "PLAIN_SIGNATURE"
	// trust and time (rules T)
	ReasonNoTrust         = "NO_TRUST"
	ReasonIssuerUntrusted = "ISSUER_UNTRUSTED" // {who, subject}: who is signer or maker
	ReasonSignerChain     = "SIGNER_CHAIN"
	ReasonSignerKU        = "SIGNER_KU"
	ReasonSignerExpired   = "SIGNER_EXPIRED_AT_SIGNING" // {from, to, at}
	ReasonMakerChain      = "MAKER_CHAIN"
	ReasonMakerKU         = "MAKER_KU"
	ReasonMakerExpired    = "MAKER_EXPIRED"          // {from, to, at}
	ReasonRevokedBefore   = "REVOKED_BEFORE_SIGNING" // {who, at}
	ReasonRevokedNoPOE    = "REVOKED_NO_POE"         // {who, at}
	ReasonOutOfBounds     = "OUT_OF_BOUNDS_NO_POE"   // {who, to}
	ReasonRevocation      = "REVOCATION_UNKNOWN"     // {who}
	ReasonTryLater        = "TRY_LATER"              // {who, to}
	ReasonSealTime        = "SIGN_TIME_OUTSIDE_SEAL" // {from, to, at}
	ReasonSealStatus      = "SEAL_STATUS"            // {status, since}
	ReasonTimestamp       = "TIMESTAMP_UNCHECKED"
	ReasonTimestampWrong  = "TIMESTAMP"
	ReasonTimeClaimed     = "TIME_CLAIMED"
	ReasonTimeFuture      = "TIME_FUTURE"   // {at}
	ReasonTrustExpired    = "TRUST_EXPIRED" // {to}
	ReasonTrustStale      = "TRUST_STALE"   // {days}
	ReasonTimeDiffers     = "TIME_DIFFERS"  // {claimed, at}: the claimed time lies behind the proven one
	ReasonGrey            = "GREY_INTERVAL" // {who, hours, at, since}: proven shortly before the loss or revocation
	// proofs of time that prove nothing
	ReasonTimestampUntrusted = "TIMESTAMP_UNTRUSTED" // {by}
	ReasonReceiptUntrusted   = "RECEIPT_UNTRUSTED"   // {by, at}
	ReasonReceiptVerdict     = "RECEIPT_VERDICT"     // {by, at, verdict}
	// issuing hierarchy and list of seals
	ReasonSkipLevel        = "SKIP_LEVEL"     // {department, own, division}
	ReasonForeignRegion    = "FOREIGN_REGION" // {department, own, division}
	ReasonOtherIssuer      = "OTHER_ISSUER"   // {department, own, division}
	ReasonUnknownIssuer    = "UNKNOWN_ISSUER" // {subject}
	ReasonNoDivision       = "NO_DIVISION"
	ReasonStatusUnreadable = "STATUS_UNREADABLE"
	// later revisions (rules I, V)
	ReasonChanged            = "CHANGED_AFTER_SEAL" // {rule}
	ReasonSealRemoved        = "SEAL_REMOVED"
	ReasonDuplicate          = "DUPLICATE_SEAL"
	ReasonMark               = "MARK_INVALID" // {page}
	ReasonLaterInvalid       = "LATER_SEAL_INVALID"
	ReasonLaterIndeterminate = "LATER_SEAL_INDETERMINATE"
)

// ReasonKeys lists every key that a Report can carry, for the catalogues' completeness test.
func ReasonKeys() []string {
	return []string{
		ReasonFormat, ReasonLimit, ReasonEncrypted, ReasonUnsupported, ReasonWorker,
		ReasonByteRange, ReasonContents, ReasonCoverage,
		ReasonContainer, ReasonSigValue, ReasonHashMismatch, ReasonSealSig, ReasonCertNotInSeal, ReasonSignerList,
		ReasonRangeNamed, ReasonRangeText, ReasonImage, ReasonPictureType, ReasonNoZ, ReasonNotBound, ReasonNotASeal,
		ReasonNoTrust, ReasonIssuerUntrusted, ReasonSignerChain, ReasonSignerKU, ReasonSignerExpired,
		ReasonMakerChain, ReasonMakerKU, ReasonMakerExpired, ReasonRevokedBefore, ReasonRevokedNoPOE, ReasonOutOfBounds,
		ReasonRevocation, ReasonTryLater, ReasonSealTime, ReasonSealStatus, ReasonTimestamp, ReasonTimeClaimed,
		ReasonTimeFuture, ReasonTrustExpired, ReasonTrustStale, ReasonTimeDiffers, ReasonGrey, ReasonTimestampWrong,
		ReasonTimestampUntrusted, ReasonReceiptUntrusted, ReasonReceiptVerdict,
		ReasonSkipLevel, ReasonForeignRegion, ReasonOtherIssuer, ReasonUnknownIssuer, ReasonNoDivision, ReasonStatusUnreadable,
		ReasonChanged, ReasonSealRemoved, ReasonDuplicate, ReasonMark, ReasonLaterInvalid, ReasonLaterIndeterminate,
	}
}

// The keys of changes, under "change.<KEY>" in the catalogues.
const (
	ChangeSealAdded    = "SEAL_ADDED"    // {name, pages}: a further seal, permitted
	ChangeReceiptAdded = "RECEIPT_ADDED" // {by, at}: a receipt of the centre for a seal, permitted
	ChangeObject       = "OBJECT"        // {rule, object}: an object of the sealed revision was redefined
	ChangeCatalog      = "CATALOG"       // {rule, key}: the document's catalogue or form changed
	ChangePage         = "PAGE"          // {rule}: a page changed
	ChangeAnnotation   = "ANNOTATION"    // {rule, kind}: an annotation was added or altered
	ChangePages        = "PAGES"         // {rule, before, after}: pages were added or removed
	ChangeSealRemoved  = "SEAL_REMOVED"  // {rule}: a seal was removed or made unreachable
	ChangeUnreadable   = "UNREADABLE"    // {rule}: what follows the seal cannot be read strictly
	ChangeOther        = "OTHER"         // {rule, detail}
)

// ChangeKeys lists every key of a Change.
func ChangeKeys() []string {
	return []string{ChangeSealAdded, ChangeReceiptAdded, ChangeObject, ChangeCatalog, ChangePage, ChangeAnnotation, ChangePages,
		ChangeSealRemoved, ChangeUnreadable, ChangeOther}
}

// The keys of findings of the pre-seal gate, under "finding.<KEY>" in the catalogues.
const (
	FindingJavaScript      = "JAVASCRIPT"
	FindingLaunch          = "LAUNCH"
	FindingXFA             = "XFA"
	FindingExternalStream  = "EXTERNAL_STREAM"
	FindingReferenceX      = "REFERENCE_XOBJECT"
	FindingNeedAppearances = "NEED_APPEARANCES"        // {count}: that many appearances are written
	FindingNeedAppsSealed  = "NEED_APPEARANCES_SEALED" // the same in a document that is sealed already
	FindingFieldCharacters = "FIELD_CHARACTERS"        // {field, characters}: that no font has
	FindingFieldUndrawn    = "FIELD_UNDRAWN"           // {field}: no appearance can be made
	FindingDocMDP          = "DOCMDP"
	FindingEncrypted       = "ENCRYPTED"
	FindingSealNotValid    = "EXISTING_SEAL_NOT_VALID" // {verdict}
	FindingForeignSig      = "FOREIGN_SIGNATURE"
	FindingUsageRights     = "USAGE_RIGHTS"
	FindingNoPages         = "NO_PAGES"
	FindingOptionalContent = "OPTIONAL_CONTENT"
	FindingForm            = "FORM_FIELDS"
	FindingAttachment      = "ATTACHMENT"
	FindingActions         = "ACTIONS"   // {kind}
	FindingBaseNote        = "BASE_NOTE" // {detail}
)

// FindingKeys lists every key of a Finding.
func FindingKeys() []string {
	return []string{FindingJavaScript, FindingLaunch, FindingXFA, FindingExternalStream, FindingReferenceX,
		FindingNeedAppearances, FindingNeedAppsSealed, FindingFieldCharacters, FindingFieldUndrawn, FindingDocMDP, FindingEncrypted, FindingSealNotValid, FindingForeignSig,
		FindingUsageRights, FindingNoPages, FindingOptionalContent, FindingForm, FindingAttachment, FindingActions, FindingBaseNote}
}
