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

/** Each method, its server side next to its client side. */
export function MethodTable({ methods, chosen }: MethodTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
    <section className="scroll" tabIndex={0} aria-label="Methods">
      <table className="list dense sides">
        <thead>
          <tr>
            <th rowSpan={2}>Method</th>
            <th colSpan={6} scope="colgroup" className="group">
              Server side: what was done
            </th>
            <th colSpan={6} scope="colgroup" className="group">
              Client side: what the caller felt
            </th>
          </tr>
          <tr>
            {["server", "client"].flatMap((side) =>
              columns.map((column, index) => (
                <th
                  key={`${side} ${column}`}
                  className={index === 0 ? "num group" : "num"}
                >
                  {column}
                </th>
              )),
            )}
          </tr>
        </thead>
        <tbody>
          {methods.map((method) => (
            <tr
              key={method.name}
              aria-current={method.name === chosen || undefined}
            >
              <td className="method">
                <MethodName name={method.name} />
                <div className="dim small">
                  {method.type.replace("_", " ")},{" "}
                  {formatCount((method.server ?? method.client)?.total ?? 0)}{" "}
                  since start
                </div>
              </td>
              <SideCells method={method} end="Server" />
              <SideCells method={method} end="Client" />
            </tr>
          ))}
        </tbody>
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
  if (side === undefined) {
    return (
      <td colSpan={6} className="dim group" data-label={end}>
        not seen from here
      </td>
    );
  }
  return (
    <>
      <td className="num group" data-label={`${end}: calls/s`}>
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
