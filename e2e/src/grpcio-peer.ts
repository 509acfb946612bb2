import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { python } from "@both-ends/testing";
import type { PeerOutcome, StartPeer } from "./peer.js";
import { root } from "./use-system.js";

/** Longer than any call that a test makes. */
const answerTimeoutMs = 60_000;

/** Starts grpcio, which asks the server's reflection for its schemas. */
export const startGrpcioPeer: StartPeer = (t, { address, ca, client }) => {
  const files = ca === undefined ? [] : [ca];
  if (client !== undefined) {
    files.push(client.cert, client.key);
  }
  const program = `${root}e2e/src/grpcio_peer.py`;
  const child = spawn(python(), [program, address, ...files], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout });
  return {
    async call({ method, ...rest }) {
      const answered = once(lines, "line", {
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
      const spec = {
        service: method.parent.typeName,
        method: method.name,
        ...rest,
      };
      child.stdin.write(`${JSON.stringify(spec)}\n`);
      const [line] = await answered;
      // The program writes nothing else.
      const answer = JSON.parse(String(line)) as
        | PeerOutcome
        | { error: string };
      if ("error" in answer) {
        throw new Error(answer.error);
      }
      return answer;
    },
  };
};
