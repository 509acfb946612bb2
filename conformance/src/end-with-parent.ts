/**
 * Ends this process when the one that started it has gone: the runner closes
 * standard input early, and may itself be killed when it runs out of time.
 */
export function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) {
      process.exit(1);
    }
  }, 500).unref();
}
