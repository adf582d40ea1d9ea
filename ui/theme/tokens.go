// Package theme is the look of the window: colours, sizes, the embedded font and the shapes that go with verdicts. Views and widgets
// take every colour from here.
package theme

import "image/color"

// Tokens are the colours of one variant, by what they are used for. Cinnabar is reserved for the seal and for the one action that
// seals.
type Tokens struct {
	Paper, Ink  color.NRGBA // ground and text
	Faint       color.NRGBA // text of second rank
	Desk        color.NRGBA // behind pages
	Line        color.NRGBA // separators
	Edge        color.NRGBA // of buttons and fields
	Hover       color.NRGBA // ground below the pointer
	Chosen      color.NRGBA // ground of what is selected
	Cinnabar    color.NRGBA
	Indigo      color.NRGBA // selection, links, focus ring
	OnAccent    color.NRGBA // text on Cinnabar and Indigo
	Valid       color.NRGBA
	Notice      color.NRGBA
	Unknown     color.NRGBA
	Invalid     color.NRGBA
	ChangedArea color.NRGBA // transparent ground of a changed place
	Page        color.NRGBA // a page before its picture is there
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xFF}
}

// light and dark are the two variants.
var (
	light = Tokens{
		Paper: rgb(0xFAF9F6), Ink: rgb(0x1F2328), Faint: rgb(0x5C6066), Desk: rgb(0xEEECE6), Line: rgb(0xD8D4CA), Edge: rgb(0xC2BDB1), Hover: rgb(0xF1EFE9),
		Chosen: rgb(0xE3EAF1), Cinnabar: rgb(0xC3272B), Indigo: rgb(0x2F5D8A), OnAccent: rgb(0xFFFFFF), Valid: rgb(0x1B7F4B),
		Notice: rgb(0xB7791F), Unknown: rgb(0xB7791F), Invalid: rgb(0xB3261E),
		ChangedArea: color.NRGBA{R: 0xB3, G: 0x26, B: 0x1E, A: 0x22}, Page: rgb(0xFFFFFF),
	}
	dark = Tokens{
		Paper: rgb(0x16181B), Ink: rgb(0xE8E6E1), Faint: rgb(0xA3A7AD), Desk: rgb(0x0F1113), Line: rgb(0x2C3036), Edge: rgb(0x4B5159), Hover: rgb(0x1F2226),
		Chosen: rgb(0x22303D), Cinnabar: rgb(0xE0483E), Indigo: rgb(0x7FB0DC), OnAccent: rgb(0x101214), Valid: rgb(0x54C48A),
		Notice: rgb(0xE0A94A), Unknown: rgb(0xE0A94A), Invalid: rgb(0xFF7A6E),
		ChangedArea: color.NRGBA{R: 0xFF, G: 0x7A, B: 0x6E, A: 0x33}, Page: rgb(0xE9E9E9),
	}
)
