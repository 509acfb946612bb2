"""Makes calls with grpcio for the tests.

Arguments: the address, then for TLS the files of the authority, and for mutual
TLS those of the client's certificate and key. Reads one call per line from
standard input and writes its outcome as one line, both as JSON. Schemas come
from the server's reflection, so that no code is generated.
"""

import base64
import json
import sys
import threading

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from grpc_status import rpc_status


def open_channel(address, ca=None, cert=None, key=None):
    if ca is None:
        return grpc.insecure_channel(address)
    read = lambda file: open(file, "rb").read() if file else None
    credentials = grpc.ssl_channel_credentials(read(ca), read(key), read(cert))
    return grpc.secure_channel(address, credentials)


def one_by_one(requests, may_send):
    """Sends each request when the one before it has been answered."""
    for request in requests:
        may_send.acquire()
        yield request


def call(channel, pool, spec):
    service, name = spec["service"], spec["method"]
    method = pool.FindServiceByName(service).methods_by_name[name]
    request_class = message_factory.GetMessageClass(method.input_type)
    response_class = message_factory.GetMessageClass(method.output_type)
    kind = "_".join(
        "stream" if streaming else "unary"
        for streaming in (method.client_streaming, method.server_streaming)
    )
    stub = getattr(channel, kind)(
        f"/{service}/{name}",
        request_serializer=request_class.SerializeToString,
        response_deserializer=response_class.FromString,
    )
    requests = [json_format.ParseDict(r, request_class()) for r in spec["requests"]]
    may_send = threading.Semaphore(1)
    if kind == "stream_stream":
        argument = one_by_one(requests, may_send)
    elif method.client_streaming:
        argument = iter(requests)
    else:
        argument = requests[0]
    options = {
        "timeout": spec.get("timeoutMs", 20_000) / 1000,
        "metadata": list(spec.get("metadata", {}).items()),
        "compression": grpc.Compression.Gzip if spec.get("gzip") else None,
    }
    responses = []

    def take(response):
        responses.append(json_format.MessageToDict(response))
        may_send.release()

    if method.server_streaming:
        running = stub(argument, **options)
    else:
        running = stub.future(argument, **options)
    if "cancelAfterMs" in spec:
        threading.Timer(spec["cancelAfterMs"] / 1000, running.cancel).start()
    try:
        if method.server_streaming:
            for response in running:
                take(response)
                if len(responses) == spec.get("cancelAfterResponses"):
                    running.cancel()
        else:
            take(running.result())
    except (grpc.RpcError, grpc.FutureCancelledError):
        pass
    return outcome(running, responses)


def outcome(running, responses):
    code = running.code()
    # Raises if what the details say differs from the status itself.
    status = rpc_status.from_call(running) if code != grpc.StatusCode.OK else None
    return {
        "code": code.name,
        "message": running.details() or "",
        "responses": responses,
        "header": text_metadata(running.initial_metadata()),
        "trailer": text_metadata(running.trailing_metadata()),
        "details": [
            {
                "type": detail.type_url.split("/")[-1],
                "value": base64.b64encode(detail.value).decode(),
            }
            for detail in (status.details if status else [])
        ],
    }


def text_metadata(pairs):
    return {key: value for key, value in pairs or () if isinstance(value, str)}


def main():
    channel = open_channel(*sys.argv[1:])
    pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    for line in sys.stdin:
        try:
            result = call(channel, pool, json.loads(line))
        except Exception as error:  # Reflection itself may fail, as without trust.
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


main()
