package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"
	"github.com/rivo/uniseg"
	"google.golang.org/protobuf/types/known/timestamppb"

	revertnamev1 "both-ends/bench/connect-go/gen/revertname/v1"
	"both-ends/bench/connect-go/gen/revertname/v1/revertnamev1connect"
	timev1 "both-ends/bench/connect-go/gen/time/v1"
	"both-ends/bench/connect-go/gen/time/v1/timev1connect"
)

type revertNameServer struct {
	revertnamev1connect.UnimplementedRevertNameServiceHandler
}

func (revertNameServer) RevertName(
	ctx context.Context,
	req *connect.Request[revertnamev1.RevertNameRequest],
) (*connect.Response[revertnamev1.RevertNameResponse], error) {
	if delay := req.Msg.GetDelay().AsDuration(); delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return connect.NewResponse(&revertnamev1.RevertNameResponse{
		ReversedName: reverseGraphemes(req.Msg.GetName()),
	}), nil
}

type timeServer struct {
	timev1connect.UnimplementedTimeServiceHandler
}

func (timeServer) WhatTimeIs(
	_ context.Context,
	req *connect.Request[timev1.WhatTimeIsRequest],
) (*connect.Response[timev1.WhatTimeIsResponse], error) {
	location, err := time.LoadLocation(req.Msg.GetTimeZone())
	if err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	now := time.Now().Truncate(time.Millisecond)
	return connect.NewResponse(&timev1.WhatTimeIsResponse{
		Time:    timestamppb.New(now),
		Rfc3339: now.In(location).Format("2006-01-02T15:04:05.000Z07:00"),
	}), nil
}

// reverseGraphemes reverses a text by grapheme cluster.
func reverseGraphemes(text string) string {
	if isPlain(text) {
		bytes := []byte(text)
		slices.Reverse(bytes)
		return string(bytes)
	}
	var clusters []string
	for graphemes := uniseg.NewGraphemes(text); graphemes.Next(); {
		clusters = append(clusters, graphemes.Str())
	}
	slices.Reverse(clusters)
	return strings.Join(clusters, "")
}

func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < 0x20 || text[i] > 0x7e {
			return false
		}
	}
	return true
}
