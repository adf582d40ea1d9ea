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
	ReasonSealTimestamp   = "SEAL_TIMESTAMP" // of the seal itself
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
	ReasonMark               = "MARK_INVALID"     // {page, mark}: see MarkCodes
	ReasonMarkNowhere        = "MARK_NOWHERE"     // {mark}: the same where no single page is concerned
	ReasonPlan               = "STRADDLE_PLAN"    // what the seal says of its slices cannot be read
	ReasonSliceMissing       = "STRADDLE_MISSING" // {count, pages}: of so many slices those of pages are missing
	ReasonSlicePart          = "STRADDLE_PART"    // {page}: the slice shows another part of the seal
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
		ReasonTimeFuture, ReasonTrustExpired, ReasonTrustStale, ReasonTimeDiffers, ReasonGrey, ReasonTimestampWrong, ReasonSealTimestamp,
		ReasonTimestampUntrusted, ReasonReceiptUntrusted, ReasonReceiptVerdict,
		ReasonSkipLevel, ReasonForeignRegion, ReasonOtherIssuer, ReasonUnknownIssuer, ReasonNoDivision, ReasonStatusUnreadable,
		ReasonChanged, ReasonSealRemoved, ReasonDuplicate, ReasonMark, ReasonMarkNowhere, ReasonPlan, ReasonSliceMissing, ReasonSlicePart, ReasonLaterInvalid, ReasonLaterIndeterminate,
	}
}

// The keys of changes, under "change.<KEY>" in the catalogues. All but the permitted ones carry the rule; {pages} names several pages.
const (
	ChangeSealAdded    = "SEAL_ADDED"    // {name, pages}: a further seal, permitted
	ChangeReceiptAdded = "RECEIPT_ADDED" // {by, at}: a receipt of the centre for a seal, permitted

	ChangeReceiptClaimed = "RECEIPT_CLAIMED" // {by, at}: the same where nothing vouches for the centre

	ChangeAnnotationAdded    = "ANNOTATION_ADDED"     // {subtype}
	ChangeAnnotationOverMark = "ANNOTATION_OVER_MARK" // {subtype, seal}: added over a mark of an earlier seal
	ChangeAnnotationAltered  = "ANNOTATION_ALTERED"   // {subtype, parts}
	ChangeAnnotationRemoved  = "ANNOTATION_REMOVED"   // {subtype}
	ChangeAnnotations        = "ANNOTATIONS"          // the list of a page is another, or in another order
	ChangeFieldAdded         = "FIELD_ADDED"          // {field}
	ChangeFieldValue         = "FIELD_VALUE"          // {field, before, after}
	ChangeFieldAltered       = "FIELD_ALTERED"        // {field, parts}
	ChangeFieldRemoved       = "FIELD_REMOVED"        // {field}

	ChangeMarkCovered = "MARK_COVERED" // {seal, by}: the mark of a later seal covers one of an earlier seal
	ChangeMarkAltered = "MARK_ALTERED" // {seal, parts}
	ChangeMarkRemoved = "MARK_REMOVED" // {seal}
	ChangeSignature   = "SIGNATURE"    // {seal, how}: the signature dictionary of a seal was redefined
	ChangeSealRemoved = "SEAL_REMOVED" // {seal, field}: a seal was removed or made unreachable

	ChangePage         = "PAGE"          // {key}: an entry of the page
	ChangePageContent  = "PAGE_CONTENT"  // {pages, how}: what a page draws
	ChangePageRotated  = "PAGE_ROTATED"  // {before, after}: degrees
	ChangePageSize     = "PAGE_SIZE"     // {before, after}: millimetres
	ChangePageReplaced = "PAGE_REPLACED" // another page stands in its place
	ChangePageAdded    = "PAGE_ADDED"    // Page counts in the present revision
	ChangePageRemoved  = "PAGE_REMOVED"  // Page counts in the revision before
	ChangePages        = "PAGES"         // {before, after}: number of pages
	ChangePagesMoved   = "PAGES_MOVED"   // {pages}
	ChangePageTree     = "PAGE_TREE"     // {object, how}: the list of pages was redefined

	ChangeFont     = "FONT"     // {name, pages, how}: a font that pages use
	ChangePicture  = "PICTURE"  // {pages, how}: a picture that pages show
	ChangeDrawing  = "DRAWING"  // {pages, how}: a form XObject that pages draw
	ChangeLayer    = "LAYER"    // {pages, how}: an optional content group of pages
	ChangeResource = "RESOURCE" // {pages, how}: something else that pages use

	ChangeCatalog    = "CATALOG"    // {key}: the trailer, the document's catalogue or form
	ChangeObject     = "OBJECT"     // {object, how}: an object that no page leads to
	ChangeAppended   = "APPENDED"   // {bytes}: bytes that are no revision stand behind the sealed file
	ChangeUnreadable = "UNREADABLE" // what follows the seal cannot be read strictly
	ChangeOther      = "OTHER"      // {detail, object}
	ChangeFurther    = "FURTHER"    // {count}: so many more
)

// ChangeKeys lists every key of a Change.
func ChangeKeys() []string {
	return []string{ChangeSealAdded, ChangeReceiptAdded, ChangeReceiptClaimed,
		ChangeAnnotationAdded, ChangeAnnotationOverMark, ChangeAnnotationAltered, ChangeAnnotationRemoved, ChangeAnnotations,
		ChangeFieldAdded, ChangeFieldValue, ChangeFieldAltered, ChangeFieldRemoved,
		ChangeMarkCovered, ChangeMarkAltered, ChangeMarkRemoved, ChangeSignature, ChangeSealRemoved,
		ChangePage, ChangePageContent, ChangePageRotated, ChangePageSize, ChangePageReplaced, ChangePageAdded, ChangePageRemoved, ChangePages,
		ChangePagesMoved, ChangePageTree, ChangeFont, ChangePicture, ChangeDrawing, ChangeLayer, ChangeResource,
		ChangeCatalog, ChangeObject, ChangeAppended, ChangeUnreadable, ChangeOther, ChangeFurther}
}

// The details of ChangeOther, under "detail.<code>" in the catalogues.
const (
	detailNoSeal          = "no_seal"
	detailObjectsAdded    = "objects_added"
	detailOrphan          = "orphan"
	detailObjectStream    = "object_stream"
	detailNotOneField     = "not_one_field"
	detailSharedValue     = "shared_value"
	detailCertifiedLater  = "certified_later"
	detailCertifiedBefore = "certified_before"
)

// ChangeDetails lists the values of the datum "detail" of a Change.
func ChangeDetails() []string {
	return []string{detailNoSeal, detailObjectsAdded, detailOrphan, detailObjectStream, detailNotOneField, detailSharedValue,
		detailCertifiedLater, detailCertifiedBefore}
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
	FindingSealNotValid    = "EXISTING_SEAL_NOT_VALID" // {seal, verdict}
	FindingMark            = "EXISTING_MARK"           // {seal, mark}: see MarkCodes
	FindingForeignSig      = "FOREIGN_SIGNATURE"       // {field}
	FindingUsageRights     = "USAGE_RIGHTS"
	FindingNoPages         = "NO_PAGES"
	FindingOptionalContent = "OPTIONAL_CONTENT"  // {names}
	FindingForm            = "FORM_FIELDS"       // {count, names}
	FindingAttachment      = "ATTACHMENT"        // {count, names}
	FindingFont            = "FONT_NOT_EMBEDDED" // {names}
	FindingActions         = "ACTIONS"           // {action, count}
	FindingBaseNote        = "BASE_NOTE"         // {detail}
	FindingOverlay         = "OVERLAY"           // {count}: so many pieces of text or pictures lie under something opaque
	FindingTextUnderScan   = "TEXT_UNDER_SCAN"   // {count}: the same, under a picture of the whole page
	FindingUnlooked        = "OVERLAY_UNLOOKED"  // pages of which it is not known whether something is covered
	FindingHiddenPages     = "HIDDEN_PAGES"      // {count, objects}
	FindingFreed           = "FREED_OBJECTS"     // {count, objects}
	FindingUnlisted        = "UNLISTED_OBJECTS"  // {count, objects}
	FindingUnused          = "UNUSED_OBJECTS"    // {count, objects}
	FindingUnsearched      = "UNSEARCHED"        // the search for the four above did not reach everything
)

// FindingKeys lists every key of a Finding.
func FindingKeys() []string {
	return []string{FindingJavaScript, FindingLaunch, FindingXFA, FindingExternalStream, FindingReferenceX,
		FindingNeedAppearances, FindingNeedAppsSealed, FindingFieldCharacters, FindingFieldUndrawn, FindingDocMDP, FindingEncrypted, FindingSealNotValid, FindingForeignSig,
		FindingUsageRights, FindingNoPages, FindingOptionalContent, FindingForm, FindingAttachment, FindingFont, FindingActions, FindingMark,
		FindingBaseNote, FindingOverlay, FindingTextUnderScan, FindingUnlooked, FindingHiddenPages, FindingFreed, FindingUnlisted, FindingUnused, FindingUnsearched}
}
