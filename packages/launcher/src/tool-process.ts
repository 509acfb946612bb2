import { spawn } from "node:child_process";

/**
 * Runs a program that knows nothing of its launcher: ends it on SIGTERM and
 * when standard input ends, which is when the launcher is no more. When it
 * ends by itself this process says so and stays, because the system goes on
 * without it.
 */
const [command = "", ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
let ending = false;

const end = () => {
  ending = true;
  if (!child.kill("SIGTERM")) {
    process.exit(0);
  }
};

process.on("SIGTERM", end);
process.stdin.on("end", end).on("error", end).resume();
child.once("error", (error) => report(error.message));
child.once("exit", (code, signal) => report(signal ?? `exit code ${code}`));

function report(reason: string): void {
  if (ending) {
    process.exit(0);
  }
  process.stderr.write(
    `${command} ended with ${reason}; the system goes on without it\n`,
  );
}
