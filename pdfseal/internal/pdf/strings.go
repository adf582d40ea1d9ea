package pdf

// unescape decodes the bytes between the parentheses of a literal string (ISO 32000-2, 7.3.4.2): escapes are resolved, a line end
// of any form becomes LF, and a line end after a backslash vanishes.
func unescape(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\r' {
			if i+1 < len(s) && s[i+1] == '\n' {
				i++
			}
			c = '\n'
		}
		if c != '\\' || i+1 == len(s) {
			out = append(out, c)
			continue
		}
		i++
		switch c = s[i]; {
		case c >= '0' && c <= '7':
			v := 0
			for n := 0; n < 3 && i < len(s) && s[i] >= '0' && s[i] <= '7'; n++ {
				v = v<<3 | int(s[i]-'0')
				i++
			}
			i--
			out = append(out, byte(v))
		case c == '\n':
		case c == '\r':
			if i+1 < len(s) && s[i+1] == '\n' {
				i++
			}
		default:
			out = append(out, escape(c))
		}
	}
	return out
}

// escape gives the byte that a backslash and c stand for.
func escape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	}
	return c
}
