import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { checkPassword, hashPassword, passwordCost } from "./password.js";
import { createPasswordChecker } from "./password-checker.js";
import { createPassword } from "./secret.js";

const cheap = { ln: 4, r: 8, p: 1 };

suite("hashPassword()", () => {
  test("stores the cost with the hash, and another salt each time", async () => {
    const one = await hashPassword("correct horse");
    assert.match(one, /^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/);
    assert.notEqual(one, await hashPassword("correct horse"));
  });
});

suite("checkPassword()", () => {
  test("knows the right password, composed either way", async () => {
    const stored = await hashPassword("café au lait", cheap);
    const composed = await checkPassword("café au lait", stored, cheap);
    assert.deepEqual(composed, { right: true, outdated: false });
    const apart = "cafe\u0301 au lait";
    assert.equal((await checkPassword(apart, stored, cheap)).right, true);
  });

  test("refuses another password, and a hash that was cut", async () => {
    const stored = await hashPassword("correct horse", cheap);
    assert.equal((await checkPassword("Correct horse", stored)).right, false);
    const cut = stored.slice(0, -8);
    assert.equal((await checkPassword("correct horse", cut)).right, false);
    await assert.rejects(checkPassword("correct horse", "plain"));
  });

  test("says when a hash was made at another cost", async () => {
    const stored = await hashPassword("correct horse", cheap);
    assert.deepEqual(
      await checkPassword("correct horse", stored, passwordCost),
      { right: true, outdated: true },
    );
  });
});

suite("createPasswordChecker()", () => {
  test("checks a few at a time, and turns the rest away", async () => {
    const checker = createPasswordChecker({
      cost: cheap,
      maxAtOnce: 1,
      maxWaiting: 2,
    });
    const tries = await Promise.allSettled(
      Array.from({ length: 5 }, () => checker.hash("correct horse")),
    );
    const refused = tries.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 2);
    for (const one of refused) {
      const reason = one.status === "rejected" ? one.reason : undefined;
      assert.equal(ConnectError.from(reason).code, Code.ResourceExhausted);
    }
    assert.match(await checker.hash("again"), /^\$scrypt/);
  });

  test("takes as long for a user who is not there", async () => {
    const checker = createPasswordChecker();
    const stored = await checker.hash("correct horse");
    const times: number[] = [];
    for (const hash of [stored, undefined]) {
      const begun = performance.now();
      assert.equal((await checker.check("wrong", hash)).right, false);
      times.push(performance.now() - begun);
    }
    const [known = 0, unknown = 0] = times;
    // The machine may be busy; without a hash it would be a thousandth.
    assert.ok(unknown > known / 10, `${unknown} ms against ${known} ms`);
  });
});

suite("createPassword()", () => {
  test("is long, and has no letters that look alike", () => {
    const password = createPassword();
    assert.match(password, /^([a-km-np-z2-9]{6}-){3}[a-km-np-z2-9]{6}$/);
    assert.notEqual(password, createPassword());
  });
});
