import { UserService } from "@both-ends/gen/admin/v1/user_service_pb.js";
import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { useSession } from "../session/use-session.js";
import { Empty } from "../show/empty.js";
import { Failure } from "../show/failure.js";
import { Loading } from "../show/loading.js";
import { Moment } from "../show/moment.js";
import { Pager } from "../show/pager.js";
import { useFilter } from "../show/use-filter.js";
import { usePages } from "../show/use-pages.js";
import { useRead } from "../show/use-read.js";
import { AddUser } from "./add-user.js";
import { roleNames } from "./role-names.js";
import { UserActions } from "./user-actions.js";

/** The people who may log in. */
export function UserList() {
  const { isOperator } = useSession();
  const [search, setSearch] = useFilter("search");
  const [typed] = useDebouncedValue(search, 250);
  const [adds, setAdds] = useState(false);
  const pages = usePages(typed);
  const list = useRead(
    UserService.method.listUsers,
    { search: typed, pageToken: pages.token },
    { placeholderData: keepPreviousData },
  );
  const refetch = () => void list.refetch();
  return (
    <section className="card flush" aria-label="People">
      <div className="card-head filters">
        <TextInput
          className="grow"
          label="Search users"
          value={search}
          maxLength={64}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        {isOperator && (
          <Button onClick={() => setAdds(true)}>Add a user …</Button>
        )}
      </div>
      {adds && <AddUser onAdded={refetch} onClose={() => setAdds(false)} />}
      {list.isError && (
        <Failure
          error={list.error}
          what="The users could not be read"
          onRetry={refetch}
        />
      )}
      {list.isPending && <Loading what="the users" />}
      {list.data?.users.length === 0 && <Empty title="No such users" />}
      {list.data && list.data.users.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
        <section className="scroll" tabIndex={0} aria-label="List of users">
          <table className="list stacks">
            <thead>
              <tr>
                <th>Name</th>
                <th>Role</th>
                <th>Last login</th>
                <th>Password set</th>
                <th>Added</th>
                {isOperator && <th>Change</th>}
              </tr>
            </thead>
            <tbody>
              {list.data.users.map((user) => (
                <tr key={user.username}>
                  <td>{user.username}</td>
                  <td data-label="Role">{roleNames[user.role]}</td>
                  <td data-label="Last login">
                    <Moment at={user.lastLoginAt} relative />
                  </td>
                  <td data-label="Password set">
                    <Moment at={user.passwordChangedAt} relative />
                  </td>
                  <td data-label="Added">
                    <Moment at={user.createdAt} />
                  </td>
                  {isOperator && (
                    <td data-label="Change">
                      <UserActions user={user} onChange={refetch} />
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <Pager sortedBy="name" {...pages.pager(list.data?.nextPageToken)} />
    </section>
  );
}
