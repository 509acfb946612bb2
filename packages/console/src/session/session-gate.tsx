import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { Failure } from "../show/failure.js";
import { Loading } from "../show/loading.js";
import { LoginPage } from "./login-page.js";
import { sessionQuery } from "./use-session.js";

/** Shows the pages to whoever is logged in, and the login to everybody else. */
export function SessionGate({ children }: { children: ReactNode }) {
  const { data, error, isPending, refetch } = useQuery(sessionQuery);
  const [wasIn, setWasIn] = useState(false);
  useEffect(() => {
    if (data) {
      setWasIn(true);
      document.title = `${data.service} · Console`;
    }
  }, [data]);
  if (isPending) {
    return <Loading what="the session" />;
  }
  if (data === undefined) {
    return (
      <div className="login">
        <Failure
          error={error}
          what="The service does not answer"
          onRetry={() => void refetch()}
        />
      </div>
    );
  }
  return data === null ? (
    <LoginPage hasEnded={wasIn} onLogin={() => setWasIn(false)} />
  ) : (
    children
  );
}
