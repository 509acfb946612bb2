import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { inspect } from "node:util";
import { LaneHeaders } from "./lane-headers.js";

const fields = {
  ":path": "/a",
  accept: "a, b",
  "x-space": " a ",
  "set-cookie": ["a=1", "b=2"],
};

/** What the same operations give with headers of the platform. */
function both<T>(use: (headers: Headers) => T): [lane: T, real: T] {
  const real = new Headers({ accept: "a, b", "x-space": " a " });
  real.append("set-cookie", "a=1");
  real.append("set-cookie", "b=2");
  return [use(new LaneHeaders(fields)), use(real)];
}

suite("LaneHeaders", () => {
  const uses: [what: string, use: (headers: Headers) => unknown][] = [
    ["a field", (h) => h.get("accept")],
    ["a field by a name in capitals", (h) => h.get("ACCEPT")],
    ["a field with space around", (h) => h.get("x-space")],
    ["a field that is not there", (h) => [h.get("x"), h.has("x")]],
    [
      "a name that all objects have",
      (h) => [h.get("constructor"), h.has("valueOf")],
    ],
    [
      "a field that comes twice",
      (h) => [h.get("set-cookie"), h.getSetCookie()],
    ],
    ["all fields", (h) => [...h]],
    [
      "names and values",
      (h) => [[...h.keys()], [...h.values()], [...h.entries()]],
    ],
    ["a copy", (h) => [...new Headers(h)]],
    [
      "a request made of them",
      (h) => [...new Request("http://a", { headers: h }).headers],
    ],
    ["their kind", (h) => [h instanceof Headers, String(h), inspect(h)]],
    [
      "a change",
      (h) => {
        h.set("X-A", "1");
        h.append("x-a", "2");
        h.append("X-B", "3");
        h.set("accept", "c");
        h.delete("x-space");
        const seen: string[] = [];
        h.forEach((value, name, all) => {
          seen.push(`${name} ${value} ${all === h}`);
        });
        return [h.get("x-a"), h.has("x-space"), seen];
      },
    ],
    [
      "changes of cookies",
      (h) => {
        h.append("set-cookie", "c=3");
        h.set("set-cookie", "d=4");
        h.append("set-cookie", "e=5");
        return h.getSetCookie();
      },
    ],
  ];
  for (const [what, use] of uses) {
    test(`gives the same as Headers for ${what}`, () => {
      const [lane, real] = both(use);
      assert.deepEqual(lane, real);
    });
  }

  const wrong: [what: string, use: (headers: Headers) => unknown][] = [
    ["a name that is none", (h) => h.set("a b", "1")],
    ["a pseudo-header", (h) => h.get(":path")],
    ["a value with a line break", (h) => h.append("a", "1\r\nb: 2")],
    ["a value beyond Latin-1", (h) => h.set("a", "✓")],
  ];
  for (const [what, use] of wrong) {
    test(`refuses ${what}`, () => {
      assert.throws(() => use(new LaneHeaders({})), TypeError);
      assert.throws(() => use(new Headers()), TypeError);
    });
  }

  test("does not change what it was made from", () => {
    const source = { a: "1" };
    const headers = new LaneHeaders(source);
    headers.set("a", "2");
    assert.deepEqual(source, { a: "1" });
    assert.deepEqual(headers.toNode(), { a: "2" });
  });

  test("leaves out what HTTP/2 does not have, and only there", () => {
    const headers = new LaneHeaders({ a: "1" });
    headers.set("Connection", "close");
    assert.deepEqual(headers.toNode(), { a: "1", connection: "close" });
    const written: string[] = [];
    headers.writeTo({ add: (name, value) => written.push(name, value) });
    assert.deepEqual(written, ["a", "1"]);
  });
});
