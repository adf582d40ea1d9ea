package main

import (
	"strconv"
	"time"
)

// verificationView is an answer of the endpoint in JSON.
type verificationView struct {
	ID      string    `json:"id"`
	Time    time.Time `json:"time"`
	Client  string    `json:"client"`
	Verdict string    `json:"verdict"`
}

// lastShown is how many answers about a seal are shown.
const lastShown = 10

// verdictPrefix begins the keys of the words for verdicts in the catalogues.
const verdictPrefix = "verdict."

func (a *app) lastVerifications(x *centre, v *sealView) error {
	all, err := x.Store.SealVerifications(a.ctx, v.ID, lastShown)
	for _, r := range all {
		v.Verifications = append(v.Verifications, verificationView{r.ID, r.Time, r.Client, r.Verdict})
		a.say("sealcenter.show.verification", "Time", clock(r.Time), "Client", r.Client, "Verdict", a.cat.T(verdictPrefix+r.Verdict, nil), "ID", r.ID)
	}
	return err
}

// checkpointView is a checkpoint in JSON. DER is what sealctl register check compares with.
type checkpointView struct {
	Register string    `json:"register"`
	Size     int64     `json:"size"`
	Head     string    `json:"head"`
	Signer   string    `json:"signerSM3"`
	Time     time.Time `json:"time"`
	Client   string    `json:"client"`
	Received time.Time `json:"received"`
	DER      []byte    `json:"der"`
}

func (a *app) showCheckpoints(x *centre) error {
	all, err := x.Store.Checkpoints(a.ctx, "")
	if err != nil {
		return err
	}
	out := []checkpointView{}
	for _, c := range all {
		out = append(out, checkpointView{c.Register, c.Size, c.Head, c.Signer, c.Time, c.Client, c.Received, c.DER})
		a.say("sealcenter.show.checkpoint", "Register", c.Register[:16], "Size", strconv.FormatInt(c.Size, 10), "Time", clock(c.Time), "Client", c.Client)
	}
	return a.result(out)
}
