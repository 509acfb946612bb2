import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { needs } from "@both-ends/testing";
import { Health } from "connectrpc-health";
import { countCalls, deadlineCodes } from "./count-calls.js";
import { type Peer, type PeerCall, peers } from "./peer.js";
import { type ServiceName, type System, startSystem } from "./use-system.js";

const { whatTimeIs, watchTime } = TimeService.method;
const { revertName, revertNames } = RevertNameService.method;
const { beatHeart, beatHearts, listHeartbeats, watchHeartbeats } =
  HeartbeatService.method;

/** Small, so that a page of the history can be larger. */
const maxMessageBytes = 300_000;

suite("peers of other makes", needsDatabase(), () => {
  let system: System;
  before(
    async () => {
      system = await startSystem({
        MAX_MESSAGE_BYTES: String(maxMessageBytes),
      });
    },
    { timeout: 300_000 },
  );
  after(() => system.stop());

  for (const [name, startPeer] of Object.entries(peers)) {
    const wanted = name === "grpcio" ? needs("grpcio") : {};
    suite(name, { ...wanted, timeout: 120_000 }, () => {
      const started = new Map<ServiceName, Peer>();
      const ends: (() => unknown)[] = [];
      after(async () => {
        await Promise.all(ends.map((end) => end()));
      });
      const peerOf = (service: ServiceName): Peer => {
        const t = { after: (end: () => unknown) => void ends.push(end) };
        const address = system.services[service].grpc;
        const peer = started.get(service) ?? startPeer(t, { address });
        started.set(service, peer);
        return peer;
      };
      /** Makes a call, and checks that the server counted it with one of these codes. */
      const call = async (
        service: ServiceName,
        spec: PeerCall,
        ...codes: readonly string[]
      ) =>
        countCalls(
          system.services[service].metrics,
          { method: spec.method.name, codes, calls: 1 },
          () => peerOf(service).call(spec),
        );

      test("calls unary methods, with metadata both ways", async () => {
        const { code, responses, header } = await call(
          "time",
          {
            method: whatTimeIs,
            requests: [{ timeZone: "America/Sao_Paulo" }],
            metadata: { "x-request-id": `${name}-1` },
          },
          "OK",
        );
        assert.equal(code, "OK");
        assert.match(String(responses[0]?.rfc3339), /-03:00$/);
        assert.equal(header["x-request-id"], `${name}-1`);
      });

      test("calls with compressed requests", async () => {
        const { code, responses } = await call(
          "revert-name",
          {
            method: revertName,
            requests: [{ name: "Rodrigo".repeat(100) }],
            gzip: true,
          },
          "OK",
        );
        assert.equal(code, "OK");
        assert.deepEqual(responses, [{ reversedName: "ogirdoR".repeat(100) }]);
      });

      test("has each message of a bidi stream answered before the next", async () => {
        const { code, responses, header } = await call(
          "revert-name",
          {
            method: revertNames,
            requests: [{ name: "a1" }, { name: "🇧🇷🇵🇹" }, { name: "c3" }],
            metadata: { "x-request-id": `${name}-2` },
          },
          "OK",
        );
        assert.equal(code, "OK");
        assert.deepEqual(
          responses.map(({ reversedName }) => reversedName),
          ["1a", "🇵🇹🇧🇷", "3c"],
        );
        assert.equal(header["x-request-id"], `${name}-2`);
      });

      test("sends a stream, and gets one summary", async () => {
        const beats = ["peer", "Not OK", "peer"].map((serviceName) => ({
          beat: { serviceName, instanceId: name },
        }));
        const { code, responses } = await call(
          "edge",
          { method: beatHearts, requests: beats },
          "OK",
        );
        assert.equal(code, "OK");
        assert.equal(responses[0]?.accepted, "2");
        assert.equal(responses[0]?.rejectedCount, "1");
      });

      test("reads a stream, and cancels it", async () => {
        const { code, responses } = await call(
          "time",
          {
            method: watchTime,
            requests: [{ interval: "0.1s" }],
            cancelAfterResponses: 3,
          },
          "Canceled",
        );
        assert.equal(code, "CANCELLED");
        assert.equal(responses.length, 3);
        const watched = await call(
          "edge",
          {
            method: watchHeartbeats,
            requests: [{}],
            cancelAfterResponses: 1,
          },
          "Canceled",
        );
        assert.equal(watched.code, "CANCELLED");
        assert.ok(Array.isArray(watched.responses[0]?.services));
      });

      test("cancels a unary call that is at work", async () => {
        const { code } = await call(
          "revert-name",
          {
            method: revertName,
            requests: [{ name: "Rodrigo", delay: "30s" }],
            cancelAfterMs: 200,
          },
          "Canceled",
        );
        assert.equal(code, "CANCELLED");
      });

      test("has its deadlines kept, by calls and by streams", async () => {
        const start = performance.now();
        const slow = await call(
          "revert-name",
          {
            method: revertName,
            requests: [{ name: "Rodrigo", delay: "30s" }],
            timeoutMs: 300,
          },
          ...deadlineCodes,
        );
        assert.equal(slow.code, "DEADLINE_EXCEEDED");
        const ticks = await call(
          "time",
          {
            method: watchTime,
            requests: [{ interval: "0.1s" }],
            timeoutMs: 500,
          },
          ...deadlineCodes,
        );
        assert.equal(ticks.code, "DEADLINE_EXCEEDED");
        assert.ok(ticks.responses.length >= 1);
        assert.ok(performance.now() - start < 15_000);
      });

      test("gets the violations of a request as details", async () => {
        const { code, message, details } = await call(
          "edge",
          {
            method: beatHeart,
            requests: [{ serviceName: "Not OK", interval: "0.001s" }],
          },
          "InvalidArgument",
        );
        assert.equal(code, "INVALID_ARGUMENT");
        assert.match(message, /^service_name: .*, and 1 more violation$/);
        assert.deepEqual(
          details.map(({ type }) => type),
          ["buf.validate.Violations"],
        );
        const bytes = Buffer.from(String(details[0]?.value), "base64");
        assert.ok(bytes.includes("service_name"));
      });

      test("gets what came before a stream failed, and the status", async () => {
        const { code, message, responses } = await call(
          "revert-name",
          {
            method: revertNames,
            requests: [{ name: "ab" }, { name: "not_found" }, { name: "cd" }],
          },
          "NotFound",
        );
        assert.equal(code, "NOT_FOUND");
        assert.notEqual(message, "");
        assert.deepEqual(responses, [{ reversedName: "ba" }]);
      });

      test("sends messages up to the limit, and is told what is over it", async () => {
        // Each beat is checked by itself: this one is refused, but read.
        const beat = (length: number) => [
          { beat: { serviceName: "a".repeat(length) } },
        ];
        const near = await call(
          "edge",
          {
            method: beatHearts,
            requests: beat(maxMessageBytes - 100),
          },
          "OK",
        );
        assert.equal(near.code, "OK");
        assert.equal(near.responses[0]?.rejectedCount, "1");
        for (const [length, gzip] of [
          [maxMessageBytes + 1, false],
          [30 * maxMessageBytes, false],
          [30 * maxMessageBytes, true],
        ] as const) {
          const { code, message } = await call(
            "edge",
            { method: beatHearts, requests: beat(length), gzip },
            "ResourceExhausted",
          );
          assert.equal(code, "RESOURCE_EXHAUSTED", `${length} ${gzip}`);
          assert.match(message, /larger than/);
        }
      });

      test("gets answers up to the limit, and is told what is over it", async () => {
        const instanceId = "💓".repeat(128);
        const serviceName = `${name}-history`;
        const requests = Array.from({ length: 600 }, () => ({
          beat: { serviceName, instanceId },
        }));
        await peerOf("edge").call({ method: beatHearts, requests });
        const list = (pageSize: number, grpcCode: string) =>
          call(
            "edge",
            {
              method: listHeartbeats,
              requests: [{ pageSize, filter: { serviceNames: [serviceName] } }],
            },
            grpcCode,
          );
        const near = await list(500, "OK");
        assert.equal(near.code, "OK");
        const { beats } = near.responses[0] ?? {};
        assert.ok(Array.isArray(beats) && beats.length === 500);
        const over = await list(600, "ResourceExhausted");
        assert.equal(over.code, "RESOURCE_EXHAUSTED");
      });

      test("checks and watches the health", async () => {
        const { check, watch } = Health.method;
        const request = { service: HeartbeatService.typeName };
        const checked = await peerOf("edge").call({
          method: check,
          requests: [request],
        });
        assert.deepEqual(checked.responses, [{ status: "SERVING" }]);
        const unknown = await peerOf("edge").call({
          method: check,
          requests: [{ service: "nobody" }],
        });
        assert.equal(unknown.code, "NOT_FOUND");
        const watched = await peerOf("edge").call({
          method: watch,
          requests: [request],
          cancelAfterResponses: 1,
        });
        assert.deepEqual(watched.responses, [{ status: "SERVING" }]);
      });
    });
  }
});
