import assert from "node:assert/strict";
import { createServer } from "node:net";
import { suite, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "@both-ends/testing";
import {
  allGone,
  type FakeEvent,
  findFreePorts,
  type LaunchedFakes,
  launchFakes,
} from "./fake-system.js";
import { sameSignalMs } from "./interrupts.js";

const lastLine = (text: string) => text.trimEnd().split("\n").at(-1) ?? "";

const names = (events: readonly FakeEvent[], what: FakeEvent["what"]) =>
  events.filter((event) => event.what === what).map(({ process }) => process);

const isUp = (fakes: LaunchedFakes) => fakes.says("Ctrl-C ends it.");

suite("launch()", { timeout: 60_000 }, () => {
  test("starts database, servers and workers in this order, and shows the table", async (t) => {
    const fakes = await launchFakes(t);
    await isUp(fakes);
    const started = names(await fakes.events(), "start");
    assert.equal(started[0], "database");
    const servers = ["edge", "revert-name", "time"];
    assert.deepEqual(started.slice(1, 4).toSorted(), servers);
    const workers = servers.map((name) => `${name}-worker`);
    assert.deepEqual(started.slice(4).toSorted(), workers);
    const said = fakes.stderr();
    const { EDGE_PORT, EDGE_WORKER_METRICS_PORT, DB_PORT } = fakes.env;
    assert.match(said, /database: building the embedded database/);
    assert.match(said, new RegExp(`edge +http://127.0.0.1:${EDGE_PORT} `));
    assert.ok(said.includes(`127.0.0.1:${EDGE_WORKER_METRICS_PORT}`));
    assert.ok(said.includes(`mongodb://127.0.0.1:${DB_PORT}`));
  });

  test("holds the logs back until the table is shown, then gives all as JSON", async (t) => {
    const fakes = await launchFakes(t, { shellPrefix: "exec 2>&1; exec" });
    const lines = await waitFor("seven logs", () => {
      const found = fakes.stdout().trimEnd().split("\n");
      const logs = found.filter((line) => line.includes(" listens"));
      return logs.length === 6 && found;
    });
    const table = lines.findIndex((line) => line.includes("Ctrl-C ends it."));
    const logs = lines.slice(table + 1).filter((line) => line !== "");
    const records: { process: string; msg: string }[] = logs.map((line) =>
      JSON.parse(line),
    );
    assert.equal(records.length, 6);
    for (const { process, msg } of records) {
      assert.equal(msg, `${process} listens`);
    }
  });

  test("ends workers, edge, the other servers, then the database", async (t) => {
    const fakes = await launchFakes(t, { restart: { restartDelayMs: 1 } });
    await isUp(fakes);
    fakes.pressCtrlC();
    assert.equal(await fakes.exited(), 0);
    const events = await fakes.events();
    assert.equal(names(events, "start").length, 7);
    assert.deepEqual(names(events, "int"), []);
    const ended = names(events, "term");
    assert.deepEqual(ended.slice(0, 3).toSorted(), [
      "edge-worker",
      "revert-name-worker",
      "time-worker",
    ]);
    assert.equal(ended[3], "edge");
    assert.deepEqual(ended.slice(4, 6).toSorted(), ["revert-name", "time"]);
    assert.equal(ended[6], "database");
    await allGone(events);
  });

  test("kills whatever does not end within its stage's time", async (t) => {
    const fakes = await launchFakes(t, {
      behaviours: { edge: "stubborn", "time-worker": "stubborn" },
      stageDeadlinesMs: [200, 400, 2000, 4000],
    });
    await isUp(fakes);
    const begin = performance.now();
    fakes.launcher.kill("SIGTERM");
    assert.equal(await fakes.exited(), 0);
    assert.ok(performance.now() - begin < 4000);
    assert.match(fakes.stderr(), /time-worker does not end by itself/);
    assert.match(fakes.stderr(), /edge does not end by itself/);
    const events = await fakes.events();
    assert.equal(names(events, "term").at(-1), "database");
    await allGone(events);
  });

  test("kills everything at once on a second Ctrl-C", async (t) => {
    const fakes = await launchFakes(t, {
      behaviours: { "time-worker": "stubborn" },
      stageDeadlinesMs: [60_000, 60_000, 60_000, 60_000],
    });
    await isUp(fakes);
    fakes.pressCtrlC();
    await waitFor("the order to end", async () =>
      names(await fakes.events(), "term").includes("time-worker"),
    );
    // Once only: a third one, as the launcher ends, would end it by the signal.
    await delay(sameSignalMs + 1);
    fakes.launcher.kill("SIGINT");
    assert.equal(await fakes.exited(), 0);
    assert.match(fakes.stderr(), /killing what is left/);
    await allGone(await fakes.events());
  });

  test("starts a process that dies again, and says so", async (t) => {
    const fakes = await launchFakes(t, { restart: { restartDelayMs: 20 } });
    await isUp(fakes);
    const url = `http://127.0.0.1:${fakes.env.EDGE_METRICS_PORT}`;
    await assert.rejects(fetch(`${url}/die`));
    await fakes.says("edge died with exit code 1, starting it again in 0.02 s");
    await fakes.says("edge started again as process ");
    await waitFor("edge to answer", async () => (await fetch(url)).ok);
    const starts = names(await fakes.events(), "start");
    assert.equal(starts.filter((name) => name === "edge").length, 2);
  });

  test("ends everything after five deaths, with the reason last", async (t) => {
    const fakes = await launchFakes(t, {
      behaviours: { time: "dies" },
      restart: { restartDelayMs: 10 },
    });
    assert.equal(await fakes.exited(), 1);
    assert.equal(
      lastLine(fakes.stderr()),
      "ended everything: time died 5 times within 60 s, the last time with exit code 3",
    );
    assert.match(fakes.stderr(), /the last lines of time:\n.*cannot go on/);
    const events = await fakes.events();
    const starts = names(events, "start").filter((name) => name === "time");
    assert.equal(starts.length, 5);
    await allGone(events);
  });

  test("ends at once when there is no database to be had", async (t) => {
    const fakes = await launchFakes(t, { behaviours: { database: "dies" } });
    assert.equal(await fakes.exited(), 1);
    assert.match(fakes.stderr(), /database: cannot go on/);
    assert.equal(
      lastLine(fakes.stderr()),
      "ended everything: database ended with exit code 3",
    );
    assert.deepEqual(names(await fakes.events(), "start"), ["database"]);
  });

  test("ends at once when a process refuses its configuration", async (t) => {
    const fakes = await launchFakes(t, { behaviours: { edge: "refuses" } });
    assert.equal(await fakes.exited(), 1);
    assert.match(fakes.stderr(), /the last lines of edge:\n.*PORT: is wrong/);
    assert.equal(
      lastLine(fakes.stderr()),
      "ended everything: edge ended with exit code 2",
    );
    const starts = names(await fakes.events(), "start");
    assert.equal(starts.filter((name) => name === "edge").length, 1);
  });

  test("gives up on a process that never gets ready, and shows the logs", async (t) => {
    const fakes = await launchFakes(t, {
      behaviours: { "edge-worker": "never ready" },
      readyTimeoutMs: 1500,
    });
    assert.equal(await fakes.exited(), 1);
    assert.equal(
      lastLine(fakes.stderr()),
      "ended everything: not ready within 1.5 s: edge-worker (starting)",
    );
    assert.match(fakes.stdout(), /edge-worker listens/);
    await allGone(await fakes.events());
  });

  test("leaves no process behind when it is killed", async (t) => {
    const fakes = await launchFakes(t);
    await isUp(fakes);
    fakes.launcher.kill("SIGKILL");
    const events = await fakes.events();
    assert.equal(names(events, "start").length, 7);
    await allGone(events);
  });

  test("ends everything when the shell of npm is no more", async (t) => {
    const fakes = await launchFakes(t, {
      env: { npm_lifecycle_event: "start" },
      shellPrefix: "true;",
    });
    await isUp(fakes);
    const shell = fakes.launcher;
    shell.kill("SIGTERM");
    await fakes.says("ending everything (npm is no more)");
    await fakes.says("ended\n");
    await allGone(await fakes.events());
  });

  test("ends everything when nobody reads its output", async (t) => {
    const fakes = await launchFakes(t);
    await isUp(fakes);
    fakes.launcher.stdout?.destroy();
    const url = `http://127.0.0.1:${fakes.env.TIME_METRICS_PORT}/die`;
    await assert.rejects(fetch(url));
    await fakes.says("nobody reads the output any more");
    await allGone(await fakes.events());
  });

  test("names every port in use, who has it, and what to do", async (t) => {
    const [one = 0, two = 0] = await findFreePorts(2);
    for (const port of [one, two]) {
      const server = createServer().listen(port, "127.0.0.1");
      t.after(() => server.close());
      await new Promise((resolve) => server.once("listening", resolve));
    }
    const env = { TIME_GRPC_PORT: String(one), DB_PORT: String(two) };
    const fakes = await launchFakes(t, { env });
    assert.equal(await fakes.exited(), 1);
    const said = fakes.stderr();
    assert.ok(said.includes(`port ${one} on 127.0.0.1, wanted by time,`));
    assert.ok(said.includes(`port ${two} on 127.0.0.1, wanted by database,`));
    assert.match(lastLine(said), /DB_PORT=\d+ TIME_GRPC_PORT=\d+ npm start$/);
    assert.deepEqual(await fakes.events(), []);
    if (process.platform === "linux") {
      assert.ok(said.includes(`is in use by process ${process.pid} (node`));
    }
  });

  test("recognizes another launcher by its children", async (t) => {
    const first = await launchFakes(t);
    await isUp(first);
    const second = await launchFakes(t, { env: first.env });
    assert.equal(await second.exited(), 1);
    if (process.platform === "linux") {
      const { pid } = first.launcher;
      const hint = `another npm start is running (process ${pid})`;
      assert.ok(lastLine(second.stderr()).includes(hint));
    }
  });

  test("takes the database of MONGODB_URI, and keeps its secret", async (t) => {
    const uri = "mongodb://ann:s3cret@db.example:27017/";
    const fakes = await launchFakes(t, {
      env: { MONGODB_URI: uri },
      behaviours: { edge: "degraded" },
      degradedGraceMs: 200,
    });
    await isUp(fakes);
    const said = fakes.stderr();
    assert.match(said, /using the database mongodb:\/\/.*db\.example:27017/);
    assert.ok(!said.includes("s3cret"));
    assert.match(said, /note +edge is degraded: no database/);
    assert.ok(!names(await fakes.events(), "start").includes("database"));
  });

  test("names every wrong value of its environment", async (t) => {
    const env = { TIME_PORT: "http", EDGE_PORT: "0" };
    const fakes = await launchFakes(t, { env });
    assert.equal(await fakes.exited(), 1);
    assert.equal(
      fakes.stderr(),
      'cannot start: TIME_PORT must be a port from 1 to 65535, not "http"; EDGE_PORT must be a port from 1 to 65535, not "0"\n',
    );
  });
});
