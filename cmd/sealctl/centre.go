package main

import (
	"path/filepath"

	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/register/queue"
)

// noCentreError says that the settings name no central endpoint.
type noCentreError struct{}

func (noCentreError) Error() string { return "sealctl: no central endpoint in the settings" }

// Situation implements explain.Situation.
func (noCentreError) Situation() (key string, data map[string]string) { return "center.unset", nil }

// centre makes a client of the endpoint of the settings; the caller closes it. Without one the error is a noCentreError.
func (a *app) centre() (*center.Client, error) {
	a.underPolicy()
	if !a.cfg.Center.Configured() {
		return nil, noCentreError{}
	}
	return a.cfg.Center.Open(a.now, a.log)
}

// outbox opens the queue of verifications that wait for the centre; nil where the settings name no folder for the register.
func (a *app) outbox() (*queue.Queue, error) {
	if a.cfg.Register == "" {
		return nil, nil
	}
	return queue.Open(filepath.Join(a.cfg.Register, register.QueueName), a.now)
}
