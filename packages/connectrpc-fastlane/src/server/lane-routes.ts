import {
  type ConnectRouter,
  type ConnectRouterOptions,
  createMethodImplSpec,
  createServiceImplSpec,
  type MethodImplSpec,
} from "@connectrpc/connect";
import {
  createMethodUrl,
  validateUniversalHandlerOptions,
} from "@connectrpc/connect/protocol";
import { createLaneMethod, type LaneMethod } from "./lane-method.js";
import { defaultCompression, type FastlaneOptions } from "./options.js";

/** The methods that were registered, and how they come to be. */
export interface LaneRoutes {
  /** By path. Empty until the routes were added to a router. */
  readonly methods: ReadonlyMap<string, LaneMethod>;
  /**
   * Adds the routes to a router of connect-es, and takes note of them. Throws
   * an Error the second time: handlers must not exist twice.
   */
  add(router: ConnectRouter): void;
}

/** Prepares the routes of the options. */
export function createLaneRoutes(options: FastlaneOptions): LaneRoutes {
  const { routes, requestPathPrefix = "", observe } = options;
  const base = {
    ...options,
    acceptCompression: options.acceptCompression ?? defaultCompression,
  };
  const methods = new Map<string, LaneMethod>();
  const note = (
    spec: MethodImplSpec,
    own: Partial<ConnectRouterOptions> | undefined,
  ) => {
    // As in connect-es: options of a service decide on its protocols alone.
    const { grpc, connect } = own ?? options;
    const enabled = { grpc: grpc !== false, connect: connect !== false };
    methods.set(
      requestPathPrefix + createMethodUrl("/", spec.method),
      createLaneMethod(
        spec,
        validateUniversalHandlerOptions({ ...base, ...own }),
        enabled,
        observe,
      ),
    );
  };
  let added = false;
  return {
    methods,
    add(router) {
      if (added) {
        throw new Error(
          "the lane has its routes: call createFastlane once for each server",
        );
      }
      added = true;
      const made = new Set<unknown>();
      const remember = () => {
        for (const handler of router.handlers) {
          made.add(handler);
        }
      };
      const noting: ConnectRouter = {
        handlers: router.handlers,
        service(service, implementation, own) {
          router.service(service, implementation, own);
          remember();
          const spec = createServiceImplSpec(service, implementation);
          for (const method of Object.values(spec.methods)) {
            note(method, own);
          }
          return this;
        },
        rpc(method, implementation, own) {
          router.rpc(method, implementation, own);
          remember();
          note(createMethodImplSpec(method, implementation), own);
          return this;
        },
      };
      routes(noting);
      // What observes the lane itself may observe the other handlers too.
      if (observe === undefined) {
        for (const handler of router.handlers) {
          const method = methods.get(requestPathPrefix + handler.requestPath);
          if (method !== undefined && !made.has(handler)) {
            method.wrapped = true;
          }
        }
      }
    },
  };
}
