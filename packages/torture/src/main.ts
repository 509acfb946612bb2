import { runCommand } from "./command.js";

/** npm passes on the Ctrl-C that the terminal has sent already. */
const echoMs = 1_000;

const stopping = new AbortController();
let stoppedAt: number | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (stoppedAt === undefined) {
      stoppedAt = performance.now();
      stopping.abort();
      process.stderr.write(
        "\nending when the calls in flight have ended; once more ends at once\n",
      );
    } else if (performance.now() - stoppedAt > echoMs) {
      process.exit(130);
    }
  });
}
// A reader that has left, as `head` does, wants no more.
process.stdout.on("error", () => {});

process.exitCode = await runCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stopping.signal,
});
