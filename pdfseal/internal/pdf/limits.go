package pdf

// The budgets of rule R1 (docs/verification.md, 4.2). Exceeding one gives a *SyntaxError with rule "R1" that wraps ErrLimit.
const (
	maxFileSize   = 1 << 30  // bytes of a file
	maxName       = 127      // bytes of a decoded name beyond which it is noted
	maxNameHard   = 4 << 10  // bytes of a decoded name
	maxString     = 64 << 10 // bytes of a string
	maxContents   = 2 << 20  // hexadecimal digits of a /Contents string
	maxBlank      = 64 << 10 // bytes of white space and comments between two tokens of an object
	maxGap        = 64       // bytes of white space accepted where an offset should lead to a token, and inside N G obj
	maxNesting    = 64       // arrays and dictionaries inside one another
	maxNumber     = 400      // bytes of a number
	maxObjectSize = 16 << 20 // bytes of one object without its stream data
	maxElements   = 1 << 20  // array elements and dictionary entries of one object

	maxObjects   = 1_000_000 // cross-reference entries of all sections together
	maxObjectNum = 8_388_607 // highest object number (ISO 32000-1, Annex C)
	maxSections  = 1024      // cross-reference sections
	maxRevisions = 256

	maxInflate     = 64 << 20  // decoded bytes of one stream
	maxInflateFile = 256 << 20 // decoded bytes of all cross-reference and object streams, each counted once
	maxInflateWork = 1 << 30   // decoded bytes with repetition: bounds the time spent on streams that do not stay in the cache

	maxPages     = 100_000
	maxPageNodes = 200_000 // nodes of a page tree, pages included
	maxPageDepth = 512     // levels of a page tree; the walk is iterative
	maxChain     = 16      // references that lead to references
	maxNotes     = 256     // notes kept; further ones are dropped

	cacheBudget = 8 << 20  // estimated bytes of parsed objects and decoded object streams that stay in memory
	cacheLarge  = 32 << 20 // estimated bytes of the one larger object that stays beside them
)
