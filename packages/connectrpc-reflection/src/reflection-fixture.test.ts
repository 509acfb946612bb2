import { once } from "node:events";
import { createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import {
  type ConnectRouter,
  createClient,
  createRouterTransport,
  type Transport,
} from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { Question } from "./answer.js";
import {
  ServerReflection,
  type ServerReflectionResponse,
} from "./gen/grpc/reflection/v1/reflection_pb.js";
import {
  createReflectionRoutes,
  type ReflectionOptions,
} from "./reflection-routes.js";
import { sampleRoutes } from "./sample-fixture.test.js";

export const listServices: Question = { case: "listServices", value: "" };
export const symbol = (value: string): Question => ({
  case: "fileContainingSymbol",
  value,
});
export const fileName = (value: string): Question => ({
  case: "fileByFilename",
  value,
});
export const extension = (
  containingType: string,
  extensionNumber: number,
): Question => ({
  case: "fileContainingExtension",
  value: { containingType, extensionNumber },
});
export const extensionNumbers = (value: string): Question => ({
  case: "allExtensionNumbersOfType",
  value,
});

/** The sample services, and reflection on them. */
export function samplesAndReflection(options?: ReflectionOptions) {
  return (router: ConnectRouter) => {
    sampleRoutes(router);
    createReflectionRoutes(options)(router);
  };
}

/** What v1 answers to these requests on one stream. */
export async function ask(
  routes: ((router: ConnectRouter) => void) | Transport,
  ...questions: (Question | { case: undefined })[]
): Promise<ServerReflectionResponse[]> {
  const transport =
    typeof routes === "function" ? createRouterTransport(routes) : routes;
  const { serverReflectionInfo } = createClient(ServerReflection, transport);
  const answers: ServerReflectionResponse[] = [];
  for await (const answer of serverReflectionInfo(requests(questions), {
    timeoutMs: 5_000,
  })) {
    answers.push(answer);
  }
  return answers;
}

/** Requests, as a client sends them. */
export async function* requests(
  questions: readonly (Question | { case: undefined })[],
) {
  for (const messageRequest of questions) {
    yield { host: "host.example", messageRequest };
  }
}

/** The part of an answer that tells it from another. */
export function brief(answer: ServerReflectionResponse | undefined) {
  const response = answer?.messageResponse;
  switch (response?.case) {
    case "fileDescriptorResponse":
      return response.value.fileDescriptorProto.map(
        (bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name,
      );
    case "listServicesResponse":
      return response.value.service.map(({ name }) => name);
    case "allExtensionNumbersResponse": {
      const { baseTypeName, extensionNumber } = response.value;
      return { of: baseTypeName, numbers: extensionNumber };
    }
    case "errorResponse": {
      const { errorCode, errorMessage } = response.value;
      return { error: errorCode, message: errorMessage };
    }
    default:
      return undefined;
  }
}

/** Serves routes over HTTP/2 in cleartext until the test ends. */
export async function serve(
  t: TestContext,
  routes: (router: ConnectRouter) => void,
) {
  const server = createServer(connectNodeAdapter({ routes }));
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  t.after(() => {
    for (const session of sessions) {
      session.destroy();
    }
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  // Not a string: it listens on TCP.
  const { port } = server.address() as AddressInfo;
  const address = `127.0.0.1:${port}`;
  return { address, baseUrl: `http://${address}` };
}
