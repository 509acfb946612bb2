import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { Code, ConnectError, createContextValues } from "@connectrpc/connect";
import type { ObjectId } from "mongodb";
import { createAuditLog } from "./audit-log.js";
import { setCaller } from "./caller.js";
import { silentLogger } from "./logger.js";
import { useAdmin } from "./use-admin.js";

const options = { ...needsDatabase(), timeout: 60_000 };

/** A log, and the context of a call that may be recorded. */
async function useLog(t: { after(fn: () => Promise<void>): void }) {
  const { collections } = await useAdmin(t);
  const values = createContextValues();
  setCaller(values, {
    username: "ann",
    role: "operator",
    expiresAt: new Date(),
    by: { kind: "token", publicId: "token-1" },
  });
  const log = createAuditLog(collections, {
    service: "test",
    now: () => new Date(),
    logger: silentLogger,
  });
  const context = { method: JobService.method.pauseJob, values };
  return { collections, context, log };
}

suite("AuditLog.record()", { concurrency: 4 }, () => {
  test("stores the entry before the change is made", options, async (t) => {
    const { context, log } = await useLog(t);
    const notes = { before: { a: 1 } };
    const result = await log.record(
      context,
      "job:tick",
      async (during) => {
        const [entry] = await log.list({ limit: 1 });
        assert.equal(entry?.outcome, "unknown");
        assert.deepEqual(entry.before, { a: 1 });
        during.after = { a: 2 };
        return 7;
      },
      { notes },
    );
    assert.equal(result, 7);
    const [entry] = await log.list({ limit: 1 });
    assert.equal(entry?.outcome, "done");
    assert.deepEqual(entry.after, { a: 2 });
    assert.equal(entry.token_id, "token-1");
  });

  test("leaves no entry of a change that was refused", options, async (t) => {
    const { context, log } = await useLog(t);
    const refused = log.record(context, "job:tick", async () => {
      throw new ConnectError("no", Code.Aborted);
    });
    await assert.rejects(refused);
    assert.deepEqual(await log.list({ limit: 1 }), []);
  });

  test(
    "keeps the entry of a change that may have been made",
    options,
    async (t) => {
      const { context, log } = await useLog(t);
      const lost = log.record(context, "job:tick", async () => {
        throw new ConnectError("away", Code.Unavailable);
      });
      await assert.rejects(lost);
      const [entry] = await log.list({ limit: 1 });
      assert.equal(entry?.outcome, "unknown");
    },
  );

  test("makes no change that cannot be recorded", options, async (t) => {
    const { collections, context } = await useLog(t);
    const failing = new Proxy(collections.audit, {
      get: (target, name) =>
        name === "insertOne"
          ? async (): Promise<{ insertedId: ObjectId }> => {
              throw new Error("disk full");
            }
          : Reflect.get(target, name),
    });
    const log = createAuditLog(
      { audit: failing },
      { service: "test", now: () => new Date(), logger: silentLogger },
    );
    await assert.rejects(
      log.record(context, "job:tick", async () => assert.fail("was made")),
      /disk full/,
    );
  });
});
