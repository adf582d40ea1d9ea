package main

import (
	"context"
	"strconv"
	"time"

	"sealdesk/pdfseal/center"
)

// probeLimit bounds how long the doctor waits for the centre.
const probeLimit = 10 * time.Second

type centerReport struct {
	URL        string     `json:"url"`
	Transport  string     `json:"transport"`
	Reached    bool       `json:"reached"`
	Subject    string     `json:"subject,omitempty"`
	NotAfter   *time.Time `json:"notAfter,omitempty"`
	Protocol   string     `json:"protocol,omitempty"`
	Elapsed    int64      `json:"milliseconds,omitempty"`
	OffsetSecs int64      `json:"clockOffsetSeconds"` // centre's clock minus this computer's
	Error      *failure   `json:"error,omitempty"`
}

// centerReport asks the centre of the settings for a sign of life; nil where there is none.
func (a *app) centerReport() *centerReport {
	s := a.cfg.Center
	if !s.Configured() {
		return nil
	}
	r := &centerReport{URL: s.URL, Transport: s.Transport}
	if r.Transport == "" {
		r.Transport = center.TransportTLS
	}
	c, err := s.Open(a.now, a.log)
	if err != nil {
		r.Error = a.failure(err)
		return r
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(a.ctx, probeLimit)
	defer cancel()
	h, err := c.Probe(ctx)
	r.Error = a.failure(err)
	if h == nil {
		return r
	}
	until := h.NotAfter.UTC()
	r.Reached, r.Subject, r.NotAfter, r.Protocol = true, h.Subject, &until, h.Protocol
	r.Elapsed, r.OffsetSecs = h.Time.Milliseconds(), int64(h.Skew.Seconds())
	return r
}

func (a *app) printCenter(r *centerReport) {
	if r == nil {
		a.say("doctor.no_center")
		return
	}
	a.say("doctor.center", "Host", r.URL, "Transport", r.Transport, "Reached", a.yesNo(r.Reached))
	if r.Reached {
		a.say("doctor.center_peer", "Subject", r.Subject, "Until", day(*r.NotAfter), "Protocol", r.Protocol,
			"Milliseconds", strconv.FormatInt(r.Elapsed, 10), "Offset", center.Offset(time.Duration(r.OffsetSecs)*time.Second))
	}
	if r.Error != nil {
		a.problem(r.Error)
	}
}
