import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { TargetName } from "./routes.js";

/** Servers of all three services, without a database. */
export interface Services {
  /** Where each answers calls. */
  targets: Record<TargetName, string>;
  /** Where each answers its metrics. */
  metrics: Record<TargetName, string>;
}

/** Starts the server processes, which end with the test. */
export async function startServices(
  t: Pick<TestContext, "after">,
): Promise<Services> {
  const [revertName, time] = await Promise.all([
    startServer(t, "revert-name", { FAULT_INJECTION: "true" }),
    startServer(t, "time", {}),
  ]);
  const edge = await startServer(t, "edge", {
    REVERT_NAME_URL: revertName.web,
    TIME_URL: time.web,
    // A machine that is busy with other tests must not add faults.
    CALL_TIMEOUT_MS: "60000",
  });
  return {
    targets: { edge: edge.web, "revert-name": revertName.web, time: time.web },
    metrics: {
      edge: edge.metrics,
      "revert-name": revertName.metrics,
      time: time.metrics,
    },
  };
}

async function startServer(
  t: Pick<TestContext, "after">,
  service: TargetName,
  env: Record<string, string>,
): Promise<{ web: string; metrics: string }> {
  const program = new URL(
    `../../../services/${service}/dist/main.js`,
    import.meta.url,
  );
  const child = spawn(
    process.execPath,
    [fileURLToPath(program), "server", "--exit-with-stdin"],
    {
      env: {
        ...process.env,
        HOST: "127.0.0.1",
        PORT: "0",
        GRPC_PORT: "0",
        METRICS_PORT: "0",
        LOG_LEVEL: "info",
        // Nothing that is called here needs one.
        MONGODB_URI: "mongodb://127.0.0.1:1",
        ...env,
      },
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const exited = new Promise((resolve) => child.once("exit", resolve));
  t.after(async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await exited;
    clearTimeout(timer);
  });
  const ports = await new Promise<Record<"web" | "metrics", number>>(
    (resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${service} did not start within 30 s`)),
        30_000,
      );
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (line.includes('"msg":"started"')) {
          clearTimeout(timer);
          // The line with which every service says where it listens.
          const { addresses } = JSON.parse(line) as {
            addresses: Record<"web" | "metrics", { port: number }>;
          };
          resolve({
            web: addresses.web.port,
            metrics: addresses.metrics.port,
          });
        }
      });
      void exited.then((code) => {
        clearTimeout(timer);
        reject(new Error(`${service} ended with ${code}`));
      });
    },
  );
  return {
    web: `http://127.0.0.1:${ports.web}`,
    metrics: `http://127.0.0.1:${ports.metrics}/metrics`,
  };
}
