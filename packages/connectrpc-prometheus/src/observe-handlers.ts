import {
  type ConnectRouter,
  type ContextKey,
  type ContextValues,
  createContextValues,
} from "@connectrpc/connect";
import type { Call } from "./call.js";
import { later } from "./later.js";
import {
  type CallEnds,
  createCallEnds,
  type ObservedCall,
  type ObservedCallKey,
} from "./observed-call.js";
import type { CallStart } from "./options.js";
import { createWireStatus, type WireStatus } from "./wire-status.js";

/** Questions about a path: browsers ask OPTIONS before they call. */
const noCalls = new Set(["OPTIONS", "HEAD"]);

/** A handler of a Connect router, for all protocols of one method. */
type Handler = ConnectRouter["handlers"][number];
type HandlerRequest = Parameters<Handler>[0];
type HandlerResponse = Awaited<ReturnType<Handler>>;

/**
 * Replaces each handler of the router by one that counts the call from its
 * first byte to its last, and takes the outcome from the response itself. So
 * it sees what no interceptor does: requests that cannot be parsed, that are
 * too large, of an unknown compression or content type, responses that cannot
 * be serialised, and whether the caller is still there.
 */
export function observeHandlers(
  router: ConnectRouter,
  key: ObservedCallKey,
  start: (from: CallStart) => Call | undefined,
): void {
  router.handlers.forEach((handler, i) => {
    const observed = (request: HandlerRequest) =>
      noCalls.has(request.method)
        ? handler(request)
        : observe(handler, request, key, start);
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
  request: HandlerRequest,
  key: ObservedCallKey,
  start: (from: CallStart) => Call | undefined,
): Promise<HandlerResponse> {
  const { method } = handler;
  const { header, signal, contextValues = createContextValues() } = request;
  const call = start({ method, header, contextValues });
  const record: ObservedCall = { call };
  const passed = {
    ...request,
    contextValues:
      request.contextValues === undefined
        ? contextValues.set(key, record)
        : addValue(contextValues, key, record),
  };
  if (call === undefined) {
    return handler(passed);
  }
  const ends = createCallEnds(request, method.output, call, record);
  const unary = method.methodKind === "unary";
  // The only end of a stream whose handler never comes back. A unary handler
  // is waited for: it is at work until it answers.
  if (!unary) {
    ends.watch();
  }
  let response: HandlerResponse;
  try {
    response = await handler(passed);
  } catch (error) {
    ends.failed();
    throw error;
  }
  const wire = createWireStatus(response);
  ends.begun(response.status, wire);
  if (response.body === undefined) {
    ends.done();
    return response;
  }
  if (signal.aborted) {
    ends.gone();
  } else if (unary) {
    // The only end of a response that nobody reads. Most are read at once.
    later(ends.watch);
  }
  return { ...response, body: observeBody(response.body, wire, ends) };
}

/** Passes a body on, reads its status and tells how it ends. */
function observeBody(
  chunks: AsyncIterable<Uint8Array>,
  wire: WireStatus,
  ends: CallEnds,
): AsyncIterable<Uint8Array> {
  const it = chunks[Symbol.asyncIterator]();
  const body: AsyncIterator<Uint8Array> = {
    next: () =>
      it.next().then(
        (result) => {
          if (result.done === true) {
            ends.done();
          } else {
            wire.read(result.value);
          }
          return result;
        },
        (error: unknown) => {
          ends.failed();
          throw error;
        },
      ),
    // The reader ends every body by `return`; before its end that means that
    // the peer has gone.
    return(value) {
      ends.gone();
      return it.return?.(value) ?? Promise.resolve({ done: true, value });
    },
    throw(error) {
      ends.gone();
      return it.throw?.(error) ?? Promise.reject(error);
    },
  };
  return { [Symbol.asyncIterator]: () => body };
}

/**
 * Context values with one more. They are not changed themselves: a host may
 * give the same values to all calls, and what is added belongs to one.
 */
function addValue<T>(
  values: ContextValues,
  key: ContextKey<T>,
  value: T,
): ContextValues {
  const added = createContextValues().set(key, value);
  const holder = ({ id }: { id: symbol }) => (id === key.id ? added : values);
  const both: ContextValues = {
    get: (wanted) => holder(wanted).get(wanted),
    set(wanted, to) {
      holder(wanted).set(wanted, to);
      return both;
    },
    delete(wanted) {
      holder(wanted).delete(wanted);
      return both;
    },
  };
  return both;
}
