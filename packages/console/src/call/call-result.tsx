import { useEffect, useRef } from "react";
import { Badge } from "../show/badge.js";
import { CodeBlock } from "../show/code-block.js";
import { formatSeconds } from "../show/format.js";
import type { CallResult } from "./perform-call.js";

/** What a call gave: code, timing, messages and headers. */
export function CallResultView({ result }: { result: CallResult | undefined }) {
  const place = useRef<HTMLElement>(null);
  // On a narrow screen it lies below the form.
  useEffect(() => {
    if (result?.code !== undefined) {
      place.current?.scrollIntoView({ block: "nearest" });
    }
  }, [result?.code]);
  if (result === undefined) {
    return (
      <section className="card" aria-label="Response">
        <h2>Response</h2>
        <p className="dim">Nothing was called yet.</p>
      </section>
    );
  }
  const { code, reason, messages, received, headers, trailers } = result;
  return (
    <section
      ref={place}
      className="card stack"
      aria-label="Response"
      aria-live="polite"
    >
      <div className="row">
        <h2>Response</h2>
        <Badge
          tone={code === undefined ? "idle" : code === "OK" ? "good" : "bad"}
          label={code ?? "Receiving"}
        />
      </div>
      {reason && <p className="bad-text wrap-any small">{reason}</p>}
      <dl className="facts">
        {result.firstMs !== undefined && (
          <>
            <dt>First message</dt>
            <dd>after {formatSeconds(result.firstMs / 1_000)}</dd>
          </>
        )}
        <dt>{code === undefined ? "Until now" : "In all"}</dt>
        <dd>{formatSeconds(result.totalMs / 1_000)}</dd>
        <dt>Messages</dt>
        <dd>{received}</dd>
      </dl>
      {messages.length > 0 && (
        <CodeBlock label="Messages" text={messages.toReversed().join("\n")} />
      )}
      <HeaderList title="Headers" headers={headers} />
      <HeaderList title="Trailers" headers={trailers} />
    </section>
  );
}

function HeaderList({
  title,
  headers,
}: {
  title: string;
  headers: CallResult["headers"];
}) {
  return headers.length === 0 ? null : (
    <details className="small">
      <summary>
        {title} ({headers.length})
      </summary>
      <dl className="facts mono small">
        {headers.map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
