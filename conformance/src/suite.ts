import { fileURLToPath } from "node:url";

/** One run of the official suite: what is tested and with what. */
export interface Suite {
  name: string;
  /** What `--only` chooses by. */
  group: "server" | "client" | "metrics" | "lane-off";
  mode: "server" | "client";
  /** A sentence for people. */
  what: string;
  /** The features, a file of this folder. */
  config: string;
  /** The cases that fail, each with its cause, a file of this folder. */
  knownFailing: string;
  /** The cases that fail at times, likewise. By default, there are none. */
  knownFlaky?: string;
  /** Patterns of the cases that are run. By default, all are. */
  only?: string[];
  /** Patterns of cases that are not run. By default, there are none. */
  skip?: string[];
  /** The program under test, with its arguments. */
  program: string[];
  /** Whether the program counts its calls. By default, it does not. */
  metrics?: boolean;
}

/** The absolute path of a file of this folder. */
export function pathOf(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url));
}

/** connect-node's own adapter: what a failure of our server is compared with. */
export const stockServer: Suite = {
  name: "server, stock adapter",
  group: "metrics",
  mode: "server",
  what: "connect-node's own adapter, in cleartext, without the receive limit: a message over it leaves its caller waiting there.",
  config: "server-cleartext.yaml",
  knownFailing: "known-failing-server.txt",
  // See finishRequests.
  skip: ["Server Message Size/**"],
  program: ["dist/server.js", "--adapter", "stock-node"],
};

/** Our server in cleartext, the part that is quick enough for every test run. */
export const cleartextServer: Suite = {
  name: "server, cleartext",
  group: "server",
  mode: "server",
  what: "Fastify with `fastify-one-port`, `connectrpc-fastlane` and `connectrpc-prometheus`, all of it on one port, in cleartext.",
  config: "server-cleartext.yaml",
  knownFailing: "known-failing-server.txt",
  program: ["dist/server.js"],
  metrics: true,
};

/** All runs, in the order of the report. */
export const suites: Suite[] = [
  {
    ...cleartextServer,
    name: "server",
    what: "Fastify with `fastify-one-port`, `connectrpc-fastlane` and `connectrpc-prometheus`, all of it on one port, with a receive limit.",
    config: "server.yaml",
  },
  {
    ...cleartextServer,
    name: "server, lane off",
    group: "lane-off",
    what: "The same without `connectrpc-fastlane`.",
    config: "server.yaml",
    program: ["dist/server.js", "--adapter", "one-port"],
  },
  {
    name: "client",
    group: "client",
    mode: "client",
    what: "The transports of `connectrpc-fastlane` (gRPC-Web: connect-node's) as our services use them: one kept-alive HTTP/2 session for all calls to an address, limits, metrics, and the codes mended of responses that break the protocol and of calls reset at their deadline.",
    config: "client.yaml",
    knownFailing: "known-failing-client.txt",
    program: ["dist/client.js"],
  },
  {
    name: "client, lane off",
    group: "lane-off",
    mode: "client",
    what: "The same with connect-node's transports.",
    config: "client.yaml",
    knownFailing: "known-failing-client.txt",
    program: ["dist/client.js", "--transport", "service"],
  },
  {
    name: "client, stock",
    group: "client",
    mode: "client",
    what: "connect-node's transports as it makes them, each call on a connection of its own: what a failure is compared with.",
    config: "client.yaml",
    knownFailing: "known-failing-client-stock.txt",
    knownFlaky: "known-flaky-client-stock.txt",
    program: ["dist/client.js", "--transport", "stock"],
  },
  stockServer,
  {
    ...stockServer,
    name: "server, stock adapter, metrics",
    what: "The same with the interceptor of `connectrpc-prometheus` and `observeHandlers`.",
    metrics: true,
  },
];
