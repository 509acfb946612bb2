import { EdgeService } from "@both-ends/gen/edge/v1/edge_service_pb.js";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import {
  create,
  type DescMethodUnary,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  createContextValues,
  type Interceptor,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";

/** What an interceptor calls to go on. */
export type Next = Parameters<Interceptor>[0];

/** A request as interceptors get it, and its response. */
export interface SampleCall {
  readonly request: UnaryRequest;
  readonly response: UnaryResponse;
}

/** Unary calls to methods of four services, in turn, as a process sees them. */
export const sampleCalls: readonly SampleCall[] = [
  sampleCall(
    RevertNameService.method.revertName,
    { name: "Rodrigo" },
    { reversedName: "ogirdoR" },
  ),
  sampleCall(
    TimeService.method.whatTimeIs,
    { timeZone: "America/Sao_Paulo" },
    {
      time: timestampFromMs(1_767_225_600_000),
      rfc3339: "2025-12-31T21:00:00-03:00",
    },
  ),
  sampleCall(
    HeartbeatService.method.beatHeart,
    { serviceName: "time", instanceId: "c0ffee" },
    {},
  ),
  sampleCall(
    EdgeService.method.proxy,
    { name: "Rodrigo" },
    {
      name: "Rodrigo",
      reversedName: "ogirdoR",
      time: "2025-12-31T21:00:00-03:00",
    },
  ),
];

const responses = new Map<unknown, UnaryResponse>(
  sampleCalls.map(({ request, response }) => [request.method, response]),
);

/** Answers each sample call at once: what is around it is all that costs. */
export const answer: Next = async (req) => {
  const response = responses.get(req.method);
  if (response === undefined) {
    throw new RangeError(`${req.method.name} is no sample call`);
  }
  return response;
};

/** Makes the sample calls in turn, one after the other. */
export async function makeCalls(next: Next, calls: number): Promise<void> {
  for (let made = 0; made < calls; ) {
    for (const { request } of sampleCalls) {
      await next(request);
    }
    made += sampleCalls.length;
  }
}

function sampleCall<M extends DescMethodUnary>(
  method: M,
  input: MessageInitShape<M["input"]>,
  output: MessageInitShape<M["output"]>,
): SampleCall {
  return {
    request: {
      stream: false,
      service: method.parent,
      method,
      requestMethod: "POST",
      url: `http://127.0.0.1:8012/${method.parent.typeName}/${method.name}`,
      signal: new AbortController().signal,
      header: new Headers({
        "content-type": "application/grpc+proto",
        "user-agent": "grpc-go/1.76.0",
        te: "trailers",
        "grpc-timeout": "5S",
        "x-request-id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "x-tenant": "acme",
      }),
      contextValues: createContextValues(),
      message: create(method.input, input),
    },
    response: {
      stream: false,
      service: method.parent,
      method,
      header: new Headers({ "content-type": "application/grpc+proto" }),
      trailer: new Headers({ "grpc-status": "0" }),
      message: create(method.output, output),
    },
  };
}
