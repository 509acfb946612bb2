import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Button } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { Badge } from "../show/badge.js";
import { Empty } from "../show/empty.js";
import { formatCount } from "../show/format.js";
import { Moment } from "../show/moment.js";
import type { RecentFailure } from "./recent-failures.js";

/** What {@link FailureList} is given. */
export interface FailureListProps {
  failures: readonly RecentFailure[];
  /** How long the page has looked back, in minutes. */
  minutes: number;
}

/** So many are shown at first. */
const firstRows = 20;

/** Which calls failed lately, and in which code. */
export function FailureList({ failures, minutes }: FailureListProps) {
  const [showsAll, setShowsAll] = useState(false);
  const shown = showsAll ? failures : failures.slice(0, firstRows);
  return (
    <section className="card flush" aria-label="Failing calls">
      <div className="card-head">
        <h2>Failing calls</h2>
        <p className="what">
          Of the last {minutes === 1 ? "minute" : `${minutes} minutes`}, the
          newest first. Not those of health, reflection and the consoles.
        </p>
      </div>
      {failures.length === 0 ? (
        <Empty title="Nothing failed" />
      ) : (
        <div className="scroll">
          <table className="list stacks">
            <thead>
              <tr>
                <th>Method</th>
                <th>Code</th>
                <th className="num">Calls</th>
                <th>Last seen</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ method, code, calls, lastSeen }) => (
                <tr key={`${method} ${code}`}>
                  <td className="mono">
                    <Link to={`/calls?method=${encodeURIComponent(method)}`}>
                      {method}
                    </Link>
                  </td>
                  <td data-label="Code">
                    <Badge tone="bad" label={code} />
                  </td>
                  <td data-label="Calls" className="num">
                    {formatCount(calls)}
                  </td>
                  <td data-label="Last seen">
                    <Moment at={timestampFromMs(lastSeen * 1_000)} relative />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {shown.length < failures.length && (
        <div className="card-head" style={{ paddingBottom: 12 }}>
          <Button variant="default" onClick={() => setShowsAll(true)}>
            Show all {failures.length}
          </Button>
        </div>
      )}
    </section>
  );
}
