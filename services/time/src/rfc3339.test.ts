import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { formatRfc3339 } from "./rfc3339.js";

const winter = new Date("2026-01-23T19:27:00.123Z");
const summer = new Date("2026-07-23T19:27:00.123Z");

suite("formatRfc3339()", () => {
  const cases: [zone: string, moment: Date, text: string][] = [
    ["", winter, "2026-01-23T19:27:00.123Z"],
    ["UTC", winter, "2026-01-23T19:27:00.123Z"],
    ["Etc/UTC", winter, "2026-01-23T19:27:00.123Z"],
    ["America/Sao_Paulo", winter, "2026-01-23T16:27:00.123-03:00"],
    ["Europe/Lisbon", winter, "2026-01-23T19:27:00.123Z"],
    ["Europe/Lisbon", summer, "2026-07-23T20:27:00.123+01:00"],
    ["Asia/Kathmandu", winter, "2026-01-24T01:12:00.123+05:45"],
    ["America/New_York", summer, "2026-07-23T15:27:00.123-04:00"],
  ];
  for (const [zone, moment, text] of cases) {
    test(`formats ${text} in ${zone || "no zone"}`, () => {
      assert.equal(formatRfc3339(moment, zone), text);
      assert.equal(Date.parse(text), moment.getTime());
    });
  }

  test("refuses a zone that is not known", () => {
    assert.throws(() => formatRfc3339(winter, "Mars/Base"), RangeError);
  });
});
