// Command connect-go serves revertname.v1, time.v1 or the REST proxy over both
// with connect-go, for comparison.
package main

import (
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"connectrpc.com/connect"
	"connectrpc.com/validate"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"both-ends/bench/connect-go/gen/revertname/v1/revertnamev1connect"
	"both-ends/bench/connect-go/gen/time/v1/timev1connect"
)

func main() {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mount(mux, registry, os.Getenv("ROLE"))
	go endWithStdin()
	if err := serve(mux); err != nil {
		log.Fatal(err)
	}
}

// endWithStdin leaves no orphan when the parent is killed.
func endWithStdin() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// mount adds what the role answers.
func mount(mux *http.ServeMux, registry prometheus.Registerer, role string) {
	if role == "edge" {
		mux.Handle("GET /proxy/{name}/", newProxy(
			os.Getenv("REVERT_NAME_URL"),
			os.Getenv("TIME_URL"),
			newMetrics(registry, "client"),
		))
		return
	}
	options := connect.WithInterceptors(newMetrics(registry, "server"), validate.NewInterceptor())
	if role == "time" {
		mux.Handle(timev1connect.NewTimeServiceHandler(timeServer{}, options))
	} else {
		mux.Handle(revertnamev1connect.NewRevertNameServiceHandler(revertNameServer{}, options))
	}
}

// serve speaks HTTP/1.1 and HTTP/2 in cleartext, and tells its port.
func serve(handler http.Handler) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := json.NewEncoder(os.Stdout).Encode(map[string]int{"port": port, "metricsPort": port}); err != nil {
		return err
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: handler, Protocols: protocols}
	return server.Serve(listener)
}
