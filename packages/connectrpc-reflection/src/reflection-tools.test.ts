import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { suite, test } from "node:test";
import { needs, run } from "@both-ends/testing";
import { Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ServerReflection } from "./gen/grpc/reflection/v1/reflection_pb.js";
import {
  brief,
  fileName,
  samplesAndReflection,
  serve,
} from "./reflection-fixture.test.js";
import { samples } from "./sample-fixture.test.js";

suite("createReflectionRoutes() over HTTP/2", { timeout: 20_000 }, () => {
  test("answers each request as it comes", async (t) => {
    const { baseUrl } = await serve(t, samplesAndReflection());
    const client = createClient(
      ServerReflection,
      createGrpcTransport({ baseUrl }),
    );
    const answered: (() => void)[] = [];
    async function* oneByOne() {
      for (const name of ["root.proto", "sample/left.proto"]) {
        yield { messageRequest: fileName(name) };
        await new Promise<void>((resolve) => answered.push(resolve));
      }
    }
    const files: unknown[] = [];
    for await (const answer of client.serverReflectionInfo(oneByOne(), {
      timeoutMs: 5_000,
    })) {
      files.push(brief(answer));
      answered.shift()?.();
    }
    assert.deepEqual(files, [
      ["root.proto"],
      ["sample/left.proto", "sample/base.proto"],
    ]);
  });

  test("ends at the deadline when the caller is silent", async (t) => {
    const { baseUrl } = await serve(t, samplesAndReflection());
    const session = connect(baseUrl);
    t.after(() => session.destroy());
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
      "content-type": "application/grpc",
      "grpc-timeout": "100m",
      te: "trailers",
    });
    stream.resume();
    const [trailers] = await once(stream, "trailers");
    assert.equal(trailers["grpc-status"], String(Code.DeadlineExceeded));
  });
});

suite("createReflectionRoutes() for tools", { timeout: 60_000 }, () => {
  test("answers grpcurl", needs("grpcurl"), async (t) => {
    const { address } = await serve(t, samplesAndReflection());
    const grpcurl = (...args: string[]) =>
      runWell("grpcurl", "-plaintext", ...args);
    assert.deepEqual((await grpcurl(address, "list")).split("\n"), [
      "RootService",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
      "sample.EchoService",
    ]);
    assert.equal(
      await grpcurl(address, "describe", "sample.EchoService"),
      [
        "sample.EchoService is a service:",
        "service EchoService {",
        "  rpc Echo ( .sample.Base ) returns ( .sample.Base );",
        "  rpc Repeat ( .sample.Right ) returns ( stream .sample.Right );",
        "}",
      ].join("\n"),
    );
    const message = { name: "Ada", counts: { a: 1 } };
    const echo = await grpcurl(
      ...["-d", JSON.stringify(message), address, "sample.EchoService/Echo"],
    );
    assert.deepEqual(JSON.parse(echo), message);
  });

  test("lets grpcurl use extensions", needs("grpcurl"), async (t) => {
    const { address } = await serve(
      t,
      samplesAndReflection({ descriptors: samples }),
    );
    const grpcurl = (...args: string[]) =>
      runWell("grpcurl", "-plaintext", ...args);
    assert.equal(
      await grpcurl(address, "describe", "sample.note"),
      [
        "sample.note is an extension:",
        "extend .sample.Base {",
        "  optional string note = 110;",
        "}",
      ].join("\n"),
    );
    const message = { "[sample.note]": "hi", "[sample.Holder.priority]": 3 };
    const echo = await grpcurl(
      ...["-d", JSON.stringify(message), address, "sample.EchoService/Echo"],
    );
    assert.deepEqual(JSON.parse(echo), message);
  });

  for (const version of ["grpc-v1", "grpc-v1alpha"]) {
    test(`answers buf curl that speaks ${version}`, needs("buf"), async (t) => {
      const { baseUrl } = await serve(t, samplesAndReflection());
      const bufCurl = (...args: string[]) =>
        runWell(
          ...["buf", "curl", "--http2-prior-knowledge", "--protocol", "grpc"],
          ...["--reflect-protocol", version, ...args],
        );
      assert.deepEqual((await bufCurl("--list-methods", baseUrl)).split("\n"), [
        "RootService/Get",
        "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        "sample.EchoService/Echo",
        "sample.EchoService/Repeat",
      ]);
      const message = { name: "Ada", counts: { a: 1 } };
      const echo = await bufCurl(
        ...[
          "-d",
          JSON.stringify(message),
          `${baseUrl}/sample.EchoService/Echo`,
        ],
      );
      assert.deepEqual(JSON.parse(echo), message);
    });
  }
});

async function runWell(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(command, args);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}
