package pdfseal

import (
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/encoding/charmap"
)

// charEncoding gives the character of each code of a simple font, 0 where it has none.
type charEncoding [256]rune

// latinNames are the glyph names of the standard Latin character set that are not the letter itself (ISO 32000-2, D.2).
const latinNames = `space   exclam ! quotedbl " numbersign # dollar $ percent % ampersand & quotesingle ' parenleft ( parenright )
asterisk * plus + comma , hyphen - period . slash / zero 0 one 1 two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9
colon : semicolon ; less < equal = greater > question ? at @ bracketleft [ backslash \ bracketright ] asciicircum ^ underscore _
grave ` + "`" + ` braceleft { bar | braceright } asciitilde ~ exclamdown ¡ cent ¢ sterling £ currency ¤ yen ¥ brokenbar ¦ section §
dieresis ¨ copyright © ordfeminine ª guillemotleft « logicalnot ¬ registered ® macron ¯ degree ° plusminus ± twosuperior ²
threesuperior ³ acute ´ mu µ paragraph ¶ periodcentered · cedilla ¸ onesuperior ¹ ordmasculine º guillemotright » onequarter ¼
onehalf ½ threequarters ¾ questiondown ¿ Agrave À Aacute Á Acircumflex Â Atilde Ã Adieresis Ä Aring Å AE Æ Ccedilla Ç Egrave È
Eacute É Ecircumflex Ê Edieresis Ë Igrave Ì Iacute Í Icircumflex Î Idieresis Ï Eth Ð Ntilde Ñ Ograve Ò Oacute Ó Ocircumflex Ô
Otilde Õ Odieresis Ö multiply × Oslash Ø Ugrave Ù Uacute Ú Ucircumflex Û Udieresis Ü Yacute Ý Thorn Þ germandbls ß agrave à
aacute á acircumflex â atilde ã adieresis ä aring å ae æ ccedilla ç egrave è eacute é ecircumflex ê edieresis ë igrave ì iacute í
icircumflex î idieresis ï eth ð ntilde ñ ograve ò oacute ó ocircumflex ô otilde õ odieresis ö divide ÷ oslash ø ugrave ù uacute ú
ucircumflex û udieresis ü yacute ý thorn þ ydieresis ÿ dotlessi ı Lslash Ł lslash ł OE Œ oe œ Scaron Š scaron š Ydieresis Ÿ
Zcaron Ž zcaron ž florin ƒ circumflex ˆ caron ˇ breve ˘ dotaccent ˙ ring ˚ ogonek ˛ tilde ˜ hungarumlaut ˝ endash – emdash —
quoteleft ‘ quoteright ’ quotesinglbase ‚ quotedblleft “ quotedblright ” quotedblbase „ dagger † daggerdbl ‡ bullet • ellipsis …
perthousand ‰ guilsinglleft ‹ guilsinglright › fraction ⁄ Euro € trademark ™ minus − fi ﬁ fl ﬂ`

// latinGlyphs gives the character of a glyph name.
var latinGlyphs = sync.OnceValue(func() map[string]rune {
	out := map[string]rune{"space": ' '}
	words := strings.Fields(strings.TrimPrefix(latinNames, "space"))
	for i := 0; i+1 < len(words); i += 2 {
		out[words[i]] = []rune(words[i+1])[0]
	}
	return out
})

// glyphCharacter gives the character of a glyph name: a letter, a name of the Latin set, or uniXXXX; 0 for any other.
func glyphCharacter(name string) rune {
	if len(name) == 1 && (name[0]|0x20) >= 'a' && (name[0]|0x20) <= 'z' {
		return rune(name[0])
	}
	if r, ok := latinGlyphs()[name]; ok {
		return r
	}
	if hex, ok := strings.CutPrefix(name, "uni"); ok && len(hex) == 4 {
		if n, err := strconv.ParseUint(hex, 16, 16); err == nil && (n < 0xd800 || n > 0xdfff) {
			return rune(n)
		}
	}
	return 0
}

// Where the encodings differ from ASCII and Latin-1: the first code in hexadecimal, then the characters from there on.
const (
	standardUpper = `27 ’ 60 ‘ a1 ¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ b1 –†‡· b6 ¶•‚„”»…‰ bf ¿ c1 ` + "`" + `´ˆ˜¯˘˙¨ ca ˚¸ cd ˝˛ˇ— e1 Æ e3 ª e8 ŁØŒº f1 æ f5 ı f8 łøœß`
	docUpper      = `18 ˘ˇˆ˙˝˛˚˜ 80 •†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž a0 €`
)

// latinEncodings gives the encodings that a font may name (ISO 32000-2, D.1 to D.3).
var latinEncodings = sync.OnceValue(func() map[string]*charEncoding {
	var standard, doc, win, mac charEncoding
	for c := range 256 {
		if c >= 0x20 && c < 0x7f {
			standard[c], doc[c], win[c], mac[c] = rune(c), rune(c), rune(c), rune(c)
		}
		if c >= 0xa1 && c != 0xad {
			doc[c] = rune(c)
		}
		if r := charmap.Windows1252.DecodeByte(byte(c)); c >= 0x80 && r >= 0xa1 && r != 0xad && r != 0xfffd {
			win[c] = r
		}
		if r := charmap.Macintosh.DecodeByte(byte(c)); c >= 0x80 && r >= 0xa1 && isLatin(r) {
			mac[c] = r
		}
	}
	mac[0xdb] = '¤' // where later versions of Mac OS have the euro sign
	standard.set(standardUpper)
	doc.set(docUpper)
	return map[string]*charEncoding{"StandardEncoding": &standard, "PDFDocEncoding": &doc, "WinAnsiEncoding": &win, "MacRomanEncoding": &mac}
})

// isLatin tells whether r belongs to the standard Latin character set; of Mac OS Roman, only these are in MacRomanEncoding.
func isLatin(r rune) bool {
	for _, l := range latinGlyphs() {
		if l == r {
			return true
		}
	}
	return false
}

func (e *charEncoding) set(table string) {
	words := strings.Fields(table)
	for i := 0; i+1 < len(words); i += 2 {
		code, err := strconv.ParseUint(words[i], 16, 8)
		if err != nil {
			panic("pdfseal: encoding table: " + words[i])
		}
		for j, r := range []rune(words[i+1]) {
			e[int(code)+j] = r
		}
	}
}
