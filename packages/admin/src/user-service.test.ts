import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Role } from "@both-ends/gen/admin/v1/access_pb.js";
import { AuditService } from "@both-ends/gen/admin/v1/audit_service_pb.js";
import { AuthService } from "@both-ends/gen/admin/v1/auth_service_pb.js";
import { TokenService } from "@both-ends/gen/admin/v1/token_service_pb.js";
import { UserService } from "@both-ends/gen/admin/v1/user_service_pb.js";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { Code } from "@connectrpc/connect";
import { codeOf, useAdmin } from "./use-admin.js";

const options = { ...needsDatabase(), timeout: 60_000 };

suite("UserService", { concurrency: 4 }, () => {
  test(
    "adds a user with a password that is made and shown once",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const users = admin.client(
        UserService,
        await admin.sessionOf("operator"),
      );
      const { user, password } = await users.createUser({
        username: "ann",
        role: Role.VIEWER,
      });
      assert.equal(user?.role, Role.VIEWER);
      await admin.client(AuthService).login({ username: "ann", password });
      const given = await users.createUser({
        username: "ben@example.com",
        role: Role.OPERATOR,
        password: "chosen by a person",
      });
      assert.equal(given.password, "");
      assert.equal(
        await codeOf(users.createUser({ username: "ann", role: Role.VIEWER })),
        Code.AlreadyExists,
      );
      assert.equal(
        await codeOf(users.createUser({ username: "A B", role: Role.VIEWER })),
        Code.InvalidArgument,
      );
      const page = await users.listUsers({ pageSize: 2 });
      assert.deepEqual(
        page.users.map(({ username }) => username),
        ["ann", "ben@example.com"],
      );
      assert.ok(page.users[0]?.lastLoginAt);
      const rest = await users.listUsers({ pageToken: page.nextPageToken });
      assert.deepEqual(
        rest.users.map(({ username }) => username),
        ["operator"],
      );
      assert.equal(rest.nextPageToken, "");
      const found = await users.listUsers({ search: "EXAMPLE" });
      assert.equal(found.users.length, 1);
      // A text, no pattern: the dot is one in the name.
      const none = await users.listUsers({ search: "n@.xample" });
      assert.deepEqual(none.users, []);
    },
  );

  test("gives a role that holds from the next call on", options, async (t) => {
    const admin = await useAdmin(t);
    const users = admin.client(UserService, await admin.sessionOf("operator"));
    const ann = admin.client(
      UserService,
      await admin.sessionOf("viewer", "ann"),
    );
    assert.equal(await codeOf(ann.listUsers({})), Code.PermissionDenied);
    await users.changeRole({ username: "ann", role: Role.OPERATOR });
    await ann.listUsers({});
    await users.changeRole({ username: "ann", role: Role.VIEWER });
    assert.equal(await codeOf(ann.listUsers({})), Code.PermissionDenied);
  });

  test(
    "keeps the last operator, also of two that go at once",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const users = admin.client(
        UserService,
        await admin.sessionOf("operator"),
      );
      for (const call of [
        () => users.changeRole({ username: "operator", role: Role.VIEWER }),
        () => users.deleteUser({ username: "operator" }),
      ]) {
        assert.equal(await codeOf(call()), Code.FailedPrecondition);
      }
      for (let round = 0; round < 5; round += 1) {
        const other = admin.client(
          UserService,
          await admin.sessionOf("operator", `ann-${round}`),
        );
        await Promise.allSettled([
          users.changeRole({ username: `ann-${round}`, role: Role.VIEWER }),
          other.changeRole({ username: "operator", role: Role.VIEWER }),
        ]);
        const left = await admin.collections.users.countDocuments({
          role: "operator",
        });
        assert.ok(left >= 1, "nobody is left");
        await admin.collections.users.updateOne(
          { _id: "operator" },
          { $set: { role: "operator" } },
        );
        await admin.collections.users.deleteOne({ _id: `ann-${round}` });
      }
    },
  );

  test(
    "ends the sessions of who gets another password or is removed",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const users = admin.client(
        UserService,
        await admin.sessionOf("operator"),
      );
      const session = await admin.sessionOf("viewer", "ann");
      const token = await admin.tokenOf("viewer", "ann");
      const [page, program] = [session, token].map((credentials) =>
        admin.client(AuthService, credentials),
      );
      assert.ok(page && program);
      const { password } = await users.resetPassword({ username: "ann" });
      assert.equal((await page.getSession({})).session, undefined);
      await program.getSession({});
      await admin.client(AuthService).login({ username: "ann", password });
      const { sessions } = await users.logoutUser({ username: "ann" });
      assert.equal(sessions, 1);
      await users.deleteUser({ username: "ann" });
      assert.equal(await codeOf(program.getSession({})), Code.Unauthenticated);
      assert.equal(await admin.collections.tokens.countDocuments(), 0);
      for (const call of [
        () => users.deleteUser({ username: "ann" }),
        () => users.resetPassword({ username: "ann" }),
        () => users.changeRole({ username: "ann", role: Role.VIEWER }),
        () => users.logoutUser({ username: "ann" }),
      ]) {
        assert.equal(await codeOf(call()), Code.NotFound);
      }
    },
  );
});

suite("TokenService", { concurrency: 4 }, () => {
  test(
    "makes a token whose secret works, is stored nowhere, and can be revoked",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const tokens = admin.client(
        TokenService,
        await admin.sessionOf("operator"),
      );
      const { token, secret } = await tokens.createToken({
        name: "deploy",
        role: Role.VIEWER,
      });
      assert.match(secret, /^both-ends_[\w-]{43}$/);
      const days =
        Number(token?.expiresAt?.seconds) - Number(token?.createdAt?.seconds);
      assert.equal(days, 30 * 24 * 3_600);
      const program = admin.client(AuthService, {
        authorization: `Bearer ${secret}`,
      });
      const { session } = await program.getSession({});
      assert.equal(session?.tokenId, token?.id);
      assert.equal(session?.role, Role.VIEWER);
      const stored = await admin.collections.tokens.find().toArray();
      assert.ok(!JSON.stringify(stored).includes(secret.slice(10)));
      const listed = await tokens.listTokens({});
      assert.ok(listed.tokens[0]?.lastUsedAt);
      await tokens.revokeToken({ id: token?.id ?? "" });
      assert.equal(await codeOf(program.getSession({})), Code.Unauthenticated);
      assert.equal(
        await codeOf(tokens.revokeToken({ id: token?.id ?? "" })),
        Code.NotFound,
      );
    },
  );

  test("lets no token outlive the one it was made with", options, async (t) => {
    const admin = await useAdmin(t);
    const tokens = admin.client(TokenService, await admin.tokenOf("operator"));
    const make = (seconds: number) =>
      tokens.createToken({
        name: "child",
        role: Role.OPERATOR,
        lifetime: { seconds: BigInt(seconds) },
      });
    assert.equal(await codeOf(make(25 * 3_600)), Code.FailedPrecondition);
    await make(3_600);
  });

  test("lists page by page, newest first", options, async (t) => {
    const admin = await useAdmin(t);
    const tokens = admin.client(
      TokenService,
      await admin.sessionOf("operator"),
    );
    for (let index = 0; index < 7; index += 1) {
      await tokens.createToken({ name: `${index}`, role: Role.VIEWER });
    }
    const names: string[] = [];
    let pageToken = "";
    do {
      const page = await tokens.listTokens({ pageSize: 3, pageToken });
      names.push(...page.tokens.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    // Those of one moment come in any order.
    assert.deepEqual(names.toSorted(), ["0", "1", "2", "3", "4", "5", "6"]);
    assert.equal(
      await codeOf(tokens.listTokens({ pageToken: "nonsense" })),
      Code.InvalidArgument,
    );
  });
});

suite("ListAudit", { concurrency: 4 }, () => {
  test(
    "says who did what, with what was there before and after",
    options,
    async (t) => {
      const admin = await useAdmin(t, { requestId: () => "request-1" });
      const session = await admin.sessionOf("operator");
      const users = admin.client(UserService, session);
      await users.createUser({ username: "ann", role: Role.VIEWER });
      await users.changeRole({ username: "ann", role: Role.OPERATOR });
      await users.deleteUser({ username: "ann" });
      await codeOf(users.deleteUser({ username: "ann" }));
      await codeOf(
        users.changeRole({ username: "operator", role: Role.VIEWER }),
      );
      const audit = admin.client(AuditService, session);
      const { entries } = await audit.listAudit({});
      const viewer = '{"username":"ann","role":"viewer"}';
      const operator = '{"username":"ann","role":"operator"}';
      assert.deepEqual(
        entries.map((entry) => [
          entry.method,
          entry.target,
          entry.beforeJson,
          entry.afterJson,
        ]),
        [
          ["UserService/DeleteUser", "user:ann", operator, ""],
          ["UserService/ChangeRole", "user:ann", viewer, operator],
          ["UserService/CreateUser", "user:ann", "", viewer],
        ],
      );
      for (const entry of entries) {
        assert.equal(entry.username, "operator");
        assert.equal(entry.service, "test");
        assert.equal(entry.requestId, "request-1");
      }
      const text = JSON.stringify(
        await admin.collections.audit.find().toArray(),
      );
      assert.doesNotMatch(text, /scrypt|password/);
    },
  );

  test(
    "filters, and gives every entry once, page by page",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const session = await admin.sessionOf("operator");
      const users = admin.client(UserService, session);
      for (let index = 0; index < 5; index += 1) {
        await users.createUser({
          username: `user-${index}`,
          role: Role.VIEWER,
        });
        await users.logoutUser({ username: `user-${index}` });
      }
      const audit = admin.client(AuditService, session);
      const targets: string[] = [];
      let pageToken = "";
      do {
        const page = await audit.listAudit({
          method: "UserService/LogoutUser",
          pageSize: 2,
          pageToken,
        });
        targets.push(...page.entries.map(({ target }) => target));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      assert.equal(new Set(targets).size, 5);
      const one = await audit.listAudit({ target: "user:user-3" });
      assert.equal(one.entries.length, 2);
      const none = await audit.listAudit({ username: "nobody" });
      assert.deepEqual(none.entries, []);
      for (const token of ["x", "WyJhIl0", "WyJhIiwiYiJd"]) {
        assert.equal(
          await codeOf(audit.listAudit({ pageToken: token })),
          Code.InvalidArgument,
        );
      }
    },
  );
});
