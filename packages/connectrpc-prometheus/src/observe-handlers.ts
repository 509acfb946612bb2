import {
  type ConnectRouter,
  type ContextKey,
  type ContextValues,
  createContextValues,
} from "@connectrpc/connect";
import type { Call } from "./call.js";
import { ObservedBody } from "./observed-body.js";
import { ObservedCall, type ObservedCallKey } from "./observed-call.js";
import type { CallStart } from "./options.js";
import { watchLater } from "./watch-later.js";
import { createWireStatus } from "./wire-status.js";

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
  const observed = new ObservedCall(call, request, method.output);
  const passed = {
    ...request,
    contextValues:
      request.contextValues === undefined
        ? contextValues.set(key, observed)
        : new AddedValue(contextValues, key, observed),
  };
  if (call === undefined) {
    return handler(passed);
  }
  const unary = method.methodKind === "unary";
  // The only end of a stream whose handler never comes back. A unary handler
  // is waited for: it is at work until it answers.
  if (!unary) {
    observed.watch();
  }
  let response: HandlerResponse;
  try {
    response = await handler(passed);
  } catch (error) {
    observed.failed();
    throw error;
  }
  const wire = createWireStatus(response);
  observed.begun(response.status, wire);
  if (response.body === undefined) {
    observed.done();
    return response;
  }
  if (signal.aborted) {
    observed.gone();
  } else if (unary) {
    // The only end of a response that nobody reads. Most are read at once.
    watchLater(observed);
  }
  return {
    ...response,
    body: new ObservedBody(response.body, wire, observed),
  };
}

/**
 * Context values with one more. They are not changed themselves: a host may
 * give the same values to all calls, and what is added belongs to one.
 */
class AddedValue<Added> implements ContextValues {
  readonly #values: ContextValues;
  readonly #key: ContextKey<Added>;
  readonly #added: Added;

  constructor(values: ContextValues, key: ContextKey<Added>, added: Added) {
    this.#values = values;
    this.#key = key;
    this.#added = added;
  }

  get<T>(key: ContextKey<T>): T {
    return key.id === this.#key.id
      ? // The same id is the same key, and so of the same type.
        (this.#added as unknown as T)
      : this.#values.get(key);
  }

  // Nobody else has the key of what was added, to set or to delete it.

  set<T>(key: ContextKey<T>, value: T): this {
    this.#values.set(key, value);
    return this;
  }

  delete(key: ContextKey<unknown>): this {
    this.#values.delete(key);
    return this;
  }
}
