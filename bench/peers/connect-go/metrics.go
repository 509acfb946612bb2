package main

import (
	"context"
	"strings"
	"time"

	"connectrpc.com/connect"
	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts unary calls with the names and labels of go-grpc-middleware.
type metrics struct {
	started, handled, received, sent *prometheus.CounterVec
	inFlight                         *prometheus.GaugeVec
	seconds                          *prometheus.HistogramVec
}

var buckets = []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

func newMetrics(registry prometheus.Registerer, side string) connect.Interceptor {
	labels := []string{"grpc_type", "grpc_service", "grpc_method"}
	counter := func(name string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "grpc_" + side + "_" + name, Help: name}, labels)
	}
	m := &metrics{
		started:  counter("started_total", labels...),
		handled:  counter("handled_total", append(labels, "grpc_code")...),
		received: counter("msg_received_total", labels...),
		sent:     counter("msg_sent_total", labels...),
		inFlight: prometheus.NewGaugeVec(
			prometheus.GaugeOpts{Name: "grpc_" + side + "_in_flight", Help: "in_flight"}, labels),
		seconds: prometheus.NewHistogramVec(
			prometheus.HistogramOpts{
				Name: "grpc_" + side + "_handling_seconds", Help: "handling_seconds", Buckets: buckets,
			}, labels),
	}
	registry.MustRegister(m.started, m.handled, m.received, m.sent, m.inFlight, m.seconds)
	return connect.UnaryInterceptorFunc(m.wrap)
}

func (m *metrics) wrap(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		service, method, _ := strings.Cut(req.Spec().Procedure[1:], "/")
		first, last := m.received, m.sent
		if req.Spec().IsClient {
			first, last = m.sent, m.received
		}
		begin := time.Now()
		m.started.WithLabelValues("unary", service, method).Inc()
		m.inFlight.WithLabelValues("unary", service, method).Inc()
		first.WithLabelValues("unary", service, method).Inc()
		response, err := next(ctx, req)
		code := "OK"
		if err != nil {
			code = connect.CodeOf(err).String()
		} else {
			last.WithLabelValues("unary", service, method).Inc()
		}
		m.handled.WithLabelValues("unary", service, method, code).Inc()
		m.inFlight.WithLabelValues("unary", service, method).Dec()
		m.seconds.WithLabelValues("unary", service, method).Observe(time.Since(begin).Seconds())
		return response, err
	}
}
