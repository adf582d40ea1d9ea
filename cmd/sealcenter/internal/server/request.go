package server

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// maxBody bounds the body of a request.
const maxBody = 2 << 20

// readFlat reads a JSON object whose members are the texts named, each exactly
// once: a further, repeated or missing member is refused.
func readFlat(w http.ResponseWriter, r *http.Request, names ...string) (map[string]string, *problem) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, newProblem(http.StatusUnsupportedMediaType, "media_type", "the body must be application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, newProblem(http.StatusRequestEntityTooLarge, "body_too_large", fmt.Sprintf("the body is larger than %d bytes", maxBody))
	case err != nil:
		return nil, malformed("the body cannot be read")
	}
	out, err := parseFlat(string(body), names)
	if err != nil {
		return nil, malformed(err.Error())
	}
	return out, nil
}

func parseFlat(body string, names []string) (map[string]string, error) {
	d := json.NewDecoder(strings.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("the body is not a JSON object")
	}
	out := map[string]string{}
	for d.More() {
		name, value, err := member(d)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("unknown member %.40q", name)
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("member %q occurs twice", name)
		}
		out[name] = value
	}
	if t, err := d.Token(); err != nil || t != json.Delim('}') {
		return nil, errors.New("the body is not a complete JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	for _, n := range names {
		if _, ok := out[n]; !ok {
			return nil, fmt.Errorf("member %q is missing", n)
		}
	}
	return out, nil
}

func member(d *json.Decoder) (name, value string, err error) {
	k, err := d.Token()
	if err != nil {
		return "", "", errors.New("the body is not JSON")
	}
	v, err := d.Token()
	if err != nil {
		return "", "", errors.New("the body is not JSON")
	}
	name, _ = k.(string)
	value, ok := v.(string)
	if !ok {
		return "", "", fmt.Errorf("member %.40q is not a text", name)
	}
	return name, value, nil
}

// decodeBase64 reads RFC 4648, section 4, strictly.
func decodeBase64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") || len(b) == 0 {
		return nil, errors.New("not base64")
	}
	return b, nil
}

// isDigest reports whether s is an SM3 digest in lower-case hexadecimal.
func isDigest(s string) bool { return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == "" }

// isUUID reports whether s is a UUID as RFC 9562 writes it.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !strings.ContainsRune("0123456789abcdef", rune(s[i])) {
			return false
		}
	}
	return true
}
