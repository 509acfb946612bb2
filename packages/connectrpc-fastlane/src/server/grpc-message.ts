/**
 * Encodes the message of a status as gRPC asks for: all but printable ASCII,
 * and the percent sign
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses).
 * connect-es encodes all that is not a letter or a digit, and @grpc/grpc-js
 * decodes with `decodeURI`, which leaves `%3A`, `%2C` and their like as they
 * are.
 *
 * Throws a URIError for half a surrogate pair.
 */
export function encodeGrpcMessage(message: string): string {
  return message.replace(/[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent);
}
