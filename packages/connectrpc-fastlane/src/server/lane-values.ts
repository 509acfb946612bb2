import type { ContextKey, ContextValues } from "@connectrpc/connect";

/**
 * Context values as connect-es makes them. It makes three functions for each
 * call; here they are those of a prototype.
 */
export class LaneValues implements ContextValues {
  readonly [key: symbol]: unknown;

  get<T>(key: ContextKey<T>): T {
    // What is kept for a key was set for that key.
    return key.id in this ? (this[key.id] as T) : key.defaultValue;
  }

  set<T>(key: ContextKey<T>, value: T): this {
    Reflect.set(this, key.id, value);
    return this;
  }

  delete(key: ContextKey<unknown>): this {
    Reflect.deleteProperty(this, key.id);
    return this;
  }
}
