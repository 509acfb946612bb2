import { Link } from "react-router";
import { formatCount, formatRate, formatSeconds } from "../show/format.js";
import { failuresOf, type MethodMeasure } from "./sum-methods.js";

/** What {@link MethodTable} is given. */
export interface MethodTableProps {
  methods: readonly MethodMeasure[];
  /** The name of the one whose plots are shown. */
  chosen: string;
}

const columns = ["Calls/s", "Failed/s", "In flight", "p50", "p95", "p99"];

/** Each method, its server side above its client side. */
export function MethodTable({ methods, chosen }: MethodTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
    <section className="scroll" tabIndex={0} aria-label="Methods">
      <table className="list sides">
        <thead>
          <tr>
            <th>Method</th>
            <th>Side</th>
            {columns.map((column) => (
              <th key={column} className="num">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        {methods.map((method) => (
          <tbody
            key={method.name}
            aria-current={method.name === chosen || undefined}
          >
            <tr>
              <td rowSpan={2} className="method">
                <MethodName name={method.name} />
                <div className="dim small">
                  {method.type.replace("_", " ")},{" "}
                  {formatCount((method.server ?? method.client)?.total ?? 0)}{" "}
                  since start
                </div>
              </td>
              <SideCells method={method} end="Server" />
            </tr>
            <tr>
              <SideCells method={method} end="Client" />
            </tr>
          </tbody>
        ))}
      </table>
    </section>
  );
}

function MethodName({ name }: { name: string }) {
  const [service = "", method = ""] = name.split("/");
  return (
    <Link
      to={`/calls?method=${encodeURIComponent(name)}`}
      className="mono"
      title={name}
    >
      {service.split(".").at(-1)}/{method}
    </Link>
  );
}

interface SideCellsProps {
  method: MethodMeasure;
  end: "Server" | "Client";
}

function SideCells({ method, end }: SideCellsProps) {
  const side = end === "Server" ? method.server : method.client;
  const title = end === "Server" ? "What was done" : "What the caller felt";
  if (side === undefined) {
    return (
      <>
        <td className="side" title={title}>
          {end}
        </td>
        <td colSpan={6} className="dim">
          not seen from here
        </td>
      </>
    );
  }
  return (
    <>
      <td className="side" title={title}>
        {end}
      </td>
      <td className="num" data-label="Calls/s">
        {formatRate(side.rate)}
      </td>
      <td className="num" data-label="Failed/s">
        <FailedRates failures={failuresOf(method, side)} />
      </td>
      <td className="num" data-label="In flight">
        {formatCount(side.inFlight)}
      </td>
      <td className="num" data-label="p50">
        {formatSeconds(side.p50)}
      </td>
      <td className="num" data-label="p95">
        {formatSeconds(side.p95)}
      </td>
      <td className="num" data-label="p99">
        {formatSeconds(side.p99)}
      </td>
    </>
  );
}

function FailedRates(props: { failures: ReturnType<typeof failuresOf> }) {
  const { failures } = props;
  return failures.length === 0 ? (
    <span className="dim">0</span>
  ) : (
    failures.map(([code, rate]) => (
      <div key={code} className="bad-text">
        {code} {formatRate(rate)}
      </div>
    ))
  );
}
