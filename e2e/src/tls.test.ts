import assert from "node:assert/strict";
import { after, before, suite, type TestContext, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import {
  type CertificateAuthority,
  type CertificateFiles,
  needs,
  run,
  useCertificateAuthority,
  waitFor,
} from "@both-ends/testing";
import type { Browser } from "playwright-core";
import { launchChromium } from "./chromium.js";
import { readMetrics, sumOf } from "./read-metrics.js";
import { startService } from "./start-service.js";
import {
  createChromiumClient,
  type TlsClient,
  type TlsTarget,
  tlsClients,
} from "./tls-clients.js";
import { type System, startSystem } from "./use-system.js";

/** What clients say of a connection that a server refuses after the handshake. */
const refusal =
  /certificate required|Empty reply|EOF|not connected|not closed cleanly|reset|broken pipe|unavailable|ERR_(SOCKET|HTTP2|CONNECTION|SSL|EMPTY|BAD_SSL)/i;

const skip =
  needsDatabase().skip ||
  needs("openssl", "curl", "grpcurl", "chromium", "grpcio").skip;

suite("the system over TLS", { skip, timeout: 300_000 }, () => {
  const ends: (() => unknown)[] = [];
  // Their ends take no argument.
  const t: Pick<TestContext, "after"> = {
    after: (end) => ends.push(end as () => unknown),
  };
  let browser: Browser;
  let authority: CertificateAuthority;
  let strangers: CertificateAuthority;
  let server: CertificateFiles;
  let client: CertificateFiles;
  let tls: System;
  let mutual: System;
  const chromium = createChromiumClient(() => browser, { trusts: true });
  const clients: Record<string, TlsClient> = {
    ...tlsClients,
    Chromium: chromium,
  };

  const startTlsSystem = (env: Record<string, string>) =>
    startSystem(({ time, "revert-name": revertName, edge }) => ({
      TLS_CERT_FILE: server.cert,
      TLS_KEY_FILE: server.key,
      CALL_CA_FILE: authority.ca,
      TIME_URL: `https://${time.web}`,
      REVERT_NAME_URL: `https://${revertName.web}`,
      EDGE_URL: `https://${edge.web}`,
      LOG_LEVEL: "debug",
      ...env,
    }));
  before(
    async () => {
      authority = await useCertificateAuthority(t, "authority");
      // Of the same name: clients written in Go would else not show what it
      // signed, since the server asks for certificates of that name.
      strangers = await useCertificateAuthority(t, "authority");
      server = await authority.issue("server");
      client = await authority.issue("client");
      tls = await startTlsSystem({});
      mutual = await startTlsSystem({
        TLS_CLIENT_CA_FILE: authority.ca,
        CALL_CERT_FILE: client.cert,
        CALL_KEY_FILE: client.key,
      });
      browser = await launchChromium();
    },
    { timeout: 300_000 },
  );
  after(async () => {
    await browser?.close();
    await tls?.stop();
    await mutual?.stop();
    await Promise.all(ends.map((end) => end()));
  });

  for (const [name, call] of Object.entries(clients)) {
    test(`answers ${name}, with client certificates and without`, async () => {
      for (const target of [
        { address: tls.services.edge.web, ca: authority.ca },
        { address: tls.services.edge.grpc, ca: authority.ca },
        { address: mutual.services.edge.web, ca: authority.ca, client },
      ]) {
        const { ok, text } = await call(target);
        assert.ok(ok && text.includes("ogirdoR"), text);
      }
    });
  }

  test("carries heartbeats from every worker to edge", async () => {
    for (const { services } of [tls, mutual]) {
      await waitFor(
        "a beat of every service",
        async () => {
          const samples = await readMetrics(services.edge.metrics);
          const name = "heartbeat_last_seen_timestamp_seconds";
          return samples.filter((sample) => sample.name === name).length === 3;
        },
        { timeoutMs: 40_000, intervalMs: 200 },
      );
    }
  });

  test("has metrics that promtool takes", needs("promtool"), async () => {
    const res = await fetch(`http://${mutual.services.edge.metrics}/`);
    const input = await res.text();
    const checked = await run("promtool", ["check", "metrics"], { input });
    assert.deepEqual(checked, { code: 0, stdout: "", stderr: "" });
  });

  /** A certificate that is not good, and the reason that edge gives. */
  const problems: Record<
    string,
    { reason: string; target: () => Promise<Partial<TlsTarget>> }
  > = {
    missing: {
      reason: "no_certificate",
      target: async () => ({ client: undefined }),
    },
    expired: {
      reason: "expired",
      target: async () => ({ client: await authority.issueExpired("late") }),
    },
    "of another authority": {
      reason: "untrusted",
      target: async () => ({ client: await strangers.issue("stranger") }),
    },
  };
  for (const [problem, { reason, target }] of Object.entries(problems)) {
    test(`refuses clients whose certificate is ${problem}, and says why`, async () => {
      const { web: address, metrics } = mutual.services.edge;
      const wrong = { address, ca: authority.ca, ...(await target()) };
      const said: string[] = [];
      for (const [name, call] of Object.entries(clients)) {
        const failures = async () =>
          sumOf(
            await readMetrics(metrics),
            "service_tls_handshake_failures_total",
            { reason },
          );
        const before = await failures();
        const { ok, text } = await call(wrong);
        assert.ok(!ok, `${name}: ${text}`);
        assert.match(text, refusal, name);
        said.push(text);
        await waitFor(
          `edge to have counted ${name}`,
          async () => (await failures()) > before,
        );
      }
      const lines = mutual.logs.filter(
        ({ msg, reason: given }) =>
          msg === "tls handshake failed" && given === reason,
      );
      assert.ok(lines.length >= Object.keys(clients).length);
      for (const { service, level } of lines) {
        assert.deepEqual(
          { service, level },
          { service: "edge", level: "warn" },
        );
      }
      // The others end before Node's alert arrives, or Node gives none.
      const told = said.some((text) => /certificate required/i.test(text));
      assert.equal(told, problem === "missing");
      const good = { address, ca: authority.ca, client };
      const { ok, text } = (await tlsClients.grpcurl?.(good)) ?? {};
      assert.ok(ok, text);
    });
  }

  test("is refused by clients that trust another authority", async () => {
    const { web: address, metrics } = tls.services.edge;
    const distrusting = {
      ...tlsClients,
      Chromium: createChromiumClient(() => browser, { trusts: false }),
    };
    for (const [name, call] of Object.entries(distrusting)) {
      const { ok, text } = await call({ address, ca: strangers.ca });
      assert.ok(!ok, `${name}: ${text}`);
      assert.match(text, /certificate|CERT/, name);
    }
    const reason = "refused_by_client";
    const name = "service_tls_handshake_failures_total";
    assert.ok(sumOf(await readMetrics(metrics), name, { reason }) >= 1);
  });

  test("is refused by clients when its certificate has expired", async (t) => {
    const late = await authority.issueExpired("late-server");
    const { web: address } = await startService(t, "edge", {
      TLS_CERT_FILE: late.cert,
      TLS_KEY_FILE: late.key,
    });
    const distrusting = {
      ...tlsClients,
      Chromium: createChromiumClient(() => browser, { trusts: false }),
    };
    for (const [name, call] of Object.entries(distrusting)) {
      const { ok, text } = await call({ address, ca: authority.ca });
      assert.ok(!ok, `${name}: ${text}`);
      // Chromium looks at the authority first.
      assert.match(text, /certificate has expired|ERR_CERT/, name);
    }
  });
});
