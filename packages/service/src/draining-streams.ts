import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";

/** Ends the streams of a server that is about to close. */
export interface DrainingStreams {
  /** Gives handlers of streams a signal that also aborts when draining. */
  interceptor: Interceptor;
  /** Tells all open streams, and all that still begin, to end. */
  drain(): void;
}

/**
 * Creates the means to end open streams with `unavailable` when a server
 * closes: a stream that lasts until its caller leaves would otherwise hold the
 * server until its grace is over. Unary calls are left to finish.
 */
export function createDrainingStreams(): DrainingStreams {
  const open = new Set<AbortController>();
  let draining = false;
  const end = (controller: AbortController) =>
    controller.abort(
      new ConnectError("the server is shutting down", Code.Unavailable),
    );
  return {
    interceptor: (next) => (req) => {
      if (!req.stream) {
        return next(req);
      }
      const controller = new AbortController();
      const { signal } = req;
      if (signal.aborted) {
        controller.abort(signal.reason);
      } else if (draining) {
        end(controller);
      } else {
        open.add(controller);
        // A handler's signal aborts at every end, the normal one too.
        signal.addEventListener(
          "abort",
          () => {
            open.delete(controller);
            controller.abort(signal.reason);
          },
          { once: true },
        );
      }
      return next({ ...req, signal: controller.signal });
    },
    drain() {
      draining = true;
      for (const controller of open) {
        end(controller);
      }
      open.clear();
    },
  };
}
