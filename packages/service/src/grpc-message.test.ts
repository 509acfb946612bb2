import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http2";
import { suite, type TestContext, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  connectNodeAdapter,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { encodeGrpcMessage } from "connectrpc-fastlane";
import { encodeGrpcMessages } from "./grpc-message.js";

/** A server whose calls fail with their name as the message, at once or later. */
async function useServer(t: TestContext): Promise<string> {
  const server = createServer(
    connectNodeAdapter({
      routes(router) {
        router.service(RevertNameService, {
          revertName({ name }) {
            throw new ConnectError(name, Code.NotFound);
          },
          async *revertNames(requests) {
            for await (const { name } of requests) {
              yield { reversedName: name };
              throw new ConnectError(name, Code.NotFound);
            }
          },
        });
        encodeGrpcMessages(router);
      },
    }),
  ).listen(0, "127.0.0.1");
  t.after(() => server.close());
  // Clients keep theirs open.
  server.on("session", (session) => t.after(() => session.destroy()));
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

const messages = [
  'a: b, c; (d) "e" <f> $g & h?',
  "100% {x} ~",
  "naïve\n🇧🇷\u0000",
  "%3A",
];

suite("encodeGrpcMessage()", () => {
  test("leaves printable ASCII as it is, but for the percent sign", () => {
    assert.equal(encodeGrpcMessage("a: b, ~$"), "a: b, ~$");
    assert.equal(encodeGrpcMessage("1% é\n"), "1%25 %C3%A9%0A");
  });

  test("is what a client of gRPC decodes", () => {
    for (const message of messages) {
      assert.equal(decodeURIComponent(encodeGrpcMessage(message)), message);
    }
  });
});

suite("encodeGrpcMessages()", () => {
  for (const createTransport of [createGrpcTransport, createGrpcWebTransport]) {
    test(`keeps every message for ${createTransport.name}`, async (t) => {
      const baseUrl = await useServer(t);
      const client = createClient(
        RevertNameService,
        createTransport({ baseUrl, httpVersion: "2" }),
      );
      for (const name of messages) {
        const failure = { code: Code.NotFound, rawMessage: name };
        await assert.rejects(client.revertName({ name }), failure);
        const answers = client
          .revertNames(
            (async function* () {
              yield { name };
            })(),
          )
          [Symbol.asyncIterator]();
        assert.equal((await answers.next()).value.reversedName, name);
        await assert.rejects(answers.next(), failure);
      }
    });
  }
});
