import { useNow } from "../show/use-now.js";
import { timelineMs } from "./use-live-heartbeats.js";

const width = 300;

/** The beats of the last ten minutes, newest on the right. */
export function Timeline({ beats }: { beats: readonly number[] }) {
  const now = useNow(1_000);
  const recent = beats.filter((time) => time > now - timelineMs);
  return (
    <svg
      className="timeline"
      viewBox={`0 0 ${width} 28`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${recent.length} beats in the last 10 minutes`}
    >
      <rect className="back" width={width} height="28" rx="3" />
      {recent.map((time) => (
        <rect
          className="beat"
          key={time}
          x={Math.min(
            ((time - now + timelineMs) / timelineMs) * width,
            width - 1.5,
          )}
          y="4"
          width="1.5"
          height="20"
        />
      ))}
    </svg>
  );
}
