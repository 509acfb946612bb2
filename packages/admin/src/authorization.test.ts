import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { Code } from "@connectrpc/connect";
import { accessTo } from "./access-table.js";
import { findAdminMethods } from "./admin-methods.js";
import { changes } from "./authorization-interceptor.js";
import { type Credentials, callEmpty, useAdmin } from "./use-admin.js";

const dayMs = 24 * 3_600_000;
const options = { ...needsDatabase(), timeout: 60_000 };
const heartbeats = {
  forget: async () => "unknown" as const,
  listBeatTimes: async () => [],
};
const all = await findAdminMethods();
const guarded = all.filter((method) => accessTo(method) !== "anyone");

/** The codes of all methods, called with these credentials. */
async function callAll(
  admin: Awaited<ReturnType<typeof useAdmin>>,
  methods: typeof all,
  credentials: Credentials,
): Promise<string[]> {
  const codes: string[] = [];
  for (const method of methods) {
    const code = await callEmpty(admin.transport, method, credentials);
    codes.push(`${method.name} ${code === undefined ? "ok" : Code[code]}`);
  }
  return codes;
}

const everyOne = (methods: typeof all, code: keyof typeof Code): string[] =>
  methods.map(({ name }) => `${name} ${code}`);

suite("every method of admin.v1", { concurrency: 4 }, () => {
  test("has an entry in the table of access", () => {
    assert.ok(all.length > 30, `found ${all.length} methods`);
    assert.deepEqual(
      all.filter((method) => accessTo(method) === undefined),
      [],
    );
  });

  test("asks for the role operator where it changes more than one's own", () => {
    const own = /^(Login|Logout|LogoutEverywhere|ChangePassword)$/;
    const open = all.filter(
      (method) =>
        changes(method) &&
        accessTo(method) !== "operator" &&
        !own.test(method.name),
    );
    assert.deepEqual(open, []);
  });

  test("is refused to who is nobody", options, async (t) => {
    const admin = await useAdmin(t, { heartbeats });
    const nobody: Credentials[] = [
      {},
      { cookie: "__Host-session=" },
      {
        cookie: "__Host-session=abc; session=abc",
        origin: "https://in-memory",
      },
      { authorization: "Bearer abcdefghijklmnopqrstuvwxyz" },
      { authorization: "Basic YWRtaW46YWRtaW4=" },
    ];
    for (const credentials of nobody) {
      const sent = { origin: "https://in-memory", ...credentials };
      assert.deepEqual(
        await callAll(admin, guarded, sent),
        everyOne(guarded, "Unauthenticated"),
      );
    }
  });

  test("is refused to a tampered cookie or token", options, async (t) => {
    const admin = await useAdmin(t, { heartbeats });
    const session = await admin.sessionOf("operator");
    const token = await admin.tokenOf("operator");
    const tampered: Credentials[] = [
      { ...session, cookie: `${session.cookie}x` },
      { ...session, cookie: `${session.cookie?.slice(0, -1)}` },
      // Over TLS the plain name does not count.
      { ...session, cookie: `${session.cookie?.replace("__Host-", "")}` },
      // What the database holds is no way in.
      {
        ...session,
        cookie: `__Host-session=${(await admin.collections.sessions.findOne())?._id}`,
      },
      { authorization: `${token.authorization}x` },
      {
        authorization: `Bearer ${(await admin.collections.tokens.findOne())?._id}`,
      },
      // A cookie does not mend a bad token.
      { ...session, authorization: `${token.authorization}x` },
    ];
    for (const credentials of tampered) {
      assert.deepEqual(
        await callAll(admin, guarded, credentials),
        everyOne(guarded, "Unauthenticated"),
      );
    }
  });

  test("is refused to a session or token that is over", options, async (t) => {
    const admin = await useAdmin(t, { heartbeats });
    const { collections, clock } = admin;
    const refused = async (credentials: Credentials) =>
      assert.deepEqual(
        await callAll(admin, guarded, credentials),
        everyOne(guarded, "Unauthenticated"),
      );
    const idle = await admin.sessionOf("operator", "idle");
    clock.advance(dayMs / 2);
    await refused(idle);
    const old = await admin.sessionOf("operator", "old");
    for (let hours = 0; hours < 7 * 24; hours += 8) {
      clock.advance(dayMs / 3);
      await callEmpty(admin.transport, first("GetSession"), old);
    }
    await refused(old);
    const expired = await admin.tokenOf("operator", "expired");
    clock.advance(dayMs);
    await refused(expired);
    const orphan = await admin.tokenOf("operator", "orphan");
    const left = await admin.sessionOf("operator", "left");
    await collections.users.deleteMany({});
    await refused(orphan);
    await refused(left);
  });

  test("is refused to a viewer if it needs an operator", options, async (t) => {
    const admin = await useAdmin(t, { heartbeats });
    const operators = all.filter((m) => accessTo(m) === "operator");
    for (const credentials of [
      await admin.sessionOf("viewer"),
      await admin.tokenOf("viewer"),
    ]) {
      assert.deepEqual(
        await callAll(admin, operators, credentials),
        everyOne(operators, "PermissionDenied"),
      );
    }
    // A token has no more than its owner.
    await admin.tokenOf("operator", "fallen");
    await admin.collections.users.updateOne(
      { _id: "fallen" },
      { $set: { role: "viewer" } },
    );
    const fallen = { authorization: "Bearer secret-of-a-token-of-fallen" };
    assert.deepEqual(
      await callAll(admin, operators, fallen),
      everyOne(operators, "PermissionDenied"),
    );
  });

  test("is refused to pages of other origins", options, async (t) => {
    const admin = await useAdmin(t, { heartbeats });
    const session = await admin.sessionOf("operator");
    const token = await admin.tokenOf("operator");
    const origins = [
      "https://evil.example",
      "https://in-memory:8443",
      "http://in-memory",
      "https://in-memory.evil.example",
      "null",
      "",
    ];
    for (const origin of origins) {
      for (const credentials of [session, token, {}]) {
        assert.deepEqual(
          await callAll(admin, all, { ...credentials, origin }),
          everyOne(all, "PermissionDenied"),
          origin,
        );
      }
    }
  });

  test(
    "is refused to a cookie that does not say where it comes from",
    options,
    async (t) => {
      const admin = await useAdmin(t, { heartbeats });
      const { cookie = "" } = await admin.sessionOf("operator");
      const changing = all.filter(changes);
      assert.deepEqual(
        await callAll(admin, changing, { cookie }),
        everyOne(changing, "PermissionDenied"),
      );
      assert.deepEqual(
        await callAll(admin, all, { cookie, "sec-fetch-site": "same-site" }),
        everyOne(all, "PermissionDenied"),
      );
    },
  );

  test("lets an operator in, by session and by token", options, async (t) => {
    const admin = await useAdmin(t, { heartbeats, metrics: fastMetrics });
    const refusals = /Unauthenticated|PermissionDenied|Unimplemented|Internal/;
    const lasting = all.filter(({ name }) => !/^Logout/.test(name));
    for (const credentials of [
      await admin.sessionOf("operator"),
      await admin.tokenOf("operator"),
    ]) {
      const codes = await callAll(admin, lasting, credentials);
      assert.deepEqual(
        codes.filter((code) => refusals.test(code)),
        [],
      );
    }
  });
});

const fastMetrics = { intervalMs: 50, idleIntervalMs: 50 };

function first(name: string) {
  const method = all.find((found) => found.name === name);
  assert.ok(method, `no method ${name}`);
  return method;
}
