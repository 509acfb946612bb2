// The database alone: `npm run db`, also run as a supervised child.
import {
  type DatabaseCommand,
  exitCodes,
  exitDatabaseEnded,
  exitWrong,
  helpText,
  parseDatabaseCommand,
} from "./database-command.js";
import { DatabaseStartError } from "./database-start-error.js";
import { redactUri } from "./redact-uri.js";
import { startDatabase } from "./start-database.js";

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Aborts when somebody asks this process to end. */
function signalOfEnd(exitWithStdin: boolean): AbortSignal {
  const end = new AbortController();
  process.on("SIGTERM", () => end.abort());
  process.on("SIGINT", () => end.abort());
  if (exitWithStdin) {
    process.stdin.on("close", () => end.abort()).resume();
  }
  return end.signal;
}

async function run(
  command: Extract<DatabaseCommand, { kind: "start" }>,
): Promise<number> {
  if (command.uri !== undefined) {
    say(
      `nothing to start: MONGODB_URI is set to ${redactUri(command.uri)}, unset it to start a database`,
    );
    return 0;
  }
  const end = signalOfEnd(command.exitWithStdin);
  const database = await startDatabase({
    ...command,
    onProgress: complain,
    signal: end,
  });
  const ended = new Promise<"asked">((resolve) => {
    end.addEventListener("abort", () => resolve("asked"));
    if (end.aborted) {
      resolve("asked");
    }
  });
  say(`database: ${database.description}`);
  say(`MONGODB_URI=${database.uri}`);
  const cause = await Promise.race([ended, database.exited]);
  if (cause !== "asked") {
    complain(cause.reason);
    return exitDatabaseEnded;
  }
  await database.close();
  return 0;
}

async function main(): Promise<number> {
  // A reader that has left must not end the database.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  const command = parseDatabaseCommand(process.argv.slice(2), process.env);
  switch (command.kind) {
    case "help":
      process.stdout.write(helpText);
      return 0;
    case "wrong":
      command.mistakes.forEach(complain);
      return exitWrong;
    case "start":
      try {
        return await run(command);
      } catch (error) {
        if (error instanceof Error && error.name === "AbortError") {
          return 0;
        }
        complain(error instanceof Error ? error.message : String(error));
        return error instanceof DatabaseStartError
          ? exitCodes[error.problem]
          : exitCodes.failed;
      } finally {
        if (command.exitWithStdin) {
          // While it is open this process would not end.
          process.stdin.destroy();
        }
      }
  }
}

process.exitCode = await main();
