import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { run } from "./run.js";

/** The files of a certificate, in PEM. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** An authority that signs certificates for 127.0.0.1. */
export interface CertificateAuthority {
  /** The file of its own certificate, in PEM: what others have to trust. */
  readonly ca: string;
  /** Signs a certificate, for a server or a client, that is valid for a day. */
  issue(name: string): Promise<CertificateFiles>;
  /** Signs one that has expired. */
  issueExpired(name: string): Promise<CertificateFiles>;
}

/** Creates an authority, to be cleaned up after the test. Needs openssl. */
export async function useCertificateAuthority(
  t: Pick<TestContext, "after">,
  name: string,
): Promise<CertificateAuthority> {
  const directory = await mkdtemp(join(tmpdir(), "authority-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const openssl = async (command: string) => {
    const args = command.split(" ");
    const { code, stderr } = await run("openssl", args, { cwd: directory });
    if (code !== 0) {
      throw new Error(`openssl ended with ${code}: ${stderr}`);
    }
  };
  const newKey = "-nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256";
  await openssl(
    `req -x509 ${newKey} -days 2 -subj /CN=${name} -keyout ca.key -out ca.pem`,
  );
  await writeFile(join(directory, "names"), "subjectAltName=IP:127.0.0.1");
  const issue = async (subject: string, days: number) => {
    await openssl(
      `req ${newKey} -subj /CN=${subject} -keyout ${subject}.key -out ${subject}.csr`,
    );
    await openssl(
      `x509 -req -in ${subject}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days ${days} -extfile names -out ${subject}.pem`,
    );
    return {
      cert: join(directory, `${subject}.pem`),
      key: join(directory, `${subject}.key`),
    };
  };
  return {
    ca: join(directory, "ca.pem"),
    issue: (subject) => issue(subject, 1),
    issueExpired: (subject) => issue(subject, -1),
  };
}
