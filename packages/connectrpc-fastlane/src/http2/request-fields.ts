import { oddValue, plainName } from "./field-syntax.js";

/** The fields of a request by name, as Node has them. */
export type RequestFields = Record<string, string>;

/** An object without a prototype, of a class so that V8 keeps it quick. */
const Fields = function Fields() {} as unknown as new () => RequestFields;
Fields.prototype = Object.create(null);

/** What there is to know of a name. */
type NameKind = "plain" | "pseudo" | "te" | "odd";

/** Names of requests, of which there are few, though clients choose them. */
const kinds = new Map<string, NameKind>();
const maxKinds = 512;

const pseudo = new Set([":method", ":scheme", ":path", ":authority"]);
/** Fields of a connection, which HTTP/2 does not have (RFC 9113, 8.2.2), and such as Node joins in ways of its own. */
const odd = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "set-cookie",
  "host",
]);
/**
 * The fields of a request, each with one value, by name. Undefined where
 * anything is out of the ordinary: a name or value that must not be, a field
 * that comes twice, a pseudo-header that is missing or comes late.
 */
export function readRequestFields(
  list: readonly string[],
): RequestFields | undefined {
  const fields = new Fields();
  let regular = false;
  let pseudos = 0;
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] ?? "";
    const value = list[i + 1] ?? "";
    const kind = kinds.get(name) ?? learn(name);
    if (kind === "plain") {
      regular = true;
    } else if (kind === "pseudo" && !regular && value !== "") {
      pseudos += 1;
    } else if (kind === "te" && value === "trailers") {
      regular = true;
    } else {
      return undefined;
    }
    if (fields[name] !== undefined || oddValue.test(value)) {
      return undefined;
    }
    fields[name] = value;
  }
  // All four, none of them twice.
  return pseudos === pseudo.size && fields[":path"]?.startsWith("/")
    ? fields
    : undefined;
}

function learn(name: string): NameKind {
  let kind: NameKind = "plain";
  if (name === "te") {
    kind = "te";
  } else if (pseudo.has(name)) {
    kind = "pseudo";
  } else if (odd.has(name) || !plainName.test(name)) {
    kind = "odd";
  }
  if (kinds.size >= maxKinds) {
    kinds.clear();
  }
  kinds.set(name, kind);
  return kind;
}
