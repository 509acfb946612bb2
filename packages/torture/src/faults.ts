import type { CodeName } from "./code-name.js";

/** Names that the service reverses without ado. */
export const plainNames: readonly string[] = [
  "Rodrigo",
  "Pamela",
  "Davi",
  "Daniela",
  "Camila",
  "Leandro",
  "Nicolas",
  "Joao",
  "Paulo",
  "Fabio",
];

/** Each name that fails on purpose, and the code that its caller sees. */
export const faultCodes = {
  key_error: "Internal",
  exception: "Internal",
  cancelled: "Canceled",
  unknown: "Unknown",
  invalid_argument: "InvalidArgument",
  deadline_exceeded: "DeadlineExceeded",
  not_found: "NotFound",
  already_exists: "AlreadyExists",
  permission_denied: "PermissionDenied",
  resource_exhausted: "ResourceExhausted",
  failed_precondition: "FailedPrecondition",
  aborted: "Aborted",
  out_of_range: "OutOfRange",
  unimplemented: "Unimplemented",
  internal: "Internal",
  unavailable: "Unavailable",
  data_loss: "DataLoss",
  unauthenticated: "Unauthenticated",
} as const satisfies Record<string, CodeName>;

/** A name that fails on purpose. */
export type FaultName = keyof typeof faultCodes;

/** All names that fail on purpose: two exceptions, then the 16 codes. */
export const faultNames: readonly FaultName[] =
  // Object.keys() types the keys of every object as strings.
  Object.keys(faultCodes) as FaultName[];

/** Tells whether a service with fault injection would fail on a name. */
export function asksForFault(name: string): boolean {
  const lower = name.toLowerCase();
  return lower in faultCodes || lower === "canceled";
}
