package main

import (
	"encoding/json"
	"fmt"
	"time"

	"sealdesk/pdfseal/trust"
	"sealdesk/ui/job"
	"sealdesk/ui/job/worker"
)

// workerTrust is what a worker process is told of the trust bundle.
type workerTrust struct {
	Source job.TrustSource `json:"source"`
	Now    time.Time       `json:"now"`
}

// verifiers prepares the processes that read documents. The bundle is opened here once, so that what is wrong with it is said
// once and before any document is read.
func (a *app) verifiers(source job.TrustSource, at time.Time) (*worker.Pool, error) {
	now := a.now()
	store, err := source.Open(now)
	if err != nil {
		return nil, err
	}
	if store != nil {
		if err := store.Close(); err != nil {
			return nil, fmt.Errorf("sealctl: trust bundle: %w", err)
		}
	}
	spec, err := json.Marshal(workerTrust{source, now})
	if err != nil {
		return nil, fmt.Errorf("sealctl: %w", err)
	}
	return worker.NewPool(worker.Options{Trust: spec, Now: at})
}

// loadTrust opens the trust bundle inside a worker process.
func loadTrust(spec []byte) (*trust.Store, error) {
	var t workerTrust
	if err := json.Unmarshal(spec, &t); err != nil {
		return nil, fmt.Errorf("sealctl: %w", err)
	}
	return t.Source.Open(t.Now)
}
