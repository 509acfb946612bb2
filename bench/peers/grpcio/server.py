"""Serves revertname.v1 with grpcio and py-grpc-prometheus, for comparison."""

import json
import os
import sys
import time
from concurrent import futures

import grpc
import regex
from prometheus_client import start_http_server
from py_grpc_prometheus.prometheus_server_interceptor import PromServerInterceptor
from revertname.v1 import revert_name_service_pb2 as messages
from revertname.v1 import revert_name_service_pb2_grpc as services


def reverse_graphemes(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text[::-1]
    return "".join(reversed(regex.findall(r"\X", text)))


class RevertName(services.RevertNameServiceServicer):
    def RevertName(self, request, context):
        delay = request.delay.ToTimedelta().total_seconds()
        if not 1 <= len(request.name) <= 1024 or not 0 <= delay <= 30:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "name or delay out of range")
        if delay > 0:
            time.sleep(delay)
        return messages.RevertNameResponse(reversed_name=reverse_graphemes(request.name))


def main() -> None:
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=os.cpu_count() * 5),
        interceptors=(PromServerInterceptor(enable_handling_time_histogram=True),),
    )
    services.add_RevertNameServiceServicer_to_server(RevertName(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    metrics, _ = start_http_server(0, "127.0.0.1")
    print(json.dumps({"port": port, "metricsPort": metrics.server_port}), flush=True)
    # Leaves no orphan when the parent is killed.
    sys.stdin.read()
    server.stop(None)
    metrics.shutdown()


main()
