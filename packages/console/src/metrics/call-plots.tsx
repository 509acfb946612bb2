import { formatRate, formatSeconds } from "../show/format.js";
import { Plot } from "./plot.js";
import type { CallPlots as CallPlotsData } from "./plot-series.js";

/** Rate, failures, latency and calls in flight, from both ends. */
export function CallPlots({ plots }: { plots: CallPlotsData }) {
  return (
    <div className="plots">
      <Plot
        title="Calls per second"
        about="Calls that ended. Good: both ends agree, for calls between processes that are shown here."
        data={plots.rate}
        format={formatRate}
        nothing="No calls yet: try one"
      />
      <Plot
        title="Failures per second, by code"
        about="Calls that ended in another code than OK. Good: nothing here. Who leaves a stream is not counted."
        data={plots.failures}
        format={formatRate}
        nothing="No failures"
      />
      <Plot
        title="Latency, 95th percentile"
        about="19 of 20 unary calls of the slowest method were faster. Good: flat, and the client side close above the server side."
        data={plots.latency}
        format={formatSeconds}
        nothing="No unary calls in the last seconds"
      />
      <Plot
        title="In flight"
        about="Calls that have begun and not ended, open streams too. Good: it does not only grow."
        data={plots.inFlight}
        format={formatRate}
        isWhole
        nothing="No calls yet"
      />
    </div>
  );
}
