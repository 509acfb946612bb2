import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { baseOptions, urlOption } from "./config.js";
import { formatConfigHelp } from "./config-help.js";
import { formatConfigTables } from "./config-page.js";

const base = (port: number) =>
  baseOptions({ port, grpcPort: 2, metricsPort: 3, workerMetricsPort: 4 });
const schema = z.object(base(1));
const ownSchema = z.object({
  ...base(11),
  CLOCK_URL: urlOption("http://127.0.0.1:1", "where the clock is"),
});

suite("formatConfigHelp()", () => {
  test("shows each variable with its default", () => {
    const help = formatConfigHelp(schema);
    assert.match(
      help,
      /^ {2}PORT +port that speaks everything.*\[default: 1\]$/m,
    );
    assert.match(help, /^ {2}MONGODB_URI +.*\[required\]$/m);
    assert.match(help, /^ {2}CORS_ORIGINS +.*\[default: empty\]$/m);
    assert.match(
      help,
      /^ {2}INSTANCE_ID +.*\[default: host name and process id\]$/m,
    );
  });

  test("puts the service's own first, and each under its title once", () => {
    const lines = formatConfigHelp(ownSchema).split("\n");
    assert.deepEqual(
      lines.filter((line) => /^\S/.test(line)),
      ["This service:", "Addresses:", "Process:", "Admin:", "Limits:", "TLS:"],
    );
    assert.match(lines[1] ?? "", /^ {2}CLOCK_URL +where the clock is/);
    const names = lines.flatMap((line) => /^ {2}(\w+)/.exec(line)?.[1] ?? []);
    assert.deepEqual(names.sort(), Object.keys(ownSchema.shape).sort());
  });
});

suite("formatConfigTables()", () => {
  test("joins what services have in common, and keeps apart what differs", () => {
    const tables = formatConfigTables([
      { name: "own", config: ownSchema },
      { name: "plain", config: schema },
    ]);
    assert.match(tables, /^\| `PORT` \| 11 \(own\), 1 \(plain\) \| port that/m);
    assert.match(tables, /^\| `GRPC_PORT` \| 2 \| second port/m);
    assert.match(tables, /^\| `MONGODB_URI` \| required \|/m);
    assert.match(
      tables,
      /### `own` alone\n\n.*\n.*\n\| `CLOCK_URL` \| http:\/\/127\.0\.0\.1:1 \| where the clock is \|$/,
    );
  });
});
