import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Role } from "@both-ends/gen/admin/v1/access_pb.js";
import { AuditService } from "@both-ends/gen/admin/v1/audit_service_pb.js";
import { AuthService } from "@both-ends/gen/admin/v1/auth_service_pb.js";
import { HeartbeatAdminService } from "@both-ends/gen/admin/v1/heartbeat_admin_service_pb.js";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { TokenService } from "@both-ends/gen/admin/v1/token_service_pb.js";
import { UserService } from "@both-ends/gen/admin/v1/user_service_pb.js";
import { ensureJobs } from "@both-ends/jobs";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { findAdminMethods } from "./admin-methods.js";
import { changes } from "./authorization-interceptor.js";
import { type TestAdmin, useAdmin } from "./use-admin.js";

const options = { ...needsDatabase(), timeout: 60_000 };
const heartbeats = {
  forget: async () => "forgotten" as const,
  listBeatTimes: async () => [],
};
const schedule = { kind: { case: "every", value: "1 hour" } } as const;

/** Adds a job, and a run of it that has failed. */
async function addJob({ jobs }: TestAdmin): Promise<void> {
  await ensureJobs(jobs, [
    {
      name: "tick",
      description: "Ticks",
      every: "1 hour",
      timeoutMs: 1_000,
      run: async () => {},
    },
  ]);
  await jobs.collection<{ _id: string }>("job_runs").insertOne({
    _id: "tick@2026-01-01T00:00:00.000Z",
    ...{ job: "tick", started_at: new Date(), outcome: "failure" },
    ...{ end: JSON.stringify({ worker: "w", ended_at: 0, failure: "no" }) },
  });
}

/** Makes every change once. */
async function changeAll(admin: TestAdmin): Promise<void> {
  const session = await admin.sessionOf("operator", "ann");
  const ann = { username: "ann", password: "correct horse" };
  const users = admin.client(UserService, session);
  await users.createUser({ username: "ben", role: Role.VIEWER });
  await users.changeRole({ username: "ben", role: Role.OPERATOR });
  await users.resetPassword({ username: "ben" });
  await users.logoutUser({ username: "ben" });
  await users.deleteUser({ username: "ben" });
  const tokens = admin.client(TokenService, session);
  const made = await tokens.createToken({ name: "x", role: Role.VIEWER });
  await tokens.revokeToken({ id: made.token?.id ?? "" });
  const jobs = admin.client(JobService, session);
  const at = (revision: number) => ({ name: "tick", revision });
  await jobs.editJob({ ...at(1), schedule });
  await jobs.pauseJob(at(2));
  await jobs.resumeJob(at(3));
  await jobs.runJob(at(4));
  await jobs.requeueRun({ id: "tick@2026-01-01T00:00:00.000Z" });
  await jobs.deleteJob(at(6));
  await jobs.createJob({ ...at(7), schedule });
  await admin
    .client(HeartbeatAdminService, session)
    .forgetService({ serviceName: "time" });
  const auth = admin.client(AuthService, session);
  await auth.login(ann);
  await auth.changePassword({
    currentPassword: ann.password,
    newPassword: "battery staple",
  });
  await auth.logout({});
  const other = admin.client(
    AuthService,
    await admin.tokenOf("operator", "ann"),
  );
  await other.logoutEverywhere({});
}

suite("the audit log", () => {
  test("has an entry of every change", options, async (t) => {
    const admin = await useAdmin(t, { heartbeats });
    await addJob(admin);
    await changeAll(admin);
    const audit = admin.client(AuditService, await admin.tokenOf("viewer"));
    const { entries } = await audit.listAudit({ pageSize: 100 });
    const expected = (await findAdminMethods())
      .filter(changes)
      .map((method) => `${method.parent.name}/${method.name}`);
    assert.deepEqual(
      entries.map(({ method }) => method).toSorted(),
      expected.toSorted(),
    );
    for (const { method, username, beforeJson, afterJson } of entries) {
      assert.equal(username, "ann", method);
      if (method.startsWith("JobService/")) {
        assert.match(beforeJson, /"schedule"/, method);
        assert.match(afterJson, /"schedule"/, method);
      }
    }
  });
});
