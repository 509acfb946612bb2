package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
	"unicode/utf8"

	"connectrpc.com/connect"
	"golang.org/x/sync/errgroup"

	revertnamev1 "both-ends/bench/connect-go/gen/revertname/v1"
	"both-ends/bench/connect-go/gen/revertname/v1/revertnamev1connect"
	timev1 "both-ends/bench/connect-go/gen/time/v1"
	"both-ends/bench/connect-go/gen/time/v1/timev1connect"
)

const callTimeout = 5 * time.Second

type proxy struct {
	revertName revertnamev1connect.RevertNameServiceClient
	time       timev1connect.TimeServiceClient
}

type answer struct {
	Name         string `json:"name"`
	ReversedName string `json:"reversed_name"`
	Time         string `json:"time"`
}

func newProxy(revertNameURL, timeURL string, metrics connect.Interceptor) http.Handler {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	options := connect.WithClientOptions(connect.WithGRPC(), connect.WithInterceptors(metrics))
	return &proxy{
		revertName: revertnamev1connect.NewRevertNameServiceClient(client, revertNameURL, options),
		time:       timev1connect.NewTimeServiceClient(client, timeURL, options),
	}
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if length := utf8.RuneCountInString(name); length < 1 || length > 1024 {
		http.Error(w, "name has to be 1 to 1024 characters", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), callTimeout)
	defer cancel()
	result := answer{Name: name}
	var calls errgroup.Group
	calls.Go(func() error {
		res, err := p.revertName.RevertName(ctx, connect.NewRequest(&revertnamev1.RevertNameRequest{Name: name}))
		if err == nil {
			result.ReversedName = res.Msg.GetReversedName()
		}
		return err
	})
	calls.Go(func() error {
		res, err := p.time.WhatTimeIs(ctx, connect.NewRequest(&timev1.WhatTimeIsRequest{}))
		if err == nil {
			result.Time = res.Msg.GetRfc3339()
		}
		return err
	})
	if err := calls.Wait(); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(result)
}
