import { randomBytes } from "node:crypto";
import { WatchMetricsRequestSchema } from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import { create, toBinary } from "@bufbuild/protobuf";

/** A stream that a page of the console keeps open. */
export interface PageCall {
  /** Its path on the web port of edge. */
  readonly path: string;
  /** Its request, as a page encodes it. */
  readonly request: Uint8Array;
}

/** The streams of the pages Overview, Heartbeats and Jobs. */
export const pageCalls: readonly PageCall[] = [
  {
    path: "/admin.v1.LiveMetricsService/WatchMetrics",
    request: toBinary(
      WatchMetricsRequestSchema,
      create(WatchMetricsRequestSchema, { history: 300 }),
    ),
  },
  {
    path: "/heartbeat.v1.HeartbeatService/WatchHeartbeats",
    request: new Uint8Array(),
  },
  { path: "/admin.v1.JobService/WatchJobs", request: new Uint8Array() },
];

/** A password for the first user of a system that is started. */
export function createAdminPassword(): string {
  return randomBytes(16).toString("hex");
}

/** Logs in as the first user, and gives what to send as `cookie`. */
export async function logIn(origin: string, password: string): Promise<string> {
  const answer = await fetch(`${origin}/admin.v1.AuthService/Login`, {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({ username: "admin", password }),
  });
  const [cookie] = answer.headers.getSetCookie();
  if (!answer.ok || cookie === undefined) {
    throw new Error(
      `the login failed: ${answer.status} ${await answer.text()}`,
    );
  }
  return cookie.split(";")[0] ?? "";
}

/** The headers of a stream by the Connect protocol. */
export function pageHeaders(origin: string, cookie: string) {
  return { "content-type": "application/connect+proto", origin, cookie };
}

/** The request of a stream, in its envelope: flags, length, message. */
export function envelopeOf({ request }: PageCall): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(request.length, 1);
  return Buffer.concat([head, request]);
}
