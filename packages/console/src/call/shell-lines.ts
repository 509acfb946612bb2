import type { DescMethod } from "@bufbuild/protobuf";
import { nameOf } from "./find-methods.js";

/** Commands that make the same call from a shell. */
export interface ShellLines {
  readonly grpcurl: string;
  readonly bufCurl: string;
}

/**
 * Makes the lines for grpcurl and buf curl, which find the schema by
 * reflection.
 *
 * @param origin Where the service is, such as `http://localhost:8010`.
 * @param json The request.
 */
export function shellLines(
  method: DescMethod,
  origin: string,
  json: string,
): ShellLines {
  const { protocol, host } = new URL(origin);
  const isPlain = protocol === "http:";
  const data = quote(json);
  const needsToken = method.parent.typeName.startsWith("admin.");
  const token = needsToken ? ' -H "authorization: Bearer $TOKEN"' : "";
  const path = nameOf(method);
  return {
    grpcurl: `grpcurl${isPlain ? " -plaintext" : ""}${token} -d ${data} ${host} ${path}`,
    bufCurl: `npx buf curl --protocol grpc${isPlain ? " --http2-prior-knowledge" : ""}${token} -d ${data} ${protocol}//${host}/${path}`,
  };
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
