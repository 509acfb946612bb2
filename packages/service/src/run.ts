import closeWithGrace from "close-with-grace";
import type { ConfigSchema } from "./config.js";
import { ConfigError, readConfig } from "./config.js";
import { formatConfigHelp } from "./config-help.js";
import { createLogger } from "./logger.js";
import { startServer } from "./server.js";
import type { ServiceDefinition } from "./service-definition.js";
import { startWorker } from "./worker.js";

/** How a process ends, as its exit code. */
export const exitCodes = {
  /** It was told to end, and did so in order. */
  ended: 0,
  /** It could not start, failed, or did not end within its grace time. */
  failed: 1,
  /** The command line or the configuration is not valid. */
  usage: 2,
} as const;

/**
 * Runs one process of a service from the command line: `server` or `worker`.
 * `--help` prints the configuration. `--exit-with-stdin` ends the process with
 * its standard input, so that a parent that was killed leaves no orphan.
 *
 * SIGTERM and SIGINT end it in order; a second signal, or the end of the grace
 * time and 2 s, at once.
 */
export async function runService<Schema extends ConfigSchema>(
  definition: ServiceDefinition<Schema>,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const role = args.find((arg) => !arg.startsWith("--"));
  if (args.includes("--help")) {
    process.stdout.write(formatHelp(definition));
    return;
  }
  if (role !== "server" && role !== "worker") {
    process.stderr.write(formatHelp(definition));
    process.exitCode = exitCodes.usage;
    return;
  }
  try {
    const config = readConfig(definition.config, process.env);
    const start = role === "server" ? startServer : startWorker;
    const running = await start(definition, config);
    const logger = createLogger({
      service: definition.name,
      role,
      level: config.LOG_LEVEL,
    });
    const grace = closeWithGrace(
      { delay: config.SHUTDOWN_GRACE_MS + 2_000, logger: undefined },
      async ({ signal, err }) => {
        if (err !== undefined) {
          logger.fatal({ err }, "ending after an error nobody handled");
        } else {
          logger.info({ signal }, "ending");
        }
        await running.close();
      },
    );
    // Whoever waits for this line may send a signal at once.
    logger.info({ addresses: running.addresses }, "started");
    if (args.includes("--exit-with-stdin")) {
      process.stdin.resume().once("end", () => grace.close());
    }
  } catch (error) {
    const reason =
      error instanceof ConfigError || isPortInUse(error)
        ? error.message
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error);
    process.stderr.write(`${definition.name} ${role}: ${reason}\n`);
    process.exitCode =
      error instanceof ConfigError ? exitCodes.usage : exitCodes.failed;
  }
}

function isPortInUse(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error && "code" in error && error.code === "EADDRINUSE"
  );
}

function formatHelp(definition: ServiceDefinition): string {
  return `usage: ${definition.name} server|worker [--exit-with-stdin] [--help]

Configuration, from environment variables. Where NAME is not set, NAME_FILE may
be the path of a file that holds it:
${formatConfigHelp(definition.config)}

Exit codes: ${exitCodes.ended} ended in order, ${exitCodes.failed} failed, ${exitCodes.usage} wrong usage or configuration.
`;
}
