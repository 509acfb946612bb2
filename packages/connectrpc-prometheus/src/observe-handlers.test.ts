import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, constants } from "node:http2";
import { suite, type TestContext, test } from "node:test";
import { RevertNameRequestSchema } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { waitFor } from "@both-ends/testing";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Registry } from "prom-client";
import { oneCall, readSamples, serveSample } from "./sample-fixture.test.js";

const path = "/revertname.v1.RevertNameService/RevertName";

/** A request as no well-behaved client would send it. */
interface RawRequest {
  path?: string;
  method?: string;
  headers: Record<string, string>;
  body?: Uint8Array;
}

async function send(t: TestContext, baseUrl: string, request: RawRequest) {
  const session = connect(baseUrl);
  t.after(() => session.destroy());
  const stream = session.request({
    ...request.headers,
    [constants.HTTP2_HEADER_PATH]: request.path ?? path,
    [constants.HTTP2_HEADER_METHOD]: request.method ?? "POST",
  });
  const seen: { status?: number; grpcStatus?: string } = {};
  const headers = (fields: Record<string, unknown>) => {
    seen.grpcStatus ??= fields["grpc-status"]?.toString();
  };
  stream.on("response", (fields) => {
    seen.status = Number(fields[":status"]);
    headers(fields);
  });
  stream.on("trailers", headers);
  stream.end(request.body);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return { ...seen, body: Buffer.concat(chunks).toString() };
}

async function expectServer(registry: Registry, code: string) {
  await waitFor("the end of the call", async () => {
    assert.deepEqual(
      await readSamples(registry, "server"),
      oneCall("RevertName", code),
    );
    return true;
  });
}

/** An envelope: flags, length, data. */
function envelope(data: Uint8Array, length = data.length): Uint8Array {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, data]);
}

const garbage = Buffer.from([0xff, 0xff, 0xff]);
const large = Buffer.alloc(2048);

suite("ServerMetrics.observeHandlers()", () => {
  const refused: [what: string, code: string, request: RawRequest][] = [
    [
      "a gRPC message that cannot be parsed",
      "Internal",
      {
        headers: { "content-type": "application/grpc" },
        body: envelope(garbage),
      },
    ],
    [
      "a gRPC-Web message that cannot be parsed",
      "Internal",
      {
        headers: { "content-type": "application/grpc-web+proto" },
        body: envelope(garbage),
      },
    ],
    [
      "Connect JSON that cannot be parsed",
      "InvalidArgument",
      {
        headers: { "content-type": "application/json" },
        body: Buffer.from("{"),
      },
    ],
    [
      "a gRPC message that is too large",
      "ResourceExhausted",
      {
        headers: { "content-type": "application/grpc" },
        body: envelope(large),
      },
    ],
    [
      "a Connect message that is too large",
      "ResourceExhausted",
      { headers: { "content-type": "application/proto" }, body: large },
    ],
    [
      "a compression that is not known, in gRPC",
      "Unimplemented",
      {
        headers: { "content-type": "application/grpc", "grpc-encoding": "lzw" },
        body: envelope(new Uint8Array()),
      },
    ],
    [
      "a compression that is not known, in Connect",
      "Unimplemented",
      {
        headers: {
          "content-type": "application/proto",
          "content-encoding": "lzw",
        },
      },
    ],
    [
      "a timeout that cannot be parsed",
      "InvalidArgument",
      {
        headers: { "content-type": "application/grpc", "grpc-timeout": "soon" },
        body: envelope(new Uint8Array()),
      },
    ],
    [
      "a content type that is not supported",
      "Unknown",
      { headers: { "content-type": "text/plain" } },
    ],
    [
      "a method that is not supported",
      "Unknown",
      { method: "PUT", headers: {} },
    ],
  ];
  for (const [what, code, request] of refused) {
    test(`counts ${what} as ${code}`, async (t) => {
      const { registry, baseUrl } = await serveSample(t, {
        readMaxBytes: 1024,
      });
      await send(t, baseUrl, request);
      await expectServer(registry, code);
    });
  }

  test("tells what the peer was told", async (t) => {
    const { baseUrl } = await serveSample(t);
    const grpc = await send(t, baseUrl, {
      headers: { "content-type": "application/grpc" },
      body: envelope(garbage),
    });
    assert.equal(grpc.grpcStatus, "13");
    const web = await send(t, baseUrl, {
      headers: { "content-type": "application/grpc-web+proto" },
      body: envelope(garbage),
    });
    assert.match(web.body, /grpc-status: 13/);
    const json = await send(t, baseUrl, {
      headers: { "content-type": "application/json" },
      body: Buffer.from("{"),
    });
    assert.equal(JSON.parse(json.body).code, "invalid_argument");
    const text = await send(t, baseUrl, {
      headers: { "content-type": "text/plain" },
    });
    assert.equal(text.status, 415);
  });

  const unread: [what: string, code: string, request: RawRequest][] = [
    [
      "JSON that cannot be parsed",
      "InvalidArgument",
      {
        headers: { "content-type": "application/json" },
        body: Buffer.from("{"),
      },
    ],
    [
      "a message that is too large",
      "ResourceExhausted",
      { headers: { "content-type": "application/proto" }, body: large },
    ],
  ];
  for (const [what, code, { headers, body }] of unread) {
    test(`counts ${what} as ${code} when the error is compressed`, async (t) => {
      const { registry, baseUrl } = await serveSample(t, {
        readMaxBytes: 1024,
        compressMinBytes: 0,
      });
      await send(t, baseUrl, {
        headers: { ...headers, "accept-encoding": "gzip" },
        body,
      });
      await expectServer(registry, code);
    });
  }

  test("counts a caller once that leaves in the middle of its request", async (t) => {
    const { registry, baseUrl } = await serveSample(t);
    const session = connect(baseUrl);
    t.after(() => session.destroy());
    for (const type of ["proto", "grpc", "grpc-web+proto"]) {
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": `application/${type}`,
      });
      stream.write(envelope(garbage, 100));
      await waitFor("the call to begin", async () => {
        const samples = await readSamples(registry, "server");
        return samples["RevertName in_flight"] === 1;
      });
      stream.close(constants.NGHTTP2_CANCEL);
      await waitFor("the call to end", async () => {
        const samples = await readSamples(registry, "server");
        return samples["RevertName in_flight"] === undefined;
      });
    }
    const samples = await readSamples(registry, "server");
    // Whether it learns first that the request has ended, or why, is a race.
    let failed = 0;
    for (const code of ["Canceled", "InvalidArgument", "Internal"]) {
      failed += samples[`RevertName handled_total ${code}`] ?? 0;
    }
    assert.equal(samples["RevertName started_total"], 3);
    assert.equal(failed, 3);
    assert.equal(samples["RevertName handling_seconds_count"], 3);
  });

  for (const type of ["proto", "grpc", "grpc-web+proto"]) {
    test(`counts a caller that leaves a large response as Canceled, ${type}`, async (t) => {
      const { registry, baseUrl } = await serveSample(t);
      const session = connect(baseUrl);
      t.after(() => session.destroy());
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": `application/${type}`,
      });
      const name = "x".repeat(10_000_000);
      const message = toBinary(
        RevertNameRequestSchema,
        create(RevertNameRequestSchema, { name }),
      );
      stream.end(type === "proto" ? message : envelope(message));
      // It begins to come, and is not read.
      await once(stream, "response");
      stream.close(constants.NGHTTP2_CANCEL);
      await waitFor("the end of the call", async () => {
        assert.deepEqual(
          await readSamples(registry, "server"),
          oneCall("RevertName", "Canceled", { received: 1 }),
        );
        return true;
      });
    });
  }

  test("counts no call for OPTIONS and HEAD", async (t) => {
    const { registry, baseUrl } = await serveSample(t);
    for (const method of ["OPTIONS", "HEAD"]) {
      const { status } = await send(t, baseUrl, { method, headers: {} });
      assert.equal(status, 405);
    }
    assert.deepEqual(await readSamples(registry, "server"), {});
  });

  test("counts a Connect stream that cannot be parsed by its last envelope", async (t) => {
    const { registry, baseUrl } = await serveSample(t);
    await send(t, baseUrl, {
      path: "/revertname.v1.RevertNameService/RevertNames",
      headers: { "content-type": "application/connect+proto" },
      body: envelope(garbage),
    });
    await waitFor("the end of the call", async () => {
      assert.deepEqual(
        await readSamples(registry, "server"),
        oneCall("RevertNames", "Internal"),
      );
      return true;
    });
  });
});
