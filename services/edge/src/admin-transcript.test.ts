import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { suite, type TestContext, test } from "node:test";
import { needsDatabase, useDatabase } from "@both-ends/mongo/test-database";
import { readConfig, startServer, startWorker } from "@both-ends/service";
import { laneVariables, needs, waitFor } from "@both-ends/testing";
import { createTranscript } from "./admin-transcript.js";
import { edge } from "./app.js";

const page = new URL("../../../docs/admin.md", import.meta.url);
const begin = "<!-- begin: written by npm run admin-transcript -->";
const end = "<!-- end -->";
const password = "a password of the test";

/** Starts edge's server and worker on a database of their own. */
async function useEdge(t: TestContext): Promise<string> {
  const releases: (() => Promise<unknown>)[] = [];
  t.after(async () => {
    for (const release of releases.toReversed()) {
      await release();
    }
  });
  const { uri } = await useDatabase({
    // It is one that does not take the test's context.
    after: (fn) => releases.push(fn as () => Promise<void>),
  });
  const env = {
    PORT: "0",
    GRPC_PORT: "0",
    METRICS_PORT: "0",
    WORKER_METRICS_PORT: "0",
    MONGODB_URI: uri,
    ADMIN_PASSWORD: password,
    INSTANCE_ID: "edge-worker:1",
    LOG_LEVEL: "silent",
    SHUTDOWN_GRACE_MS: "1000",
    ...laneVariables(),
  };
  const server = await startServer(edge, readConfig(edge.config, env));
  releases.push(() => server.close());
  const address = `127.0.0.1:${server.addresses.web?.port}`;
  // Not the default one: a running system would get the beats.
  const config = { ...env, EDGE_URL: `http://${address}` };
  const worker = await startWorker(edge, readConfig(edge.config, config));
  releases.push(() => worker.close());
  return address;
}

/** The life of a job, from its first look to its end. */
async function playLife(address: string): Promise<string> {
  const { say, call, text } = createTranscript(address, {
    PASSWORD: password,
  });
  const headers = ["authorization: Bearer $TOKEN"];
  const ask = (method: string, request: object) =>
    call(method, request, { headers });
  const job = "prune-heartbeats";

  say(
    "Log in, and make a token. The cookie is good for as long as the session; a program uses the token from then on.",
  );
  await waitFor("the first user", async () => {
    const answer = await createTranscript(address).call("AuthService/Login", {
      username: "admin",
      password,
    });
    return answer.includes('"username": "admin"');
  });
  await call(
    "AuthService/Login",
    { username: "admin", password: "$PASSWORD" },
    { showsCookie: true },
  );
  await call(
    "TokenService/CreateToken",
    { name: "transcript", role: "ROLE_OPERATOR", lifetime: "3600s" },
    { headers: ["cookie: $COOKIE", `origin: http://${address}`] },
  );

  say("Look at the jobs.");
  await waitFor("the first runs", async () => {
    const quiet = createTranscript(address);
    await quiet.call(
      "AuthService/Login",
      { username: "admin", password },
      { showsCookie: true },
    );
    const answer = await quiet.call(
      "JobService/GetJob",
      { name: job },
      { headers: ["cookie: $COOKIE"] },
    );
    return answer.includes("lastFinishedAt") && answer.includes("SCHEDULED");
  });
  await ask("JobService/ListJobs", { search: job });

  say(
    "Try a schedule before it is stored. One that cannot be kept is refused with the reason.",
  );
  await ask("JobService/PreviewSchedule", {
    schedule: { cron: { expression: "99 3 * * *" } },
  });
  await ask("JobService/PreviewSchedule", {
    schedule: { cron: { expression: "30 3 * * *", timeZone: "Asia/Tokyo" } },
  });

  say(
    "Edit the job, naming the revision that was seen. A second editor who saw the same revision is told what has changed.",
  );
  const cron = { expression: "30 3 * * *", timeZone: "Asia/Tokyo" };
  await ask("JobService/EditJob", {
    name: job,
    revision: 1,
    schedule: { cron },
  });
  await ask("JobService/EditJob", {
    name: job,
    revision: 1,
    schedule: { every: "2 hours" },
  });

  say("Pause it, let it go on, and run it now.");
  await ask("JobService/PauseJob", { name: job, revision: 2 });
  await ask("JobService/ResumeJob", { name: job, revision: 3 });
  const asked = await ask("JobService/RunJob", { name: job, revision: 4 });

  say("See what the run did.");
  const [, slot = ""] = /"nextRunAt": "([^"]+)"/.exec(asked) ?? [];
  const id = `${job}@${new Date(slot).toISOString()}`;
  await waitFor("the run", async () => {
    const quiet = createTranscript(address);
    await quiet.call(
      "AuthService/Login",
      { username: "admin", password },
      { showsCookie: true },
    );
    const answer = await quiet.call(
      "JobService/GetRun",
      { id },
      { headers: ["cookie: $COOKIE"] },
    );
    return answer.includes("SUCCESS");
  });
  await ask("JobService/ListRuns", { job, pageSize: 1 });

  say("Take it off its schedule, over restarts too, and put it back.");
  await ask("JobService/DeleteJob", { name: job, revision: 5 });
  await ask("JobService/CreateJob", {
    name: job,
    revision: 6,
    schedule: { every: "1 hour" },
  });

  say("Who changed what?");
  await ask("AuditService/ListAudit", { method: "JobService/PauseJob" });
  return text();
}

suite("docs/admin.md", () => {
  test("shows the life of a job as it is", {
    ...needsDatabase(),
    ...needs("grpcurl"),
    timeout: 120_000,
  }, async (t) => {
    const life = await playLife(await useEdge(t));
    const written = await readFile(page, "utf8");
    const from = written.indexOf(begin);
    const to = written.indexOf(end, from);
    assert.ok(from >= 0 && to >= 0, `no place for it: ${begin} … ${end}`);
    const renewed = `${written.slice(0, from)}${begin}\n\n${life}\n\n${written.slice(to)}`;
    if (process.env.WRITE_DOCS === "true") {
      await writeFile(page, renewed);
    } else {
      assert.equal(
        written,
        renewed,
        "run npm run admin-transcript -w services/edge",
      );
    }
  });
});
