import { Code, ConnectError } from "@connectrpc/connect";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Brand } from "../layout/brand.js";
import { sessionKey } from "../transport.js";
import { authClient } from "./use-session.js";

/** What {@link LoginPage} is given. */
export interface LoginPageProps {
  /** Whether a session has just ended, to say so. */
  hasEnded: boolean;
  onLogin(): void;
}

/** Asks for a name and a password. */
export function LoginPage({ hasEnded, onLogin }: LoginPageProps) {
  const queries = useQueryClient();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: () => authClient.login({ username, password }),
    onSuccess: async () => {
      onLogin();
      await queries.invalidateQueries({ queryKey: sessionKey });
    },
  });
  return (
    <main className="login">
      <form
        className="card stack"
        onSubmit={(event) => {
          event.preventDefault();
          login.mutate();
        }}
      >
        <div>
          <h1 className="brand">
            <Brand /> Console
          </h1>
          <p className="what">See every call from both ends.</p>
        </div>
        {hasEnded && !login.isError && (
          <output className="note warn">
            Your session has ended. Log in to go on where you were.
          </output>
        )}
        {login.isError && (
          <div className="note bad" role="alert">
            {explainLogin(login.error)}
          </div>
        )}
        <TextInput
          label="User name"
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          data-autofocus
        />
        <PasswordInput
          label="Password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          required
          withAsterisk={false}
        />
        <Button type="submit" loading={login.isPending}>
          Log in
        </Button>
        <p className="what">
          The first user is “admin”. Its password is in the output of edge’s
          first start, or was in ADMIN_PASSWORD then.
        </p>
      </form>
    </main>
  );
}

function explainLogin(error: unknown): string {
  const { code, rawMessage, metadata } = ConnectError.from(error);
  switch (code) {
    case Code.Unauthenticated:
      return "This name and this password do not belong together.";
    case Code.ResourceExhausted: {
      const seconds = metadata.get("retry-after");
      return `Too many wrong passwords. Try again ${seconds === null ? "later" : `in ${seconds} s`}.`;
    }
    case Code.Unavailable:
      return "The database is away, so nobody can log in now. Try again soon.";
    default:
      return rawMessage;
  }
}
