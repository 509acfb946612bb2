import {
  type RevertNameRequest,
  RevertNameRequestSchema,
  type RevertNameResponse,
  RevertNameResponseSchema,
  RevertNameService,
} from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { clone, create, toJson } from "@bufbuild/protobuf";
import {
  ConnectError,
  createClient,
  createContextKey,
  createContextValues,
  type Interceptor,
  type Transport,
} from "@connectrpc/connect";
import type { Random } from "./random.test.js";

/** What the interceptors of a call do. */
export const interceptions = [
  "none",
  "pass",
  "watch",
  "spread",
  "add header",
  "change message",
  "own signal",
  "retry",
  "replace response",
] as const;

/** How a call is made, apart from where it goes. */
export interface CallPlan {
  readonly interception: (typeof interceptions)[number];
  readonly timeoutMs: number | undefined;
  readonly defaultTimeoutMs: number | undefined;
  /** When the caller leaves, if it does; before the call for 0. */
  readonly abortAfterMs: number | undefined;
  readonly abortReason: unknown;
  readonly headers: Record<string, string> | undefined;
  readonly name: string;
}

/** Makes a plan. A call that would hang gets an end. */
export function makeCallPlan(
  random: Random,
  { hangs, endsSession }: { hangs: boolean; endsSession: boolean },
): CallPlan {
  const ended = hangs && random.chance(0.5);
  const left = !ended && random.chance(0.03);
  const defaultTimeoutMs = random.often<number | undefined>(
    0.9,
    undefined,
    [5_000, 0],
  );
  const over = left || defaultTimeoutMs === 0;
  return {
    // A second attempt meets the end of the session, or its own, sooner or later.
    interception: random.pick(
      interceptions.filter(
        (name) => name !== "retry" || !(endsSession || hangs),
      ),
    ),
    timeoutMs:
      hangs && !ended
        ? random.pick([40, 60])
        : random.often<number | undefined>(0.7, undefined, [0, -1, 5_000]),
    defaultTimeoutMs,
    abortAfterMs: ended ? random.pick([30, 50]) : left ? 0 : undefined,
    abortReason: random.pick([
      undefined,
      new Error("left"),
      "left",
      new ConnectError("left", 10),
    ]),
    headers: random.often<Record<string, string> | undefined>(0.7, undefined, [
      { "X-Given": "a" },
      { "user-agent": "mine/1" },
      { "x-given": "b", "grpc-timeout": "1S", "content-encoding": "identity" },
    ]),
    // Which comes first of a call that is over before it begins, and has no
    // right message either, is nobody's concern.
    name: random.often(0.9, "Rodrigo", ["", over ? "é" : "x".repeat(2_000)]),
  };
}

const contextKey = createContextKey("");

/** What a caller and an interceptor saw of a call, ready to be compared. */
export type Outcome = Record<string, unknown>;

/** Makes a call and writes down all that can be seen of it. */
export async function makeCall(
  plan: CallPlan,
  createTransport: (options: {
    interceptors: Interceptor[];
    defaultTimeoutMs: number | undefined;
  }) => Transport,
): Promise<Outcome> {
  const outcome: Outcome = {};
  const signals: AbortSignal[] = [];
  const transport = createTransport({
    interceptors: interceptorsFor(plan, outcome, signals),
    defaultTimeoutMs: plan.defaultTimeoutMs,
  });
  const { revertName } = createClient(RevertNameService, transport);
  const caller = new AbortController();
  const leave = () => caller.abort(plan.abortReason);
  const { abortAfterMs } = plan;
  const timer =
    abortAfterMs !== undefined && abortAfterMs > 0
      ? setTimeout(leave, abortAfterMs)
      : undefined;
  if (abortAfterMs === 0) {
    leave();
  }
  try {
    const message = await revertName(
      { name: plan.name },
      {
        timeoutMs: plan.timeoutMs,
        headers: plan.headers,
        signal: abortAfterMs === undefined ? undefined : caller.signal,
        contextValues: createContextValues().set(contextKey, "kept"),
        onHeader: (header) => {
          outcome.onHeader = list(header);
        },
        onTrailer: (trailer) => {
          outcome.onTrailer = list(trailer);
        },
      },
    );
    outcome.message = show(message);
  } catch (error) {
    outcome.error = describeError(error);
  } finally {
    clearTimeout(timer);
  }
  outcome.signals = signals.map(({ aborted, reason }) => [
    aborted,
    describeError(reason),
  ]);
  return outcome;
}

function interceptorsFor(
  { interception }: CallPlan,
  outcome: Outcome,
  signals: AbortSignal[],
): Interceptor[] {
  const watch: Interceptor = (next) => async (req) => {
    if (req.stream) {
      return next(req);
    }
    signals.push(req.signal);
    outcome.request = {
      keys: Object.keys(req).sort(),
      service: req.service.typeName,
      method: req.method.name,
      requestMethod: req.requestMethod,
      path: new URL(req.url).pathname.split("/").slice(2),
      header: list(req.header),
      value: req.contextValues.get(contextKey),
      aborted: req.signal.aborted,
    };
    try {
      const res = await next(req);
      outcome.response = {
        keys: Object.keys(res).sort(),
        service: res.service.typeName,
        method: res.method.name,
        header: list(res.header),
        trailer: list(res.trailer),
        aborted: req.signal.aborted,
      };
      return res;
    } catch (error) {
      outcome.thrown = describeError(error);
      outcome.abortedThen = req.signal.aborted;
      throw error;
    }
  };
  switch (interception) {
    case "none":
      return [];
    case "pass":
      return [(next) => (req) => next(req)];
    case "watch":
      return [watch];
    case "spread":
      return [watch, (next) => (req) => next({ ...req })];
    case "add header":
      return [
        (next) => (req) => {
          req.header.set("X-Added", "1");
          return next(req);
        },
        watch,
      ];
    case "change message":
      return [
        (next) => (req) => {
          if (req.stream) {
            return next(req);
          }
          // The only method that is called here.
          const message = clone(
            RevertNameRequestSchema,
            req.message as RevertNameRequest,
          );
          message.name += "!";
          return next({ ...req, message });
        },
      ];
    case "own signal":
      return [
        (next) => (req) =>
          next({
            ...req,
            signal: AbortSignal.any([req.signal, AbortSignal.timeout(5_000)]),
          }),
        watch,
      ];
    case "retry":
      return [(next) => (req) => next(req).catch(() => next(req)), watch];
    case "replace response":
      return [
        watch,
        (next) => async (req) => {
          const res = await next(req);
          res.header.set("x-seen", "1");
          return res.stream
            ? res
            : {
                ...res,
                message: create(RevertNameResponseSchema, {
                  reversedName: "replaced",
                }),
              };
        },
      ];
  }
}

/** All that there is to an error. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof ConnectError)) {
    return error instanceof Error ? [error.name, error.message] : error;
  }
  return {
    code: error.code,
    message: error.rawMessage,
    whole: error.message,
    metadata: list(error.metadata),
    details: error.details,
    wire: error.isWireError,
    cause: describeError(error.cause),
  };
}

function list(headers: Headers): string[][] {
  return [...headers]
    .filter(([name]) => name !== "date")
    .map((entry) => [...entry]);
}

function show(message: RevertNameResponse): unknown {
  return toJson(RevertNameResponseSchema, message);
}
