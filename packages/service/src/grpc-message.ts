import type { ConnectRouter } from "@connectrpc/connect";
import { encodeGrpcMessage } from "connectrpc-fastlane";

/**
 * Makes the messages of gRPC errors readable to every client. connect-es
 * encodes all of a message that is not a letter or a digit, and @grpc/grpc-js
 * decodes with `decodeURI`, which leaves `%3A`, `%2C` and their like as they
 * are. To be called when all routes are there.
 */
export function encodeGrpcMessages(router: ConnectRouter): void {
  router.handlers.forEach((handler, index) => {
    const wrapped: typeof handler = Object.assign(
      async (request: Parameters<typeof handler>[0]) => {
        const response = await handler(request);
        // Only gRPC has trailers of HTTP. They are set at the end of the body.
        if (response.trailer !== undefined) {
          encodeWhenSet(response.trailer);
        }
        return response;
      },
      {
        protocolNames: handler.protocolNames,
        service: handler.service,
        method: handler.method,
        requestPath: handler.requestPath,
        allowedMethods: handler.allowedMethods,
        supportedContentType: handler.supportedContentType,
      },
    );
    router.handlers[index] = wrapped;
  });
}

function encodeWhenSet(trailer: Headers): void {
  const set = trailer.set.bind(trailer);
  const encode = (name: string, value: string) =>
    set(
      name,
      name === "grpc-message"
        ? encodeGrpcMessage(decodeURIComponent(value))
        : value,
    );
  Object.defineProperty(trailer, "set", { value: encode });
  const message = trailer.get("grpc-message");
  if (message !== null) {
    trailer.set("grpc-message", message);
  }
}
