import { Anchor, Switch, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { Link } from "react-router";
import { PageHead } from "../layout/page-head.js";
import { LiveBadge } from "../live/live-badge.js";
import { Empty } from "../show/empty.js";
import { Loading } from "../show/loading.js";
import { useFilter } from "../show/use-filter.js";
import { CallPlots } from "./call-plots.js";
import { MethodTable } from "./method-table.js";
import { plotCalls, summedSnapshot } from "./plot-series.js";
import { type MethodMeasure, worseFailures } from "./sum-methods.js";
import { useMetrics } from "./use-metrics.js";

/** Every method, from both ends. */
export function CallsPage() {
  const [search, setSearch] = useFilter("search");
  const [failing, setFailing] = useFilter("failing");
  const [internal, setInternal] = useFilter("internal");
  const [chosen] = useFilter("method");
  const { snapshots, state } = useMetrics({ includeInternal: internal !== "" });
  const sums = useMemo(() => snapshots.map(summedSnapshot), [snapshots]);
  const plots = useMemo(
    () => plotCalls(sums, ({ name }) => chosen === "" || name === chosen),
    [sums, chosen],
  );
  const all = sums.at(-1)?.methods;
  const methods = all?.filter(
    (method) =>
      method.name.toLowerCase().includes(search.toLowerCase()) &&
      (failing === "" || isFailing(method)),
  );
  return (
    <div className="stack">
      <PageHead
        title="Calls"
        about="Each method as the server did it and as its callers felt it, over the last 10 seconds. A gap between the two ends is the network, or a queue. What failed before is on the overview."
      >
        <LiveBadge state={state} />
      </PageHead>
      <div className="filters">
        <TextInput
          className="grow"
          label="Search methods"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Switch
          label="Only failing"
          checked={failing !== ""}
          onChange={(event) =>
            setFailing(event.currentTarget.checked ? "1" : "")
          }
          mb={8}
        />
        <Switch
          label="Also health, reflection and this API"
          checked={internal !== ""}
          onChange={(event) =>
            setInternal(event.currentTarget.checked ? "1" : "")
          }
          mb={8}
        />
      </div>
      {methods === undefined ? (
        <Loading what="what the processes measured" />
      ) : (
        <div className="card flush">
          {methods.length === 0 ? (
            <Empty title={all?.length === 0 ? "No calls yet" : "No such calls"}>
              {all?.length === 0 && (
                <Anchor component={Link} to="/try">
                  Try one
                </Anchor>
              )}
            </Empty>
          ) : (
            <MethodTable methods={methods} chosen={chosen} />
          )}
        </div>
      )}
      <h2 className="row wrap-any section">
        {chosen === "" ? "All methods together" : <code>{chosen}</code>}
        {chosen !== "" && (
          <Anchor component={Link} to="/calls" size="sm">
            Show all methods
          </Anchor>
        )}
      </h2>
      <CallPlots plots={plots} />
    </div>
  );
}

function isFailing(method: MethodMeasure): boolean {
  return worseFailures(method).length > 0;
}
