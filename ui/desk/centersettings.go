package desk

import (
	"context"
	"errors"
	"strings"

	"sealdesk/pdfseal/center"
	"sealdesk/ui/config"
	"sealdesk/ui/job"
	"sealdesk/ui/state"
)

// centerOptions are the settings of the centre as the window shows them.
func centerOptions(c config.Center) state.CenterOptions {
	o := state.CenterOptions{URL: c.URL, CA: c.CA, Certificate: c.Certificate, Key: c.Key, Pins: strings.Join(c.Pins, " "), Transport: c.Transport}
	if o.Transport == "" {
		o.Transport = center.TransportTLS
	}
	return o
}

// withCenter returns settings with what the window says of the centre, except for what is fixed. Proxy and time limit stay.
func withCenter(c config.Config, o state.CenterOptions, fixed map[string]bool) config.Config {
	c.Center.CA, c.Center.Certificate, c.Center.Key = o.CA, o.Certificate, o.Key
	if !fixed["center_url"] {
		c.Center.URL = strings.TrimSpace(o.URL)
	}
	if !fixed["center_transport"] {
		c.Center.Transport = o.Transport
	}
	if !fixed["center_pins"] {
		c.Center.Pins = strings.FieldsFunc(o.Pins, func(r rune) bool { return strings.ContainsRune(" ,;，；\n\t", r) })
	}
	return c
}

// checkCenter says in words what is wrong with the settings of a centre. The answer is nil or an *job.Error.
func checkCenter(c config.Center) error {
	if !c.Configured() {
		return nil
	}
	if err := center.CheckURL(c.URL); err != nil {
		return &job.Error{Key: "center.address", Data: map[string]string{"Address": c.URL}, Err: err}
	}
	if err := center.CheckPins(c.Pins); err != nil {
		return &job.Error{Key: "center.pins", Err: err}
	}
	switch {
	case c.CA == "":
		return &job.Error{Key: "center.no_ca"}
	case (c.Certificate == "") != (c.Key == ""):
		return &job.Error{Key: "center.half_certificate"}
	}
	return nil
}

// TryCenter implements state.Work. It takes no longer than the settings allow for two answers, and tells the centre nothing.
func (d *Desk) TryCenter(ctx context.Context, o state.CenterOptions) (state.CenterAnswer, error) {
	d.mu.Lock()
	locks, c := d.locks, d.cfg
	d.mu.Unlock()
	c, _ = locks.under(withCenter(c, o, nil))
	if !c.Center.Configured() {
		return state.CenterAnswer{}, &job.Error{Key: "center.unset"}
	}
	if err := checkCenter(c.Center); err != nil {
		return state.CenterAnswer{}, err
	}
	client, err := c.Center.Open(d.Now, d.Log)
	if err != nil {
		return state.CenterAnswer{}, err
	}
	defer client.Close()
	h, err := client.Probe(ctx)
	if h == nil {
		return state.CenterAnswer{Host: client.Host()}, err
	}
	if err == nil {
		err = admitted(ctx, client)
	}
	return state.CenterAnswer{Host: h.Host, Protocol: h.Protocol, Subject: h.Subject, Until: h.NotAfter, Elapsed: h.Time, Skew: h.Skew}, err
}

// noSeal is an identifier that no centre gives.
const noSeal = "00000000000000"

// admitted tells whether the centre answers this computer: a sign of life it gives to everybody. It is asked about a seal that does not
// exist, and that it does not know it is the answer hoped for.
func admitted(ctx context.Context, client *center.Client) error {
	nothing := strings.Repeat("0", 64)
	_, err := client.Status(ctx, noSeal, nothing, nothing)
	var e *center.Error
	if errors.As(err, &e) && (e.Kind == center.KindUnknownSeal || e.Kind == center.KindRefused) {
		return nil
	}
	return err
}
