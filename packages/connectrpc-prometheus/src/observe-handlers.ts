import type { Message } from "@bufbuild/protobuf";
import {
  Code,
  type ConnectRouter,
  type ContextKey,
  type ContextValues,
  createContextKey,
  createContextValues,
} from "@connectrpc/connect";
import type { Call } from "./call.js";
import type { CallStart } from "./options.js";
import { ok, type StatusCode } from "./spelling.js";
import { abortCode } from "./status-code.js";
import { createWireStatus } from "./wire-status.js";

/** A handler of a Connect router, for all protocols of one method. */
type Handler = ConnectRouter["handlers"][number];
type HandlerRequest = Parameters<Handler>[0];

/**
 * A call that is counted from outside of the interceptors, and what the
 * interceptor has to say of it.
 */
export interface ObservedCall {
  /** Undefined for a method that is not counted. */
  readonly call: Call | undefined;
  /** How the call ended for the interceptor, undefined if it never came there. */
  seen?: StatusCode;
  /** The response of a unary call, which is sent if it can be serialised. */
  response?: Message;
}

/** Where the interceptor finds the call that the handler's wrapper began. */
export const observedCall: ContextKey<ObservedCall | undefined> =
  createContextKey(undefined, { description: "connectrpc-prometheus call" });

/**
 * Replaces each handler of the router by one that counts the call from its
 * first byte to its last, and takes the outcome from the response itself. So
 * it sees what no interceptor does: requests that cannot be parsed, that are
 * too large, of an unknown compression or content type, and responses that
 * cannot be serialised.
 */
export function observeHandlers(
  router: ConnectRouter,
  start: (from: CallStart) => Call | undefined,
): void {
  router.handlers.forEach((handler, i) => {
    const observed = (request: HandlerRequest) => {
      const { header, contextValues = createContextValues() } = request;
      const { method } = handler;
      const call = start({ method, header, contextValues });
      const passed = { ...request, contextValues };
      if (call === undefined) {
        // Tells the interceptor, too, that this method is not counted.
        contextValues.set(observedCall, { call });
        return handler(passed);
      }
      return observe(handler, passed, call);
    };
    router.handlers[i] = Object.assign(observed, {
      protocolNames: handler.protocolNames,
      service: handler.service,
      method: handler.method,
      requestPath: handler.requestPath,
      allowedMethods: handler.allowedMethods,
      supportedContentType: handler.supportedContentType,
    });
  });
}

async function observe(
  handler: Handler,
  request: HandlerRequest & { contextValues: ContextValues },
  call: Call,
): ReturnType<Handler> {
  const record: ObservedCall = { call };
  request.contextValues.set(observedCall, record);
  const end = (wire: StatusCode | undefined) => {
    const { seen } = record;
    // What the interceptor saw go wrong is what the peer was told, and for a
    // caller that left the only thing known; else the wire has the last word.
    const code = seen === undefined || seen === ok ? wire : seen;
    const last = code ?? seen ?? Code.Unknown;
    if (last === ok && record.response !== undefined) {
      call.sent(handler.method.output, record.response);
    }
    call.end(last);
  };
  let response: Awaited<ReturnType<Handler>>;
  try {
    response = await handler(request);
  } catch (error) {
    end(Code.Internal);
    throw error;
  }
  const wire = createWireStatus(response);
  if (response.body === undefined) {
    end(wire.code());
    return response;
  }
  const it = response.body[Symbol.asyncIterator]();
  // The reader ends every body by `return`; before its end that means that
  // the peer has gone.
  const onLeave = () =>
    end(request.signal.aborted ? abortCode(request.signal) : Code.Canceled);
  const body: AsyncIterator<Uint8Array> = {
    next: () =>
      it.next().then(
        (result) => {
          if (result.done === true) {
            end(wire.code());
          } else {
            wire.read(result.value);
          }
          return result;
        },
        (error: unknown) => {
          end(Code.Internal);
          throw error;
        },
      ),
    return(value) {
      onLeave();
      return it.return?.(value) ?? Promise.resolve({ done: true, value });
    },
    throw(error) {
      onLeave();
      return it.throw?.(error) ?? Promise.reject(error);
    },
  };
  return { ...response, body: { [Symbol.asyncIterator]: () => body } };
}
