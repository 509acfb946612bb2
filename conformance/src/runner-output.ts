import { isDeepStrictEqual } from "node:util";

/** A configuration of the runner and how many cases it has. */
export interface Configuration {
  /** `HTTP/1.1` or `HTTP/2`. */
  http: string;
  protocol: string;
  /** `no`, `yes` or `yes, client certificates`. */
  tls: string;
  /** The peer: the suite's reference implementation, or grpc-go. */
  peer: string;
  cases: number;
  passed: number;
}

/** A case that failed, and what the runner has to say of it. */
export interface Failure {
  name: string;
  reason: string;
}

/** What the runner printed. */
export interface RunnerReport {
  configurations: Configuration[];
  cases: number;
  passed: number;
  /** Cases that failed unexpectedly, and those that unexpectedly did not. */
  failed: Failure[];
  /** Cases that failed as they are known to. */
  knownFailures: Failure[];
  /** How many cases never ran. */
  notRun: number;
  /** The names of cases begun and not ended: those that hang, when cut. */
  pending: string[];
}

const protocolNames: Record<string, string> = {
  CONNECT: "Connect",
  GRPC: "gRPC",
  GRPC_WEB: "gRPC-Web",
};

const tlsNames: Record<string, string> = {
  false: "no",
  true: "yes",
  "true (with client certs)": "yes, client certificates",
};

/** Reads what the runner prints with `--vv`, also when it was cut. */
export function parseRunnerOutput(text: string): RunnerReport {
  const pending = new Set(names(text, /^Sending request for "(.*)"\.\.\.$/gm));
  for (const name of names(text, /^Received response for "(.*)"\.\.\.$/gm)) {
    pending.delete(name);
  }
  const failed = [
    ...failures(text, /^FAILED: (.*):\n((?:\t.*\n)*)/gm),
    ...failures(text, /^FAILED: (.*) (was expected to fail but did not)$/gm),
  ];
  const knownFailures = failures(
    text,
    /^INFO: (.*) failed \(as expected\):\n((?:\t.*\n)*)/gm,
  );
  return {
    configurations: parseConfigurations(text, [...failed, ...knownFailures]),
    cases: count(text, /^Total cases: (\d+)$/m),
    passed: count(text, /^(\d+) passed, \d+ failed/m),
    failed,
    knownFailures,
    notRun: count(text, /^Another (\d+) could not be run/m),
    pending: [...pending],
  };
}

function parseConfigurations(text: string, failed: Failure[]): Configuration[] {
  const line =
    /^Running (\d+) tests with ([\w-]+) for server config #\d+ \{HTTP_VERSION_(\d), PROTOCOL_(\w+), TLS:(.*)\}\.\.\.$/gm;
  return Array.from(
    text.matchAll(line),
    ([, cases, peer = "", version, protocol = "", tls = ""]) => {
      const features = {
        http: version === "1" ? "HTTP/1.1" : "HTTP/2",
        protocol: protocolNames[protocol] ?? protocol,
        tls: tlsNames[tls] ?? tls,
        peer: peer.startsWith("grpc-") ? "grpc-go" : "reference",
      };
      const misses = failed.filter(({ name }) =>
        isDeepStrictEqual(featuresOf(name), features),
      );
      return {
        ...features,
        cases: Number(cases),
        passed: Number(cases) - misses.length,
      };
    },
  );
}

/** What the name of a case says of its configuration. */
function featuresOf(name: string): Omit<Configuration, "cases" | "passed"> {
  const [suite = ""] = name.split("/");
  // A suite for one protocol does not repeat it in the names of its cases.
  const [protocol = ""] = /gRPC-Web|gRPC|Connect/.exec(suite) ?? [];
  const [, named = ""] = /\/Protocol:PROTOCOL_(\w+)/.exec(name) ?? [];
  const certificates = suite === "TLS Client Certs";
  return {
    http: name.includes("/HTTPVersion:1/") ? "HTTP/1.1" : "HTTP/2",
    protocol: protocolNames[named] ?? protocol,
    tls: certificates
      ? "yes, client certificates"
      : name.includes("/TLS:true/")
        ? "yes"
        : "no",
    peer: name.includes("/(grpc ") ? "grpc-go" : "reference",
  };
}

function failures(text: string, pattern: RegExp): Failure[] {
  return Array.from(text.matchAll(pattern), ([, name = "", reason = ""]) => ({
    name,
    reason: reason.replaceAll("\t", "").trim(),
  }));
}

function names(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ([, name = ""]) => name);
}

function count(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
}
