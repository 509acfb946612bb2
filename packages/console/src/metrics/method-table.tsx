import { Link } from "react-router";
import { formatCount, formatRate, formatSeconds } from "../show/format.js";
import type { MethodMeasure, SideMeasure } from "./sum-methods.js";

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
      <table className="list dense">
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
          {methods.map(({ name, type, server, client }) => (
            <tr key={name} aria-current={name === chosen || undefined}>
              <td className="method">
                <MethodName name={name} />
                <div className="dim small">
                  {type.replace("_", " ")},{" "}
                  {formatCount((server ?? client)?.total ?? 0)} since start
                </div>
              </td>
              <SideCells side={server} />
              <SideCells side={client} />
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

function SideCells({ side }: { side: SideMeasure | undefined }) {
  if (side === undefined) {
    return (
      <td colSpan={6} className="dim group">
        not seen from here
      </td>
    );
  }
  return (
    <>
      <td className="num group">{formatRate(side.rate)}</td>
      <td className="num">
        <FailedRates side={side} />
      </td>
      <td className="num">{formatCount(side.inFlight)}</td>
      <td className="num">{formatSeconds(side.p50)}</td>
      <td className="num">{formatSeconds(side.p95)}</td>
      <td className="num">{formatSeconds(side.p99)}</td>
    </>
  );
}

function FailedRates({ side }: { side: SideMeasure }) {
  const failed = [...side.codes].filter(([code]) => code !== "OK");
  return failed.length === 0 ? (
    <span className="dim">0</span>
  ) : (
    failed.map(([code, rate]) => (
      <div key={code} className="bad-text">
        {code} {formatRate(rate)}
      </div>
    ))
  );
}
