// Package assets holds what is compiled into the programs: the catalogues of the user's language, the fonts and the contract of the endpoint.
package assets

import "embed"

// FS holds the folders lang, fonts and openapi.
//
//go:embed lang fonts openapi
var FS embed.FS

// WindowFont is the TrueType font of the window's Chinese characters. It has no Latin letters. Only programs that name it carry it.
//
//go:embed window/DroidSansFallbackFull.ttf
var WindowFont []byte
