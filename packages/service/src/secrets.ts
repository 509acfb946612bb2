import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The secrets of a set of containers, each in a file of the same name. */
export interface Secrets {
  /** The password of the database's root user. */
  "mongodb-password": string;
  /** The address of the database, with that password. */
  "mongodb-uri": string;
  /** What workers show with a heartbeat. */
  "heartbeat-token": string;
}

/**
 * Makes the secrets that are not there yet, in a folder that containers share.
 * A secret that is given in the environment (`MONGODB_PASSWORD`,
 * `HEARTBEAT_TOKEN`) takes the place of a random one. Returns the names of the
 * files that it wrote.
 */
export async function writeSecrets(
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const keep = async (name: keyof Secrets, given: string | undefined) =>
    given || (await readSecret(folder, name)) || createSecret();
  const password = await keep("mongodb-password", env.MONGODB_PASSWORD);
  const host = env.MONGODB_HOST || "mongo:27017";
  const secrets: Secrets = {
    "mongodb-password": password,
    "mongodb-uri": `mongodb://root:${encodeURIComponent(password)}@${host}/?authSource=admin`,
    "heartbeat-token": await keep("heartbeat-token", env.HEARTBEAT_TOKEN),
  };
  const written: string[] = [];
  for (const [name, secret] of Object.entries(secrets)) {
    if ((await readSecret(folder, name)) !== secret) {
      // Containers run as different users. The folder is theirs alone. Whoever
      // reads meanwhile finds the old one or the new one, never half of it.
      const unfinished = join(folder, `.${name}`);
      await writeFile(unfinished, secret, { mode: 0o444 });
      await rename(unfinished, join(folder, name));
      written.push(name);
    }
  }
  return written;
}

/** 192 bits, in characters that need no quoting anywhere. */
function createSecret(): string {
  return randomBytes(24).toString("base64url");
}

async function readSecret(
  folder: string,
  name: string,
): Promise<string | undefined> {
  try {
    return await readFile(join(folder, name), "utf8");
  } catch {
    return undefined;
  }
}
