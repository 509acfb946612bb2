import { isReachable } from "./is-reachable.js";
import { askMongodBinary } from "./mongod-binary-process.js";

const downloadLimitMs = 10 * 60_000;
const reachLimitMs = 2000;
const progressIntervalMs = 5000;

/** Tells within 2 s what is in the way of a download, or undefined. */
export async function checkMongodDownload(): Promise<string | undefined> {
  if (process.env.MONGOMS_RUNTIME_DOWNLOAD === "false") {
    return "its download is off (MONGOMS_RUNTIME_DOWNLOAD=false)";
  }
  const url = new URL(
    process.env.MONGOMS_DOWNLOAD_URL ??
      process.env.MONGOMS_DOWNLOAD_MIRROR ??
      "https://fastdl.mongodb.org",
  );
  return (await isReachable(url, reachLimitMs))
    ? undefined
    : `${url.host} does not answer`;
}

/** Downloads a mongod and gives its path. */
export async function downloadMongod(options: {
  onProgress?: ((line: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}): Promise<string> {
  const { onProgress = () => {}, signal } = options;
  onProgress("first start: downloading mongod, once");
  const start = performance.now();
  let progress = "";
  const timer = setInterval(() => {
    const elapsed = Math.round((performance.now() - start) / 1000);
    onProgress(`downloading mongod:${progress} ${elapsed} s`);
  }, progressIntervalMs);
  try {
    const path = await askMongodBinary("download", {
      limitMs: downloadLimitMs,
      onLine: (line) => {
        const percent = /: ([\d.]+%)/.exec(line)?.[1];
        progress = percent ? ` ${percent},` : progress;
      },
      signal,
    });
    if (path === undefined) {
      throw new Error("the download gave no mongod");
    }
    return path;
  } finally {
    clearInterval(timer);
  }
}
