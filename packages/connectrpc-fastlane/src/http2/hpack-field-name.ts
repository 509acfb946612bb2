import { staticFields, staticLength } from "./hpack-static-table.js";

/** How the values of a name are encoded. */
export type Indexing = "indexed" | "literal" | "secret" | "secret if short";

// What is different in each call would only push out what is not.
const perCallNames: readonly string[] = [
  "age",
  "connect-timeout-ms",
  "content-length",
  "content-range",
  "date",
  "etag",
  "grpc-message",
  "grpc-status-details-bin",
  "grpc-timeout",
  "if-modified-since",
  "if-none-match",
  "last-modified",
  "location",
  "traceparent",
  "tracestate",
  "x-request-id",
];

// A table shared with what an attacker can send lets secrets be guessed, see
// RFC 7541, section 7.1. Long ones are too hard to guess to matter.
const indexings: ReadonlyMap<string, Indexing> = new Map([
  ...perCallNames.map((name): [string, Indexing] => [name, "literal"]),
  ["authorization", "secret"],
  ["proxy-authorization", "secret"],
  ["cookie", "secret if short"],
  ["set-cookie", "secret if short"],
]);

// Short values of these can be guessed from the sizes of blocks.
const shortSecretBytes = 20;

/**
 * What an encoder knows of a field name: what is the same on all connections,
 * and where in its dynamic table the name and its values are. Dynamic fields
 * are told by their number, counted from 1 since the connection began.
 */
export class FieldName {
  readonly name: string;
  readonly indexing: Indexing;
  /** The index of the name in the static table, or 0. */
  readonly staticIndex: number;
  /**
   * The numbers of the fields with this name by value; for those of the
   * static table, the index with a minus sign.
   */
  readonly numbers = new Map<string, number>();
  /** The value that was encoded last, and its number, or 0. */
  value = "";
  number = 0;
  /** The number of the newest field with this name, or 0. */
  newest = 0;
  /** How many values were added since the block `since`. */
  added = 0;
  since = 0;
  /** Up to this block no values are added. */
  pausedUntil = 0;

  constructor(name: string, indexing?: Indexing) {
    this.name = name;
    this.indexing = indexing ?? indexings.get(name) ?? "indexed";
    let staticIndex = 0;
    for (let index = staticLength; index > 0; index--) {
      if (staticFields[index * 2] === name) {
        staticIndex = index;
        const value = staticFields[index * 2 + 1] ?? "";
        if (value !== "") {
          this.numbers.set(value, -index);
        }
      }
    }
    this.staticIndex = staticIndex;
  }
}

/** Whether a field must not be put into any table, here or by who passes it on. */
export function isSecret({ indexing }: FieldName, value: string): boolean {
  return (
    indexing === "secret" ||
    (indexing === "secret if short" && value.length < shortSecretBytes)
  );
}
