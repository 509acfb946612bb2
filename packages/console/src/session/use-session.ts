import { Role } from "@both-ends/gen/admin/v1/access_pb.js";
import {
  AuthService,
  type Console,
} from "@both-ends/gen/admin/v1/auth_service_pb.js";
import { createClient } from "@connectrpc/connect";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { sessionKey, transport } from "../transport.js";

/** Calls that begin, end and show sessions. */
export const authClient = createClient(AuthService, transport);

/** Who is logged in, and where. */
export interface Session {
  readonly username: string;
  readonly isOperator: boolean;
  /** The service of this console. */
  readonly service: string;
  readonly consoles: readonly Console[];
}

/** Reads the session; `null` when nobody is logged in. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: readSession,
  staleTime: 60_000,
});

/** The session of a page that is shown only when somebody is logged in. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  return data ?? { username: "", isOperator: false, service: "", consoles: [] };
}

async function readSession(): Promise<Session | null> {
  const { session, service, consoles } = await authClient.getSession({});
  return session === undefined
    ? null
    : {
        username: session.username,
        isOperator: session.role === Role.OPERATOR,
        service,
        consoles,
      };
}
