package durable

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// hexPath stands before a path that is no UTF-8 text, in hexadecimal digits: JSON would not keep its bytes.
const hexPath = "hex:"

// PathText writes an absolute path as a text that leads to the same file when it is read back by PathOf.
func PathText(path string) string {
	if utf8.ValidString(path) {
		return path
	}
	return hexPath + hex.EncodeToString([]byte(path))
}

// PathOf is the path that PathText has written.
func PathOf(text string) string {
	if digits, ok := strings.CutPrefix(text, hexPath); ok {
		if b, err := hex.DecodeString(digits); err == nil {
			return string(b)
		}
	}
	return text
}
