/** How label values are spelled, see the option of connectrpc-prometheus. */
export type LabelSpelling = "go" | "python" | "connect";

/** Whose fault a status is, in the words of the panels. */
export type StatusClass = "OK" | "Client error" | "Server error";

/** A status code of gRPC: how Go spells it, whose fault it is, its colour. */
export interface Status {
  readonly name: string;
  readonly class: StatusClass;
  /** As `#rrggbb`, the same on every board. */
  readonly color: string;
}

/**
 * All status codes, by number. The classes are those of OpenTelemetry's
 * conventions for RPC servers: what is no server error is the caller's
 * affair. Every code is in one class, so that their sum is the whole.
 */
export const statuses: readonly Status[] = [
  { name: "OK", class: "OK", color: "#73bf69" },
  { name: "Canceled", class: "Client error", color: "#8e8e8e" },
  { name: "Unknown", class: "Server error", color: "#c4162a" },
  { name: "InvalidArgument", class: "Client error", color: "#f2cc0c" },
  { name: "DeadlineExceeded", class: "Server error", color: "#ff780a" },
  { name: "NotFound", class: "Client error", color: "#5794f2" },
  { name: "AlreadyExists", class: "Client error", color: "#1f60c4" },
  { name: "PermissionDenied", class: "Client error", color: "#b877d9" },
  { name: "ResourceExhausted", class: "Client error", color: "#e0b400" },
  { name: "FailedPrecondition", class: "Client error", color: "#8ab8ff" },
  { name: "Aborted", class: "Client error", color: "#ca95e5" },
  { name: "OutOfRange", class: "Client error", color: "#c0d8ff" },
  { name: "Unimplemented", class: "Server error", color: "#a352cc" },
  { name: "Internal", class: "Server error", color: "#f2495c" },
  { name: "Unavailable", class: "Server error", color: "#e02f44" },
  { name: "DataLoss", class: "Server error", color: "#8f0d1e" },
  { name: "Unauthenticated", class: "Client error", color: "#fade2a" },
];

/** The colour of each class. */
export const classColors: Readonly<Record<StatusClass, string>> = {
  OK: "#73bf69",
  "Client error": "#f2cc0c",
  "Server error": "#f2495c",
};

/** Spells a code as the label `grpc_code` has it. */
export function spellStatus(name: string, spelling: LabelSpelling): string {
  if (spelling === "go") {
    return name;
  }
  const snake = name.replace(/(?<=[a-z])[A-Z]/g, "_$&").toLowerCase();
  if (spelling === "connect") {
    return snake;
  }
  return name === "Canceled" ? "CANCELLED" : snake.toUpperCase();
}
