import type { Plan, ServicePlan } from "./plan.js";
import type { ServiceName } from "./processes.js";

/** What {@link renderWelcome} adds to the addresses. */
export interface WelcomeOptions {
  /** Where the database is, without credentials. */
  database: string;
  /** What is not as it should be, one sentence each. By default, nothing. */
  warnings?: readonly string[];
  /** Lines are kept within this width where possible. By default, 100. */
  columns?: number;
  /** Gives headings their colour. By default, they have none. */
  emphasize?: (text: string) => string;
}

/** Renders rows, the first of them headings, as aligned columns. */
export function renderTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/**
 * Renders what a person needs once all is up: the address of every port and of
 * the console, an example call with each of three tools, and how to end it.
 */
export function renderWelcome(plan: Plan, options: WelcomeOptions): string {
  const { database, warnings = [], columns = 100 } = options;
  const { emphasize = (text) => text } = options;
  const wide = renderTable(addressRows(plan, plan.urlHost));
  const fits = wide.every((line) => line.length + 2 <= columns);
  const table = fits ? wide : renderTable(addressRows(plan, ""));
  const [headings = "", ...rows] = table;
  return [
    "",
    `  ${emphasize(headings)}`,
    ...rows.map((row) => `  ${row}`),
    "",
    `  ${emphasize("console")}   ${consoleUrl(plan)}  (user admin; edge shows the password at its first start)`,
    `  ${emphasize("database")}  ${database}`,
    ...(plan.observers ?? []).map(
      ({ name, url }) => `  ${emphasize(name.padEnd(12))}${url}`,
    ),
    ...warnings.map((warning) => `  ${emphasize("note")}      ${warning}`),
    "",
    `  ${emphasize("Try it")}`,
    ...exampleCalls(plan).map((call) => `    ${call}`),
    "",
    "  Ctrl-C ends it.",
    "",
  ].join("\n");
}

/** Without a host, only the web port is shown with one. */
function addressRows(plan: Plan, host: string): string[][] {
  const headings = [
    "service",
    "everything",
    "gRPC alias",
    "metrics",
    "worker metrics",
  ];
  return [
    headings,
    ...plan.services.map(({ name, ports }) => [
      name,
      `http://${plan.urlHost}:${ports.PORT}`,
      `${host}:${ports.GRPC_PORT}`,
      `${host}:${ports.METRICS_PORT}`,
      `${host}:${ports.WORKER_METRICS_PORT}`,
    ]),
  ];
}

/** The console of edge, which shows all processes. */
function consoleUrl(plan: Plan): string {
  return `http://${addressOf(plan, "edge", "PORT")}/admin`;
}

function addressOf(
  plan: Plan,
  name: ServiceName,
  port: keyof ServicePlan["ports"],
): string {
  const service = plan.services.find((one) => one.name === name);
  return `${plan.urlHost}:${service?.ports[port]}`;
}

function exampleCalls(plan: Plan): string[] {
  return [
    `curl http://${addressOf(plan, "edge", "PORT")}/proxy/Rodrigo/`,
    `grpcurl -plaintext -d '{"name":"Rodrigo"}' ${addressOf(plan, "revert-name", "GRPC_PORT")} revertname.v1.RevertNameService/RevertName`,
    `npx buf curl --http2-prior-knowledge -d '{"timeZone":"America/Sao_Paulo"}' http://${addressOf(plan, "time", "PORT")}/time.v1.TimeService/WhatTimeIs`,
  ];
}
