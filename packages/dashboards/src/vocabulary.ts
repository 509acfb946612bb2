import {
  type LabelSpelling,
  type StatusClass,
  spellStatus,
  statuses,
} from "./status-codes.js";

/** How the metrics are named that boards and rules read. */
export interface LabelPreset {
  /** The option `spelling` of connectrpc-prometheus. By default, `"go"`. */
  spelling?: LabelSpelling;
  /** The option `prefix` of connectrpc-prometheus. By default, none. */
  prefix?: string;
  /**
   * Regular expressions of services that are left out, because they would hide
   * what people ask for. By default, health, reflection and the console.
   */
  hiddenServices?: readonly string[];
}

/** One end of a call. */
export type Side = "server" | "client";

/** The words of a {@link LabelPreset}. */
export interface Vocabulary {
  readonly spelling: LabelSpelling;
  /** The name of a metric of calls, for example `grpc_server_started_total`. */
  metric(side: Side, name: string): string;
  /** The value of `grpc_type` for unary calls. */
  readonly unary: string;
  /** The value of `grpc_code` for success. */
  readonly ok: string;
  /** A matcher of the codes of one class, for use after `grpc_code`. */
  codesOf(statusClass: StatusClass): string;
  /** The services that are left out, as one regular expression. */
  readonly hidden: string;
}

// [.] and not \., which would need an escape in PromQL and another in JSON.
const hiddenByDefault = [
  "grpc[.]health[.].+",
  "grpc[.]reflection[.].+",
  "admin[.].+",
];

/** Takes the words from a preset. */
export function createVocabulary(preset: LabelPreset = {}): Vocabulary {
  const {
    spelling = "go",
    prefix = "",
    hiddenServices = hiddenByDefault,
  } = preset;
  return {
    spelling,
    metric: (side, name) => `${prefix}grpc_${side}_${name}`,
    unary: spelling === "python" ? "UNARY" : "unary",
    ok: spellStatus("OK", spelling),
    codesOf: (statusClass) =>
      statuses
        .filter((status) => status.class === statusClass)
        .map((status) => spellStatus(status.name, spelling))
        .join("|"),
    hidden: hiddenServices.join("|"),
  };
}
