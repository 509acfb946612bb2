import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createLoginLimits } from "./login-limits.js";

function useLimits() {
  let ms = 0;
  const limits = createLoginLimits({ now: () => ms, maxRemembered: 100 });
  const tryOften = (count: number, username: string, address: string) =>
    Array.from({ length: count }, () => limits.take(username, address));
  return {
    limits,
    tryOften,
    pass: (by: number) => {
      ms += by;
    },
  };
}

suite("createLoginLimits()", () => {
  test("allows five tries of an account from an address, then one a minute", () => {
    const { tryOften, pass } = useLimits();
    assert.deepEqual(tryOften(7, "ann", "192.0.2.1"), [
      ...Array(5).fill(undefined),
      60,
      60,
    ]);
    pass(30_000);
    assert.deepEqual(tryOften(1, "ann", "192.0.2.1"), [30]);
    pass(30_000);
    assert.deepEqual(tryOften(2, "ann", "192.0.2.1"), [undefined, 60]);
  });

  test("lets nobody be locked out by a stranger", () => {
    const { tryOften } = useLimits();
    tryOften(100, "ann", "192.0.2.1");
    assert.deepEqual(tryOften(1, "ann", "192.0.2.2"), [undefined]);
  });

  test("bounds the accounts that one address tries", () => {
    const { limits } = useLimits();
    const tries = Array.from({ length: 40 }, (_, index) =>
      limits.take(`user-${index}`, "192.0.2.1"),
    );
    assert.equal(tries.filter((wait) => wait === undefined).length, 30);
  });

  test("counts a right password for nothing", () => {
    const { limits } = useLimits();
    for (let login = 0; login < 100; login += 1) {
      assert.equal(limits.take("ann", "192.0.2.1"), undefined);
      limits.refund("ann", "192.0.2.1");
    }
  });

  test("takes addresses of one IPv6 network, and of one IPv4 host, together", () => {
    const { tryOften } = useLimits();
    tryOften(5, "ann", "2001:db8::1");
    assert.deepEqual(tryOften(1, "ann", "2001:db8:0:0:ffff::2"), [60]);
    assert.deepEqual(tryOften(1, "ann", "2001:db8:0:1::2"), [undefined]);
    tryOften(5, "ann", "::ffff:192.0.2.1");
    assert.deepEqual(tryOften(1, "ann", "192.0.2.1"), [60]);
  });

  test("remembers a bounded number, those used last", () => {
    const { limits, tryOften } = useLimits();
    tryOften(5, "ann", "192.0.2.1");
    for (let index = 0; index < 99; index += 1) {
      limits.take("ben", `198.51.100.${index}`);
    }
    assert.equal(limits.take("ann", "192.0.2.1"), 60);
    for (let index = 0; index < 100; index += 1) {
      limits.take("ben", `203.0.113.${index}`);
    }
    assert.equal(limits.take("ann", "192.0.2.1"), undefined);
  });
});
