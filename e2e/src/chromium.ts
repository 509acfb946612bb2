import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** Launches the Chromium that is on PATH. Whoever launches it closes it. */
export function launchChromium(): Promise<Browser> {
  const executablePath = (process.env.PATH ?? "")
    .split(delimiter)
    .map((directory) => join(directory, "chromium"))
    .find((file) => existsSync(file));
  return chromium.launch({
    executablePath: executablePath ?? "chromium",
    args: [
      // Chromium refuses to sandbox for root, as tests in containers are.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
