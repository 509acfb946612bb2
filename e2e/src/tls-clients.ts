import { EdgeService } from "@both-ends/gen/edge/v1/edge_service_pb.js";
import { type CertificateFiles, run } from "@both-ends/testing";
import type { Browser } from "playwright-core";
import { type PeerTarget, peers, type StartPeer } from "./peer.js";
import { root } from "./use-system.js";

/** What a client said when it was asked to call `Proxy` for Rodrigo. */
export interface Said {
  ok: boolean;
  text: string;
}

/** Calls over TLS, and tells what comes of it. Throws nothing. */
export type TlsClient = (target: TlsTarget) => Promise<Said>;

/** Whom a client calls, whom it trusts, and what it shows. */
export interface TlsTarget {
  address: string;
  ca: string;
  client?: CertificateFiles | undefined;
}

const method = "edge.v1.EdgeService/Proxy";
const data = '{"name":"Rodrigo"}';

/** The clients that need no browser. */
export const tlsClients: Record<string, TlsClient> = {
  "curl --http1.1": (target) => curl("--http1.1", target),
  "curl --http2": (target) => curl("--http2", target),
  grpcurl: ({ address, ca, client }) =>
    say("grpcurl", [
      ...["-cacert", ca, "-max-time", "10"],
      ...(client ? ["-cert", client.cert, "-key", client.key] : []),
      ...["-d", data, address, method],
    ]),
  "buf curl": ({ address, ca, client }) =>
    say(`${root}node_modules/.bin/buf`, [
      ...["curl", "--protocol", "grpc", "--cacert", ca],
      // Its words on a reflection that fails do not say why.
      ...["--schema", `${root}proto`],
      ...(client ? ["--cert", client.cert, "--key", client.key] : []),
      ...["-d", data, `https://${address}/${method}`],
    ]),
  "grpc-js": (target) => callAsPeer(peers["grpc-js"], target),
  grpcio: (target) => callAsPeer(peers.grpcio, target),
};

/**
 * Chromium: a page of the server calls the server it came from. It takes
 * authorities from the machine alone, so that it is told whether to trust.
 */
export function createChromiumClient(
  browser: () => Browser,
  { trusts }: { trusts: boolean },
): TlsClient {
  return async ({ address, client }) => {
    const origin = `https://${address}`;
    const context = await browser().newContext({
      ignoreHTTPSErrors: trusts,
      ...(client && {
        clientCertificates: [
          { origin, certPath: client.cert, keyPath: client.key },
        ],
      }),
    });
    try {
      const page = await context.newPage();
      await page.goto(`${origin}/healthz`, { timeout: 20_000 });
      const call = `fetch("/${method}", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: ${JSON.stringify(data)},
      }).then((res) => res.text())`;
      return { ok: true, text: String(await page.evaluate(call)) };
    } catch (error) {
      return { ok: false, text: String(error) };
    } finally {
      await context.close();
    }
  };
}

async function say(command: string, args: string[]): Promise<Said> {
  const { code, stdout, stderr } = await run(command, args);
  return { ok: code === 0, text: stdout + stderr };
}

function curl(
  version: string,
  { address, ca, client }: TlsTarget,
): Promise<Said> {
  return say("curl", [
    ...["-sS", "--max-time", "10", version, "--cacert", ca],
    ...(client ? ["--cert", client.cert, "--key", client.key] : []),
    `https://${address}/proxy/Rodrigo/`,
  ]);
}

async function callAsPeer(start: StartPeer, target: PeerTarget): Promise<Said> {
  const ends: (() => unknown)[] = [];
  // A peer's ends take no argument.
  const peer = start(
    { after: (end) => ends.push(end as () => unknown) },
    target,
  );
  try {
    const { code, message, responses } = await peer.call({
      method: EdgeService.method.proxy,
      requests: [{ name: "Rodrigo" }],
      timeoutMs: 5_000,
    });
    return {
      ok: code === "OK",
      text: `${code} ${message} ${JSON.stringify(responses)}`,
    };
  } catch (error) {
    return { ok: false, text: String(error) };
  } finally {
    await Promise.all(ends.map((end) => end()));
  }
}
