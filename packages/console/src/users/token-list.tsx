import { TokenService } from "@both-ends/gen/admin/v1/token_service_pb.js";
import { Button } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { useSession } from "../session/use-session.js";
import { Empty } from "../show/empty.js";
import { Failure } from "../show/failure.js";
import { Loading } from "../show/loading.js";
import { Moment } from "../show/moment.js";
import { Pager } from "../show/pager.js";
import { usePages } from "../show/use-pages.js";
import { useRead } from "../show/use-read.js";
import { AddToken } from "./add-token.js";
import { RevokeToken } from "./revoke-token.js";
import { roleNames } from "./role-names.js";

/** The API tokens of all users. */
export function TokenList() {
  const { isOperator } = useSession();
  const [adds, setAdds] = useState(false);
  const pages = usePages("");
  const list = useRead(
    TokenService.method.listTokens,
    { pageToken: pages.token },
    { placeholderData: keepPreviousData },
  );
  const refetch = () => void list.refetch();
  const tokens = list.data?.tokens ?? [];
  return (
    <section className="card flush" aria-label="API tokens">
      <div className="card-head row spread">
        <div>
          <h2>API tokens</h2>
          <p className="what">
            With one, a program does what its owner may: for example by grpcurl
            with the header authorization: Bearer …
          </p>
        </div>
        {isOperator && (
          <Button onClick={() => setAdds(true)}>Make a token …</Button>
        )}
      </div>
      {adds && <AddToken onAdded={refetch} onClose={() => setAdds(false)} />}
      {list.isError && (
        <Failure
          error={list.error}
          what="The tokens could not be read"
          onRetry={refetch}
        />
      )}
      {list.isPending && <Loading what="the tokens" />}
      {list.isSuccess && tokens.length === 0 && <Empty title="No tokens" />}
      {tokens.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
        <section className="scroll" tabIndex={0} aria-label="List of tokens">
          <table className="list stacks">
            <thead>
              <tr>
                <th>For</th>
                <th>Acts for</th>
                <th>Role</th>
                <th>Last used</th>
                <th>Ends</th>
                {isOperator && <th>Change</th>}
              </tr>
            </thead>
            <tbody>
              {tokens.map((token) => (
                <tr key={token.id}>
                  <td>{token.name}</td>
                  <td data-label="Acts for">{token.username}</td>
                  <td data-label="Role">{roleNames[token.role]}</td>
                  <td data-label="Last used">
                    <Moment at={token.lastUsedAt} relative />
                  </td>
                  <td data-label="Ends">
                    <Moment at={token.expiresAt} relative />
                  </td>
                  {isOperator && (
                    <td data-label="Change">
                      <RevokeToken token={token} onRevoked={refetch} />
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <Pager {...pages.pager(list.data?.nextPageToken)} />
    </section>
  );
}
