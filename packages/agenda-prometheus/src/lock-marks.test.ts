import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { JobParameters, JobRepository } from "agenda";
import { markLocks } from "./lock-marks.js";

const job: JobParameters = {
  name: "job",
  priority: 0,
  nextRunAt: new Date(1_000),
  type: "normal",
  data: {},
};

// The other methods are not called.
const repository = () =>
  ({ getNextJobToRun: async () => ({ ...job }) }) as unknown as JobRepository;

async function lock(from: JobRepository): Promise<JobParameters> {
  const now = new Date();
  const locked = await from.getNextJobToRun("job", now, now, now, undefined);
  assert.ok(locked);
  // As Agenda copies it.
  return { ...locked };
}

suite("markLocks()", () => {
  test("notes what the stored job says, where Agenda does not store it", async () => {
    const db = repository();
    const marks = markLocks(db, ({ nextRunAt }) => nextRunAt?.getTime());
    const locked = await lock(db);
    assert.equal(marks.of(locked), 1_000);
    assert.deepEqual(Object.keys(locked), Object.keys(job));
    assert.equal(marks.of({ ...job }), undefined);
  });

  test("gives back a method of the object's own", () => {
    const db = repository();
    const { getNextJobToRun } = db;
    markLocks(db, () => 1).detach();
    assert.equal(db.getNextJobToRun, getNextJobToRun);
  });

  test("gives back a method of its prototype", () => {
    const prototype = repository();
    const db: JobRepository = Object.create(prototype);
    markLocks(db, () => 1).detach();
    assert.equal(Object.hasOwn(db, "getNextJobToRun"), false);
  });

  test("leaves others in place that came later", async () => {
    const db = repository();
    const first = markLocks(db, () => "first");
    const second = markLocks(db, () => "second");
    first.detach();
    const locked = await lock(db);
    assert.equal(first.of(locked), undefined);
    assert.equal(second.of(locked), "second");
  });
});
