import { fork } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** How to ask for a mongod. */
export interface AskMongodBinaryOptions {
  /** Ends the asking after this time. */
  limitMs: number;
  /** Called with each line the library prints, such as its progress. */
  onLine?: (line: string) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Has mongodb-memory-server find a mongod in its cache, or download it. That
 * library takes seconds to load, prints where it likes and cannot be told to
 * stop: in a process of its own it does none of this to others.
 *
 * Gives undefined if there is none to find.
 */
export async function askMongodBinary(
  what: "find" | "download",
  options: AskMongodBinaryOptions,
): Promise<string | undefined> {
  const { limitMs, onLine, signal } = options;
  signal?.throwIfAborted();
  const script = fileURLToPath(
    new URL("./mongod-binary-main.js", import.meta.url),
  );
  const child = fork(script, [what], {
    silent: true,
    // Without it the library does not check certificates.
    env: { ...process.env, npm_config_strict_ssl: "true" },
  });
  const limit = AbortSignal.timeout(limitMs);
  const end = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", end, { once: true });
  limit.addEventListener("abort", end, { once: true });
  if (child.stdout) {
    createInterface({ input: child.stdout }).on("line", (line) =>
      onLine?.(line),
    );
  }
  // Unread output would block it.
  child.stderr?.resume();
  try {
    const answer = await new Promise<unknown>((resolve) => {
      child.once("message", resolve);
      child.once("error", (error) => resolve({ error: error.message }));
      child.once("exit", () =>
        resolve({ error: "it ended without an answer" }),
      );
    });
    signal?.throwIfAborted();
    if (limit.aborted) {
      throw new Error(`no mongod within ${limitMs} ms`);
    }
    return readAnswer(answer);
  } finally {
    signal?.removeEventListener("abort", end);
    end();
  }
}

function readAnswer(answer: unknown): string | undefined {
  if (typeof answer === "object" && answer !== null) {
    if ("path" in answer && typeof answer.path === "string") {
      return answer.path;
    }
    if ("error" in answer && typeof answer.error === "string") {
      throw new Error(answer.error);
    }
  }
  return undefined;
}
