import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { checkAnswer, countedCalls } from "./rpc-check.js";
import { nodePeer } from "./rpc-peers.js";
import { startProgram } from "./rpc-process.js";
import { startSystem } from "./rpc-system.js";

const noDatabase = "mongodb://127.0.0.1:1";

suite("startSystem()", { timeout: 120_000 }, () => {
  const systems = [
    ["nice-grpc", "rpc", 1],
    ["stock-connect", "rpc", 1],
    ["stock-connect", "proxy", 2],
    ["bare-http2", "rpc", 0],
    ["bare-http2", "proxy", 0],
  ] as const;
  for (const [peer, kind, counts] of systems) {
    test(`starts ${peer} for ${kind}, which answers and counts ${counts}`, async (t) => {
      const start = await nodePeer(peer)();
      const system = await startSystem(start, kind, noDatabase);
      t.after(() => system.stop());
      await checkAnswer(system);
      assert.equal(system.pids.length, kind === "rpc" ? 1 : 3);
      if (counts > 0) {
        assert.equal(await countedCalls(system), counts);
      }
    });
  }
});

suite("startProgram()", { timeout: 60_000 }, () => {
  const script = (text: string) => ({
    file: process.execPath,
    args: ["-e", text],
  });

  test("reads the ports from the log of a service", async (t) => {
    const addresses = { web: { port: 1 }, metrics: { port: 2 } };
    const program = await startProgram(
      script(
        `console.log("noise"); console.log('${JSON.stringify({ addresses })}'); process.stdin.resume()`,
      ),
    );
    t.after(() => program.stop());
    assert.equal(program.port, 1);
    assert.equal(program.metricsPort, 2);
  });

  test("tells what a program wrote that ends", async () => {
    await assert.rejects(
      startProgram(script('console.error("no port left")')),
      /ended: no port left/,
    );
  });

  test("rejects for a program that is not there", async () => {
    await assert.rejects(
      startProgram({ file: "/no/such/program", args: [] }),
      /no\/such\/program/,
    );
  });
});
