import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needs } from "@both-ends/testing";
import { allHandled } from "./method-totals.js";
import { runSuite } from "./run-suite.js";
import { cleartextServer, stockServer } from "./suite.js";

const limitMs = 150_000;

suite("runSuite()", { timeout: 2 * limitMs }, () => {
  test(
    "passes every case on the one port in cleartext, and counts each",
    needs("connectconformance"),
    async () => {
      const outcome = await runSuite(cleartextServer, {
        signal: AbortSignal.timeout(limitMs),
      });
      assert.deepEqual(outcome.failed, []);
      assert.deepEqual(outcome.pending, []);
      assert.ok(allHandled(outcome.totals ?? {}));
      const { Unary, ServerStream } = outcome.totals ?? {};
      assert.ok((Unary?.lane ?? 0) > 0, "no unary call took the lane");
      assert.ok((ServerStream?.lane ?? 0) > 0, "no stream took the lane");
      assert.equal(outcome.ok, true, outcome.stderr);
      assert.equal(outcome.passed, outcome.cases);
      assert.ok(outcome.cases >= 2_544, `only ${outcome.cases} cases`);
    },
  );

  // Goes red once connect-es ends such calls by itself: finishRequests is then
  // no longer needed.
  test(
    "cuts the stock adapter, which leaves a message over the limit waiting",
    needs("connectconformance"),
    async () => {
      const over =
        "Server Message Size/HTTPVersion:2/Protocol:PROTOCOL_GRPC/Compression:COMPRESSION_IDENTITY/TLS:false/client-stream/first-request-exceeds-server-limit";
      const outcome = await runSuite(
        { ...stockServer, skip: [], only: [over] },
        { signal: AbortSignal.timeout(5_000) },
      );
      assert.equal(outcome.cut, true);
      assert.equal(outcome.ok, false);
      assert.deepEqual(outcome.pending, [over]);
    },
  );
});
