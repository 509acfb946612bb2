import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { parseDatabaseCommand } from "./database-command.js";

suite("parseDatabaseCommand()", () => {
  test("has defaults for everything", () => {
    assert.deepEqual(parseDatabaseCommand([], {}), {
      kind: "start",
      uri: undefined,
      host: "127.0.0.1",
      port: 27017,
      dataDir: join(process.cwd(), ".data"),
      exitWithStdin: false,
    });
  });

  test("reads the environment and the options", () => {
    const command = parseDatabaseCommand(["--exit-with-stdin"], {
      DB_HOST: "0.0.0.0",
      DB_PORT: "0",
      DATA_DIR: "/data",
      MONGODB_URI: "mongodb://db",
    });
    assert.deepEqual(command, {
      kind: "start",
      uri: "mongodb://db",
      host: "0.0.0.0",
      port: 0,
      dataDir: "/data",
      exitWithStdin: true,
    });
  });

  test("names all mistakes at once", () => {
    assert.deepEqual(parseDatabaseCommand(["--foo"], { DB_PORT: "65536" }), {
      kind: "wrong",
      mistakes: [
        "unknown option --foo",
        "DB_PORT is no port from 0 to 65535: 65536",
      ],
    });
  });

  test("answers --help whatever else is wrong", () => {
    const command = parseDatabaseCommand(["--foo", "--help"], {});
    assert.deepEqual(command, { kind: "help" });
  });
});
