import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { QueryClient } from "@tanstack/react-query";
import { baseUrl } from "./base-url.js";

/** The query that holds the session, see useSession. */
export const sessionKey = ["session"] as const;

/** Holds what was read from the server. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal does not change when it is asked for again.
      retry: (count, error) =>
        count < 2 && ConnectError.from(error).code === Code.Unavailable,
      staleTime: 1_000,
    },
  },
});

/** Whatever call finds the session ended leads back to the login. */
const noticeEndOfSession: Interceptor = (next) => async (req) => {
  try {
    return await next(req);
  } catch (error) {
    // The question who is logged in would else ask itself for ever.
    if (req.method.name !== "GetSession") {
      forgetEndedSession(error);
    }
    throw error;
  }
};

/** Asks again who is logged in, after a call that was refused for it. */
export function forgetEndedSession(error: unknown): void {
  if (
    ConnectError.from(error).code === Code.Unauthenticated &&
    queryClient.getQueryData(sessionKey) != null
  ) {
    void queryClient.invalidateQueries(
      { queryKey: sessionKey },
      { cancelRefetch: false },
    );
  }
}

/** Calls `admin.v1` and the service's own RPCs, by Connect. */
export const transport = createConnectTransport({
  baseUrl,
  // A live page costs the server a third less than with JSON.
  useBinaryFormat: true,
  interceptors: [noticeEndOfSession],
  defaultTimeoutMs: 15_000,
});
