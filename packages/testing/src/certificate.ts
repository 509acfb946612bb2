import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run.js";

/** A private key and the certificate that it signed for itself, in PEM. */
export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** Makes a self-signed certificate for 127.0.0.1, valid for a day. */
export async function createCertificate(name: string): Promise<Certificate> {
  const directory = await mkdtemp(join(tmpdir(), "certificate-"));
  try {
    const { code, stderr } = await run(
      "openssl",
      [
        ..."req -x509 -nodes -days 1 -newkey ec".split(" "),
        ..."-pkeyopt ec_paramgen_curve:P-256".split(" "),
        ..."-addext subjectAltName=IP:127.0.0.1".split(" "),
        ...`-subj /CN=${name} -keyout key.pem -out cert.pem`.split(" "),
      ],
      { cwd: directory },
    );
    if (code !== 0) {
      throw new Error(`openssl ended with ${code}: ${stderr}`);
    }
    return {
      key: await readFile(join(directory, "key.pem")),
      cert: await readFile(join(directory, "cert.pem")),
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}
