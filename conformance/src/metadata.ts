import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  Header,
  HeaderSchema,
} from "./gen/connectrpc/conformance/v1/service_pb.js";

/** Appends the headers of a message of the conformance suite. */
export function appendHeaders(target: Headers, headers: Header[] = []): void {
  for (const { name, value } of headers) {
    for (const item of value) {
      target.append(name, item);
    }
  }
}

/** The same fields as messages of the conformance suite. */
export function toHeaderMessages(
  fields: Iterable<[string, string]>,
): MessageInitShape<typeof HeaderSchema>[] {
  return Array.from(fields, ([name, value]) => ({ name, value: [value] }));
}
