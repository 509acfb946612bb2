import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Role } from "@both-ends/gen/admin/v1/access_pb.js";
import { AuthService } from "@both-ends/gen/admin/v1/auth_service_pb.js";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import { Code, ConnectError } from "@connectrpc/connect";
import { hashPassword } from "./password.js";
import {
  type Credentials,
  catchHeaders,
  codeOf,
  type TestAdmin,
  testCost,
  testOrigin,
  useAdmin,
} from "./use-admin.js";

const options = { ...needsDatabase(), timeout: 60_000 };
const ann = { username: "ann", password: "correct horse" };

/** Logs in, and gives the headers that a page would send from then on. */
async function login(
  admin: TestAdmin,
  credentials = ann,
): Promise<Credentials & { cookie: string }> {
  const { options: call, headers } = catchHeaders();
  const client = admin.client(AuthService, { origin: testOrigin });
  await client.login(credentials, call);
  const [cookie = ""] = headers().getSetCookie();
  return { cookie: cookie.split(";")[0] ?? "", origin: testOrigin };
}

suite("GetSession", { concurrency: 4 }, () => {
  test(
    "answers somebody without a session that there is none",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const session = await admin.sessionOf("viewer", "ann");
      const nobody: Credentials[] = [
        { origin: testOrigin },
        { ...session, cookie: `${session.cookie}x` },
      ];
      for (const credentials of nobody) {
        const client = admin.client(AuthService, credentials);
        const {
          session: none,
          service,
          consoles,
        } = await client.getSession({});
        assert.deepEqual([none, service, consoles], [undefined, "", []]);
      }
      const { session: hers, service } = await admin
        .client(AuthService, session)
        .getSession({});
      assert.deepEqual([hers?.username, service], ["ann", "test"]);
    },
  );

  test("refuses a token that is not valid", options, async (t) => {
    const admin = await useAdmin(t);
    const session = await admin.sessionOf("viewer", "ann");
    const { authorization } = await admin.tokenOf("viewer", "ben");
    const program = admin.client(AuthService, {
      ...session,
      authorization: `${authorization}x`,
    });
    assert.equal(await codeOf(program.getSession({})), Code.Unauthenticated);
  });

  test("answers unavailable while the database is away", options, async (t) => {
    const admin = await useAdmin(t);
    const session = await admin.sessionOf("viewer", "ann");
    await admin.database.kill();
    const page = admin.client(AuthService, session);
    assert.equal(await codeOf(page.getSession({})), Code.Unavailable);
  });
});

suite("Login", { concurrency: 4 }, () => {
  test(
    "begins a session whose cookie no script and no other site gets",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      await admin.sessionOf("operator", "ann");
      const { options: call, headers } = catchHeaders();
      const { session } = await admin
        .client(AuthService)
        .login({ ...ann, username: "Ann" }, call);
      assert.equal(session?.username, "ann");
      assert.equal(session.role, Role.OPERATOR);
      const [cookie = "", ...others] = headers().getSetCookie();
      assert.deepEqual(others, []);
      assert.match(
        cookie,
        /^__Host-session=[\w-]{43}; Path=\/; Expires=.*; HttpOnly; Secure; SameSite=Strict$/,
      );
      assert.equal(headers().get("cache-control"), "no-store");
      const secret = cookie.slice("__Host-session=".length).split(";")[0];
      const stored = await admin.collections.sessions.find().toArray();
      assert.ok(stored.every(({ _id }) => _id !== secret));
      const mine = admin.client(AuthService, await login(admin));
      assert.equal((await mine.getSession({})).session?.username, "ann");
    },
  );

  test(
    "refuses a wrong password and an unknown name alike, and not for ever",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      await admin.sessionOf("viewer", "ann");
      const client = admin.client(AuthService);
      const messages = new Set<string>();
      for (const username of ["ann", "nobody"]) {
        try {
          await client.login({ username, password: "wrong" });
          assert.fail("was let in");
        } catch (error) {
          const { code, rawMessage } = ConnectError.from(error);
          assert.equal(code, Code.Unauthenticated);
          messages.add(rawMessage);
        }
      }
      assert.equal(messages.size, 1);
      for (let tries = 0; tries < 4; tries += 1) {
        await codeOf(client.login({ ...ann, password: "wrong" }));
      }
      try {
        await client.login(ann);
        assert.fail("was not limited");
      } catch (error) {
        const { code, metadata } = ConnectError.from(error);
        assert.equal(code, Code.ResourceExhausted);
        assert.ok(Number(metadata.get("retry-after")) > 30);
      }
    },
  );

  test("replaces a hash of another cost", options, async (t) => {
    const admin = await useAdmin(t);
    await admin.sessionOf("viewer", "ann");
    const { users } = admin.collections;
    const old = await hashPassword(ann.password, { ...testCost, ln: 5 });
    await users.updateOne({ _id: "ann" }, { $set: { password: old } });
    await login(admin);
    const stored = (await users.findOne({ _id: "ann" }))?.password ?? "";
    assert.match(stored, /^\$scrypt\$ln=4,/);
    await login(admin);
  });

  test("answers unavailable while the database is away", options, async (t) => {
    const admin = await useAdmin(t);
    const session = await admin.sessionOf("viewer", "ann");
    await admin.database.kill();
    const page = admin.client(JobService, session);
    assert.equal(await codeOf(page.listJobs({})), Code.Unavailable);
    const client = admin.client(AuthService);
    assert.equal(await codeOf(client.login(ann)), Code.Unavailable);
  });
});

suite("Logout", { concurrency: 4 }, () => {
  test("ends the session and its cookie", options, async (t) => {
    const admin = await useAdmin(t);
    await admin.sessionOf("viewer", "ann");
    const [one, other] = [await login(admin), await login(admin)];
    const { options: call, headers } = catchHeaders();
    await admin.client(AuthService, one).logout({}, call);
    assert.match(
      headers().getSetCookie().join(),
      /^__Host-session=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    const asked = admin.client(JobService, one).listJobs({});
    assert.equal(await codeOf(asked), Code.Unauthenticated);
    await admin.client(JobService, other).listJobs({});
  });

  test(
    "everywhere ends all sessions of the person, and open streams",
    options,
    async (t) => {
      const admin = await useAdmin(t, { streamCheckMs: 50 });
      await admin.sessionOf("viewer", "ann");
      const ben = await admin.sessionOf("viewer", "ben");
      const [one, other] = [await login(admin), await login(admin)];
      const jobs = admin.client(JobService, other).watchJobs({});
      const stream = jobs[Symbol.asyncIterator]();
      await stream.next();
      const { sessions } = await admin
        .client(AuthService, one)
        .logoutEverywhere({});
      assert.equal(sessions, 3);
      assert.equal(await codeOf(stream.next()), Code.Unauthenticated);
      await admin.client(JobService, ben).listJobs({});
    },
  );

  test("is refused to a token, which has no session", options, async (t) => {
    const admin = await useAdmin(t);
    const client = admin.client(AuthService, await admin.tokenOf("viewer"));
    assert.equal(await codeOf(client.logout({})), Code.FailedPrecondition);
  });
});

suite("ChangePassword", options, () => {
  test("ends the other sessions, and wants the current password", async (t) => {
    const admin = await useAdmin(t);
    await admin.sessionOf("viewer", "ann");
    const [one, other] = [await login(admin), await login(admin)];
    const client = admin.client(AuthService, one);
    const newPassword = "battery staple";
    assert.equal(
      await codeOf(
        client.changePassword({ currentPassword: "wrong", newPassword }),
      ),
      Code.PermissionDenied,
    );
    assert.equal(
      await codeOf(
        client.changePassword({
          currentPassword: ann.password,
          newPassword: "short",
        }),
      ),
      Code.InvalidArgument,
    );
    await client.changePassword({ currentPassword: ann.password, newPassword });
    await admin.client(JobService, one).listJobs({});
    const left = admin.client(JobService, other).listJobs({});
    assert.equal(await codeOf(left), Code.Unauthenticated);
    assert.equal(await codeOf(login(admin)), Code.Unauthenticated);
    await login(admin, { ...ann, password: newPassword });
  });
});

suite("the first user", { concurrency: 4 }, () => {
  test(
    "is made once, with a password that is shown once and works",
    options,
    async (t) => {
      const shown: string[][] = [];
      const firstUser = {
        show: (...words: string[]) => shown.push(words),
      };
      const admin = await useAdmin(t, { firstUser });
      admin.start();
      admin.start();
      await waitFor("the first user", () => shown.length > 0);
      const [[username = "", password = ""] = [], ...others] = shown;
      assert.deepEqual(others, []);
      assert.equal(username, "admin");
      const session = await login(admin, { username, password });
      const client = admin.client(AuthService, session);
      assert.equal((await client.getSession({})).session?.role, Role.OPERATOR);
      const text = JSON.stringify(
        await admin.collections.users.find().toArray(),
      );
      assert.ok(!text.includes(password));
    },
  );

  test(
    "has the password that was given, and none is shown",
    options,
    async (t) => {
      const firstUser = {
        password: "given by the environment",
        show: () => assert.fail("was shown"),
      };
      const admin = await useAdmin(t, { firstUser });
      admin.start();
      await waitFor("the first user", async () => {
        return (await admin.collections.users.countDocuments()) > 0;
      });
      await login(admin, { username: "admin", password: firstUser.password });
    },
  );

  test("is not made where there is an operator", options, async (t) => {
    const firstUser = { show: () => assert.fail("was shown") };
    const admin = await useAdmin(t, { firstUser });
    await admin.sessionOf("operator", "ann");
    admin.start();
    await admin.database.kill();
    await admin.database.restart();
    await login(admin);
    assert.equal(await admin.collections.users.countDocuments(), 1);
  });

  test("waits for a database that is away", options, async (t) => {
    const shown: string[] = [];
    const firstUser = { show: (name: string) => shown.push(name) };
    const admin = await useAdmin(t, { firstUser });
    await admin.database.kill();
    admin.start();
    await admin.database.restart();
    await waitFor("the first user", () => shown.length > 0, {
      timeoutMs: 30_000,
    });
  });
});
