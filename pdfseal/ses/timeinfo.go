package ses

import (
	"fmt"
	"time"

	"sealdesk/pdfseal/internal/der"
)

// chinaTime is the zone of a time that is written without one.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// timeInfoV1 reads the content of timeInfo of GM/T 0031-2014: a UTCTime or a
// timestamp token by the standard; in practice also a GeneralizedTime or text.
func (r *reader) timeInfoV1(s *Signature, b []byte) {
	const field = "signature.tbs.timeInfo"
	if r.err != nil {
		return
	}
	if v, err := der.ParseAll(b); err == nil {
		switch {
		case v.Is(der.TagSequence):
			s.TimeToken = b
			return
		case v.Is(der.TagUTCTime), v.Is(der.TagGeneralizedTime):
			s.TimeText = string(v.Content)
			s.Time = r.time(field, v, V1)
			return
		}
	}
	s.TimeText = string(b)
	if len(b) > 64 {
		r.fail(field, fmt.Errorf("%d bytes that are neither a time nor a token", len(b)))
		return
	}
	if t, err := time.Parse("2006-01-02T15:04:05Z07:00", s.TimeText); err == nil {
		s.Time = t.UTC()
		r.note("%s: text instead of UTCTime", field)
		return
	}
	t, err := time.ParseInLocation("2006-01-02 15:04:05", s.TimeText, chinaTime)
	if err != nil {
		r.fail(field, fmt.Errorf("text %q is no time", s.TimeText))
		return
	}
	s.Time = t.UTC()
	r.note("%s: text without a zone, read as UTC+8", field)
}
