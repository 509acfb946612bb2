import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "@both-ends/testing";
import { runCommand } from "./command.js";
import {
  reverse,
  startRevertName,
  startSilentServer,
} from "./server-fixture.test.js";

const program = fileURLToPath(new URL("./main.js", import.meta.url));

/** Runs the command in this process, and collects what it writes. */
async function runHere(args: readonly string[], isTTY = false) {
  const out = new PassThrough();
  const err = Object.assign(new PassThrough(), { isTTY });
  const code = await runCommand(args, {
    stdout: out,
    stderr: err,
    signal: new AbortController().signal,
  });
  const read = (stream: PassThrough) => String(stream.read() ?? "");
  return { code, stdout: read(out), stderr: read(err) };
}

const only = (url: string) =>
  `--revert-name ${url} --methods RevertName --protocols grpc --fault-ratio 0 --seed 5`.split(
    " ",
  );

suite("runCommand()", { timeout: 60_000 }, () => {
  test("prints a table and answers 0", async (t) => {
    const url = await startRevertName(t, reverse);
    const { code, stdout } = await runHere([...only(url), "--calls", "20"]);
    assert.equal(code, 0);
    const [heading, line] = stdout.split("\n");
    assert.match(
      heading ?? "",
      /^method +code +count +calls\/s +p50 ms +p90 ms +p99 ms +p99.9 ms +unexpected$/,
    );
    assert.match(line ?? "", /^RevertName +OK +20 +[\d.]+( +[\d.]+){4} +-$/);
    assert.match(stdout, /^seed 5$/m);
  });

  test("prints JSON, and everything else on the error output", async (t) => {
    const url = await startRevertName(t, reverse);
    const args = [...only(url), "--calls", "20", "--json"];
    const { code, stdout, stderr } = await runHere(args);
    assert.equal(code, 0);
    assert.match(stderr, /^RevertName +OK +20 /m);
    const result = JSON.parse(stdout);
    assert.deepEqual(shapeOf(result), {
      seed: "number",
      loop: "string",
      concurrency: "number",
      correction: "string",
      startedAt: "string",
      elapsedMs: "number",
      interrupted: "boolean",
      calls: "number",
      callsPerSecond: "number",
      unexpected: "number",
      dropped: "number",
      unfinished: "number",
      errorRate: "number",
      series: [
        {
          target: "string",
          protocol: "string",
          grpc_service: "string",
          grpc_method: "string",
          grpc_type: "string",
          code: "string",
          ...summaryShape,
        },
      ],
      methods: [
        {
          target: "string",
          grpc_service: "string",
          grpc_method: "string",
          grpc_type: "string",
          ...summaryShape,
          dropped: "number",
          codes: [{ code: "string", ...summaryShape }],
        },
      ],
      mismatches: [],
      missedLimits: [],
    });
    assert.equal(
      result.series[0].grpc_service,
      "revertname.v1.RevertNameService",
    );
    assert.equal(result.series[0].count, 20);
  });

  test("answers 1 and says why when a limit is missed", async (t) => {
    const url = await startRevertName(t, (name) => name);
    const args = [...only(url), "--calls", "10"];
    const wrong = await runHere(args);
    assert.equal(wrong.code, 1);
    assert.match(
      wrong.stderr,
      /^limit missed: error rate is 100 %, above 0 %$/m,
    );
    assert.match(
      wrong.stdout,
      /10 × RevertName over grpc on revert-name: OK instead of OK: answered/,
    );
    const slow = await runHere([
      ...args,
      "--max-error-rate",
      "1",
      "--max-p99",
      "0ms",
    ]);
    assert.equal(slow.code, 1);
    assert.match(
      slow.stderr,
      /^limit missed: p99 of RevertName is [\d.]+ ms, above 0 ms$/m,
    );
    const kept = await runHere([
      ...args,
      "--max-error-rate",
      "100%",
      "--max-p99",
      "1h",
    ]);
    assert.equal(kept.code, 0);
  });

  for (const [args, message] of [
    [["--protocols", "soap"], /soap is none of rest, grpc, grpc_web, connect/],
    [["--duration", "soon"], /a time is like 250ms, 10s, 1.5m or 1h/],
    [["--rate", "1", "--concurrency", "1"], /exclude each other/],
    [["--speed"], /unknown option '--speed'/],
    [["extra"], /too many arguments/],
    [
      ["--edge", "http://example.com"],
      /example.com must be allowed by that name/,
    ],
  ] as const) {
    test(`answers 2 to ${args.join(" ")}`, async () => {
      const { code, stdout, stderr } = await runHere(args);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.equal(stdout, "");
    });
  }

  test("answers 0 to --help", async () => {
    const { code, stdout } = await runHere(["--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: torture/);
  });

  test("shows a bar on a terminal, and plain lines elsewhere", async (t) => {
    const url = await startRevertName(t, reverse);
    const args = [...only(url), "--rate", "20", "--duration", "1500ms"];
    const terminal = await runHere(args, true);
    assert.match(terminal.stderr, /=+-* \d+ % 1 s, \d+ calls/);
    const pipe = await runHere(args);
    assert.match(
      pipe.stderr,
      /^1 s, \d+ calls, \d+\/s, \d+ in flight, 0 unexpected, 0 dropped\n$/,
    );
  });
});

suite("main", { timeout: 60_000 }, () => {
  test("ends by Ctrl-C with the table of what was done", async (t) => {
    const url = await startSilentServer(t);
    const args = `${only(url).join(" ")} --duration 50s --timeout 2s`;
    const child = spawn(process.execPath, [program, ...args.split(" ")]);
    t.after(() => child.kill("SIGKILL"));
    let stdout = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.once("data", () => {
      child.kill("SIGINT");
      // npm passes on what the terminal has sent already.
      child.stderr.once("data", () => child.kill("SIGINT"));
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    assert.equal(code, 1);
    assert.match(stdout, /^RevertName +DeadlineExceeded +8 /m);
    assert.match(stdout, /, interrupted$/m);
  });

  test("ends with the exit code of the command", async () => {
    const { code, stdout, stderr } = await run(process.execPath, [
      program,
      "--time",
      "http://10.0.0.1",
    ]);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      /^error: time is not on this machine: http:\/\/10.0.0.1;/,
    );
  });
});

const percentiles = Object.fromEntries(
  ["p50", "p90", "p95", "p99", "p999", "max", "mean"].map((key) => [
    key,
    "number",
  ]),
);
const summaryShape = {
  count: "number",
  unexpected: "number",
  sent: "number",
  received: "number",
  callsPerSecond: "number",
  latencyMs: percentiles,
  serviceTimeMs: percentiles,
};

/** Puts the name of its type in the place of every value. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(shapeOf);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]),
      )
    : typeof value;
}
