import type { OutgoingHttpHeaders } from "node:http";
import { inspect } from "node:util";
import {
  fieldsOf,
  headersOf,
  isOfConnection,
  type NodeHeaders,
} from "./node-headers.js";

/** A name as it is looked up here: lower-case, and nothing `Headers` refuses. */
const plainName = /^[a-z0-9-]+$/;
const upperCase = /[A-Z]/;
/** A value that `Headers` keeps as it is: printable, no space around it. */
const plainValue = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

type Callback = Parameters<Headers["forEach"]>[0];

/**
 * `Headers` that are made only when somebody needs more than to get or set a
 * plain field. Until then the fields stay in the object that Node gave, or
 * that Node will get. They are an instance of `Headers`, and whatever takes
 * `Headers` takes them as an iterable.
 */
export class LaneHeaders implements Headers {
  #fields: NodeHeaders;
  #owned = false;
  #made: Headers | undefined;

  static {
    Object.setPrototypeOf(LaneHeaders.prototype, Headers.prototype);
  }

  /** The object is not changed: the first change is made to a copy. */
  constructor(fields: NodeHeaders) {
    this.#fields = fields;
  }

  /**
   * The fields of a response as an object for Node, which must not be changed.
   */
  toNode(): OutgoingHttpHeaders {
    // What the lane began with is for any version; Node does not change it.
    return this.untouched
      ? (this.#fields as OutgoingHttpHeaders)
      : fieldsOf(this.#made ?? this.#fields);
  }

  /** The object that it was made from, unless it was touched. */
  get fields(): NodeHeaders {
    return this.#fields;
  }

  /** Writes all fields, but those of a connection, which HTTP/2 does not have. */
  writeTo(block: { add(name: string, value: string): unknown }): void {
    if (this.#made !== undefined) {
      this.#made.forEach((value, name) => {
        if (!isOfConnection(name)) {
          block.add(name, value);
        }
      });
      return;
    }
    for (const name in this.#fields) {
      const value = this.#fields[name];
      if (value !== undefined && !isOfConnection(name)) {
        block.add(name, String(value));
      }
    }
  }

  /**
   * Calls back with each field, in no certain order; those of the object must
   * be strings.
   */
  forEachPlain(callback: (value: string, name: string) => void): void {
    if (this.#made !== undefined) {
      this.#made.forEach(callback);
      return;
    }
    const fields = this.#fields;
    for (const name in fields) {
      const value = fields[name];
      if (typeof value === "string") {
        callback(value, name);
      }
    }
  }

  /** Whether there is nothing in it but the object that it was made from. */
  get untouched(): boolean {
    return this.#made === undefined && !this.#owned;
  }

  get(name: string): string | null {
    const key = this.#keyOf(name);
    if (key !== undefined) {
      const value = this.#fields[key];
      if (value === undefined) {
        return null;
      }
      if (typeof value === "string" && plainValue.test(value)) {
        return value;
      }
    }
    return this.#headers.get(name);
  }

  has(name: string): boolean {
    const key = this.#keyOf(name);
    return key === undefined
      ? this.#headers.has(name)
      : this.#fields[key] !== undefined;
  }

  set(name: string, value: string): void {
    const key = this.#keyOf(name);
    if (key !== undefined && key !== "set-cookie" && isPlain(value)) {
      this.#own()[key] = value;
    } else {
      this.#headers.set(name, value);
    }
  }

  append(name: string, value: string): void {
    const key = this.#keyOf(name);
    if (key !== undefined && isPlain(value) && !this.has(key)) {
      this.#own()[key] = value;
    } else {
      this.#headers.append(name, value);
    }
  }

  delete(name: string): void {
    this.#headers.delete(name);
  }

  getSetCookie(): string[] {
    return this.#headers.getSetCookie();
  }

  forEach(callback: Callback, thisArg?: unknown): void {
    this.#headers.forEach((value, name) => {
      callback.call(thisArg, value, name, this);
    });
  }

  keys(): ReturnType<Headers["keys"]> {
    return this.#headers.keys();
  }

  values(): ReturnType<Headers["values"]> {
    return this.#headers.values();
  }

  entries(): ReturnType<Headers["entries"]> {
    return this.#headers.entries();
  }

  [Symbol.iterator](): ReturnType<Headers["entries"]> {
    return this.#headers[Symbol.iterator]();
  }

  [inspect.custom](): Headers {
    return this.#headers;
  }

  /** The name as a key of the fields; undefined where real headers must see it. */
  #keyOf(name: unknown): string | undefined {
    if (this.#made !== undefined || typeof name !== "string") {
      return undefined;
    }
    const key = upperCase.test(name) ? name.toLowerCase() : name;
    // Node's object for HTTP/1.1 has the prototype of all objects.
    return plainName.test(key) && !(key in Object.prototype) ? key : undefined;
  }

  #own(): Record<string, NodeHeaders[string]> {
    if (!this.#owned) {
      this.#owned = true;
      this.#fields = { ...this.#fields };
    }
    // The copy is nobody else's.
    return this.#fields as Record<string, NodeHeaders[string]>;
  }

  get #headers(): Headers {
    this.#made ??= headersOf(this.#fields);
    return this.#made;
  }
}

function isPlain(value: unknown): value is string {
  return typeof value === "string" && plainValue.test(value);
}
