package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the figures of the endpoint, in the text form of Prometheus.
type metrics struct {
	requests *prometheus.CounterVec
	times    *prometheus.HistogramVec
	verdicts *prometheus.CounterVec
	bundle   prometheus.Gauge
	handler  http.Handler
}

func newMetrics() *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sealcenter_requests_total", Help: "Requests by operation and status."}, []string{"operation", "status"}),
		times: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sealcenter_request_seconds", Help: "Time to answer, by operation.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5}}, []string{"operation"}),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sealcenter_verdicts_total", Help: "Seal signatures by verdict."}, []string{"verdict"}),
		bundle:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "sealcenter_bundle_number", Help: "Number of the trust bundle in use."}),
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(m.requests, m.times, m.verdicts, m.bundle, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
	return m
}

func (m *metrics) done(operation string, status int, took time.Duration) {
	m.requests.WithLabelValues(operation, strconv.Itoa(status)).Inc()
	m.times.WithLabelValues(operation).Observe(took.Seconds())
}

// figures writes the figures. A centre that has no bundle, or cannot open it, shows that of number 0.
func (s *Server) figures(w http.ResponseWriter, r *http.Request) error {
	number := 0
	if b, err := s.bundle.take(r.Context()); err == nil {
		number = b.Number
		b.release()
	}
	s.metrics.bundle.Set(float64(number))
	s.metrics.handler.ServeHTTP(w, r)
	return nil
}
