package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/trust"
	"sealdesk/ui/explain"
	"sealdesk/ui/job"
	"sealdesk/ui/job/worker"
	"sealdesk/ui/report"
	"sealdesk/ui/state"
)

// workerTrust is what a worker process is told of the trust bundle.
type workerTrust struct {
	Source job.TrustSource `json:"source"`
	Now    time.Time       `json:"now"`
}

// LoadTrust opens the trust bundle inside a worker process.
func LoadTrust(spec []byte) (*trust.Store, error) {
	var t workerTrust
	if err := json.Unmarshal(spec, &t); err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	return t.Source.Open(t.Now)
}

// pool is a set of workers that judge by one trust bundle at one time.
type pool struct {
	*worker.Pool
	made time.Time
	use  sync.WaitGroup
}

// poolAge is how long workers judge by the time at which they were made.
const poolAge = time.Minute

// workers returns the workers in use. The caller calls use.Done when the document is judged.
func (d *Desk) workers() (*pool, error) {
	source := d.source()
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.Now()
	if d.pool != nil && now.Sub(d.pool.made) < poolAge && !now.Before(d.pool.made) {
		d.pool.use.Add(1)
		return d.pool, nil
	}
	d.dropPool()
	spec, err := json.Marshal(workerTrust{source, now})
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	p, err := worker.NewPool(worker.Options{Program: d.Program, Trust: spec, Now: now, Workers: max(1, runtime.GOMAXPROCS(0))})
	if err != nil {
		return nil, err
	}
	d.pool = &pool{Pool: p, made: now}
	d.pool.use.Add(1)
	return d.pool, nil
}

// dropPool ends the workers when their documents are judged. The caller holds the lock.
func (d *Desk) dropPool() {
	if p := d.pool; p != nil {
		d.pool = nil
		go func() {
			p.use.Wait()
			p.Close()
		}()
	}
}

// verifyFile judges a document in a process of its own.
func (d *Desk) verifyFile(ctx context.Context, path string) (*pdfseal.Report, error) {
	p, err := d.workers()
	if err != nil {
		return nil, err
	}
	defer p.use.Done()
	return p.Verify(ctx, path, nil)
}

// Verify implements state.Work.
func (d *Desk) Verify(ctx context.Context, path string) (state.Verified, error) {
	out := state.Verified{Path: path}
	rep, err := d.verifyFile(ctx, path)
	if err != nil {
		return out, err
	}
	report.Describe(ctx, path, rep)
	out.Report, out.Since = rep, report.ChangedSince(rep)
	f, err := pdfseal.OpenFile(path)
	if err != nil {
		return out, err
	}
	defer f.Close()
	out.Pictures = report.Pictures(ctx, f, rep)
	out.Pages = d.Pages.Count(ctx, path)
	return out, nil
}

// comparePairs bounds the pages whose pictures a comparison holds in memory; further pages that differ are named.
const comparePairs = 24

// Compare implements state.Work.
func (d *Desk) Compare(ctx context.Context, v state.Verified, found func([]state.Spot)) ([]int, error) {
	c, err := report.Compare(ctx, v.Path, v.Report, report.Options{Pairs: comparePairs, Found: func(p report.Pair) error {
		spots := make([]state.Spot, 0, len(p.Spots))
		for _, s := range p.Spots {
			spots = append(spots, state.Spot{Page: s.Page, Area: state.Area(s.Region), Change: s.Change, Words: words{s}})
		}
		found(spots)
		return nil
	}})
	if err != nil {
		return nil, err
	}
	return c.More, c.Uncompared
}

// words is the sentence of a place, for a catalogue of either front end.
type words struct{ report.Spot }

// Sentence implements state.Sentence.
func (w words) Sentence(t explain.Translator) string { return w.Spot.Sentence(t) }

// Export implements state.Work. The ending of the name chooses between HTML, PDF and JSON.
func (d *Desk) Export(ctx context.Context, path string, all []state.Verified) error {
	cat := d.Catalogue()
	var docs []*report.Document
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	kind := strings.ToLower(filepath.Ext(path))
	for _, v := range all {
		rep := explain.Filled(cat, v.Report) // the window goes on showing its own, in whatever language
		if kind == ".json" {
			if err := lines.Encode(rep); err != nil {
				return fmt.Errorf("desk: report: %w", err)
			}
			continue
		}
		doc, err := report.Collect(ctx, v.Path, rep, nil)
		if err != nil {
			return err
		}
		docs = append(docs, doc)
	}
	var err error
	switch kind {
	case ".json":
	case ".html":
		err = report.WriteHTML(&b, cat, cat.Lang(), docs, d.Now())
	case ".pdf":
		err = report.WritePDF(&b, cat, docs, d.Now())
	default:
		err = &job.Error{Key: "report.kind", Data: map[string]string{"Path": path}}
	}
	if err != nil {
		return err
	}
	return pdfseal.WriteNewFile(path, b.Bytes())
}
