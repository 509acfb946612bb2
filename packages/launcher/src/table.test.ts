import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { planProcesses } from "./plan.js";
import { renderWelcome } from "./table.js";

const database = "mongodb://127.0.0.1:27017";

suite("renderWelcome()", () => {
  test("shows every address in aligned columns, the console, and three calls", () => {
    assert.equal(
      renderWelcome(planProcesses({}), { database }),
      `
  service      everything             gRPC alias       metrics         worker metrics
  time         http://127.0.0.1:8010  127.0.0.1:50051  127.0.0.1:9999  127.0.0.1:9997
  revert-name  http://127.0.0.1:8011  127.0.0.1:50052  127.0.0.1:9998  127.0.0.1:9996
  edge         http://127.0.0.1:8012  127.0.0.1:50053  127.0.0.1:9995  127.0.0.1:9994

  console   http://127.0.0.1:8012/admin  (user admin; edge shows the password at its first start)
  database  mongodb://127.0.0.1:27017

  Try it
    curl http://127.0.0.1:8012/proxy/Rodrigo/
    grpcurl -plaintext -d '{"name":"Rodrigo"}' 127.0.0.1:50052 revertname.v1.RevertNameService/RevertName
    npx buf curl --http2-prior-knowledge -d '{"timeZone":"America/Sao_Paulo"}' http://127.0.0.1:8010/time.v1.TimeService/WhatTimeIs

  Ctrl-C ends it.
`,
    );
  });

  test("leaves out what repeats where the terminal is narrow", () => {
    const shown = renderWelcome(planProcesses({}), { database, columns: 80 });
    const table = shown.split("\n").slice(1, 5);
    assert.equal(
      table[3]?.trim(),
      "edge         http://127.0.0.1:8012  :50053      :9995    :9994",
    );
    assert.ok(table.every((line) => line.length <= 80));
  });

  test("adds what is not as it should be", () => {
    const warnings = ["edge is degraded: no database"];
    const shown = renderWelcome(planProcesses({}), { database, warnings });
    assert.match(shown, /\n {2}note {6}edge is degraded: no database\n/);
  });
});
