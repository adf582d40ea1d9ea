// Package assets holds what is compiled into the programs: the catalogues of the user's language and the fonts.
package assets

import "embed"

// FS holds the folders lang and fonts.
//
//go:embed lang fonts
var FS embed.FS
