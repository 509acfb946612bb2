import type { Message } from "@bufbuild/protobuf";
import {
  Code,
  type ConnectRouter,
  type ContextKey,
  type ContextValues,
  createContextValues,
} from "@connectrpc/connect";
import type { Call } from "./call.js";
import type { CallStart } from "./options.js";
import { ok, type StatusCode } from "./spelling.js";
import { abortCode, goneCode } from "./status-code.js";
import { createWireStatus, type WireStatus } from "./wire-status.js";

/** Questions about a path: browsers ask OPTIONS before they call. */
const noCalls = new Set(["OPTIONS", "HEAD"]);

/** A handler of a Connect router, for all protocols of one method. */
type Handler = ConnectRouter["handlers"][number];
type HandlerRequest = Parameters<Handler>[0];
type HandlerResponse = Awaited<ReturnType<Handler>>;

/**
 * A call that is counted from outside of the interceptors, and what the
 * interceptor has to say of it.
 */
export interface ObservedCall {
  /** Undefined for a method that is not counted. */
  readonly call: Call | undefined;
  /** How the handler ended for the interceptor, undefined if it never came there. */
  seen?: StatusCode;
  /** The response of a unary call, which is sent if it can be serialised. */
  response?: Message;
}

/** Where the interceptor finds the call that the handler's wrapper began. */
export type ObservedCallKey = ContextKey<ObservedCall | undefined>;

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
    contextValues: addValue(contextValues, key, record),
  };
  if (call === undefined) {
    return handler(passed);
  }
  const end = (code: StatusCode) => {
    if (code === ok && record.response !== undefined) {
      call.sent(method.output, record.response);
    }
    call.end(code);
  };
  let wire: WireStatus | undefined;
  const gone = () => {
    const told = wire?.told() ? wire.code(record.seen) : undefined;
    // In memory the signal is the client's own, which also aborts when the
    // client has read how the call ended.
    const read = signal.aborted ? told === abortCode(signal) : true;
    end(
      told !== undefined && read ? told : goneCode(request, call.elapsedMs()),
    );
  };
  // The only end of a call whose handler never comes back, or whose response
  // nobody reads. A unary handler is waited for: its answer comes first.
  const watch = () => {
    if (signal.aborted) {
      gone();
    } else {
      signal.addEventListener("abort", gone, { once: true });
    }
  };
  if (method.methodKind !== "unary") {
    watch();
  }
  let response: HandlerResponse;
  try {
    response = await handler(passed);
  } catch (error) {
    end(Code.Internal);
    throw error;
  }
  const status = createWireStatus(response);
  wire = status;
  if (response.body === undefined) {
    end(status.code(record.seen));
    return response;
  }
  // A request that is refused before it was read is destroyed by connect-es,
  // which aborts the signal although the caller is there and gets the answer.
  const refused =
    response.status !== 200 &&
    record.seen === undefined &&
    record.response === undefined;
  if (method.methodKind === "unary" && !refused) {
    watch();
  }
  const body = observeBody(response.body, status, {
    done() {
      end(status.code(record.seen));
      signal.removeEventListener("abort", gone);
    },
    failed: () => end(Code.Internal),
    left: gone,
  });
  return { ...response, body };
}

/** Passes a body on, reads its status and tells how it ends. */
function observeBody(
  chunks: AsyncIterable<Uint8Array>,
  wire: WireStatus,
  observer: { done(): void; failed(): void; left(): void },
): AsyncIterable<Uint8Array> {
  const it = chunks[Symbol.asyncIterator]();
  const body: AsyncIterator<Uint8Array> = {
    next: () =>
      it.next().then(
        (result) => {
          if (result.done === true) {
            observer.done();
          } else {
            wire.read(result.value);
          }
          return result;
        },
        (error: unknown) => {
          observer.failed();
          throw error;
        },
      ),
    // The reader ends every body by `return`; before its end that means that
    // the peer has gone.
    return(value) {
      observer.left();
      return it.return?.(value) ?? Promise.resolve({ done: true, value });
    },
    throw(error) {
      observer.left();
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
