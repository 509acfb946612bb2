import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { OpenStreams } from "./open-streams.js";

suite("OpenStreams", () => {
  /** Opens and ends streams at random, and keeps them in a Map, too. */
  function compare(nextId: (id: number) => number, most: number): void {
    const streams = new OpenStreams<{ readonly id: number }>();
    const model = new Map<number, { readonly id: number }>();
    const ids: number[] = [];
    let id = 1;
    for (let step = 0; step < 5_000; step++) {
      if (ids.length < most * Math.random()) {
        const stream = { id };
        streams.add(stream);
        model.set(id, stream);
        ids.push(id);
        id = nextId(id);
      } else {
        const [ended = 0] = ids.splice(ids.length * Math.random(), 1);
        streams.delete(ended);
        streams.delete(ended);
        model.delete(ended);
      }
      assert.equal(streams.size, model.size);
      for (const known of [...ids, id, 0]) {
        assert.equal(streams.get(known), model.get(known));
      }
    }
    const byId = (a: { id: number }, b: { id: number }) => a.id - b.id;
    assert.deepEqual(streams.list().sort(byId), [...model.values()]);
  }

  test("finds each of up to 100 streams, and none that has ended", () => {
    compare((id) => id + 2, 100);
  });

  test("finds streams whose ids all want the same slot", () => {
    compare((id) => id + 2 ** 12, 40);
  });

  test("finds streams whose ids are far apart, up to the last one", () => {
    compare((id) => id + 2 * Math.ceil(2 ** 17 * Math.random()), 60);
  });
});
