import type {
  DescMethod,
  DescMethodServerStreaming,
  DescMethodUnary,
} from "@bufbuild/protobuf";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { baseUrl } from "../base-url.js";
import { CopyLine } from "../show/copy-line.js";
import { CallResultView } from "./call-result.js";
import { FaultButtons } from "./fault-buttons.js";
import { type CallResult, type Protocol, performCall } from "./perform-call.js";
import {
  firstDraft,
  jsonOf,
  messageOf,
  type RequestDraft,
} from "./request-draft.js";
import { RequestField } from "./request-field.js";
import { shellLines } from "./shell-lines.js";

const protocols: { value: Protocol; label: string }[] = [
  { value: "connect-json", label: "Connect, JSON" },
  { value: "connect", label: "Connect, Protobuf" },
  { value: "grpc-web", label: "gRPC-Web" },
];

/** A form for the request of a method, and what the call gave. */
export function MethodForm({ method }: { method: DescMethod }) {
  const [draft, setDraft] = useState(() => firstDraft(method.input));
  const [protocol, setProtocol] = useState<Protocol>("connect-json");
  const [timeout, setTimeout] = useState("");
  const [problem, setProblem] = useState("");
  const [result, setResult] = useState<CallResult>();
  const call = useRef<AbortController>(null);
  useEffect(() => () => call.current?.abort(), []);
  const isRunning = result !== undefined && result.code === undefined;
  const isCallable = isCallableHere(method);

  const send = (sent: RequestDraft) => {
    if (!isCallableHere(method)) {
      return;
    }
    try {
      const message = messageOf(method.input, sent);
      setProblem("");
      call.current?.abort();
      const current = new AbortController();
      call.current = current;
      const timeoutMs = Number(timeout) > 0 ? Number(timeout) : undefined;
      void performCall({
        method,
        message,
        protocol,
        timeoutMs,
        signal: current.signal,
        onProgress: (progress) => {
          if (call.current === current) {
            setResult(progress);
          }
        },
      });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };

  return (
    <div className="pair">
      <form
        className="card stack"
        aria-label="Request"
        onSubmit={(event) => {
          event.preventDefault();
          send(draft);
        }}
      >
        <h2>Request</h2>
        {method.input.fields.length === 0 && (
          <p className="dim">It has no fields.</p>
        )}
        {method.input.fields.map((field) => (
          <RequestField
            key={field.number}
            field={field}
            value={draft[field.jsonName] ?? ""}
            onChange={(value) =>
              setDraft((before) => ({ ...before, [field.jsonName]: value }))
            }
          />
        ))}
        {isCallable && (
          <>
            <div className="filters">
              <NativeSelect
                label="Protocol"
                data={protocols}
                value={protocol}
                onChange={(event) =>
                  setProtocol(
                    protocols.find((p) => p.value === event.currentTarget.value)
                      ?.value ?? "connect-json",
                  )
                }
              />
              <TextInput
                label="Deadline in ms"
                inputMode="numeric"
                placeholder="none"
                value={timeout}
                onChange={(event) => setTimeout(event.currentTarget.value)}
              />
            </div>
            {problem && (
              <div className="note bad" role="alert">
                {problem}
              </div>
            )}
            <div className="row">
              <Button type="submit">Call</Button>
              {isRunning && (
                <Button variant="default" onClick={() => call.current?.abort()}>
                  Cancel
                </Button>
              )}
            </div>
            <FaultButtons
              method={method}
              onFault={(name) => {
                const faulty = { ...draft, name };
                setDraft(faulty);
                send(faulty);
              }}
            />
          </>
        )}
      </form>
      <div className="stack">
        {isCallable ? (
          <CallResultView result={result} />
        ) : (
          <div className="note warn">
            <strong>A browser cannot call this method</strong>
            It streams from the client, which browsers do not do. Call it from a
            shell.
          </div>
        )}
        <ShellCard method={method} draft={draft} />
      </div>
    </div>
  );
}

function ShellCard({
  method,
  draft,
}: {
  method: DescMethod;
  draft: RequestDraft;
}) {
  const lines = shellLines(method, baseUrl, printed(method, draft));
  return (
    <section className="card stack" aria-label="From a shell">
      <h2>The same call from a shell</h2>
      <CopyLine label="grpcurl" text={lines.grpcurl} />
      <CopyLine label="buf curl" text={lines.bufCurl} />
    </section>
  );
}

/** Browsers do not stream requests. */
function isCallableHere(
  method: DescMethod,
): method is DescMethodUnary | DescMethodServerStreaming {
  return (
    method.methodKind === "unary" || method.methodKind === "server_streaming"
  );
}

/** What is typed may not be JSON yet. */
function printed(method: DescMethod, draft: RequestDraft): string {
  try {
    return JSON.stringify(jsonOf(method.input, draft));
  } catch {
    return "{}";
  }
}
