import { Anchor, NativeSelect } from "@mantine/core";
import { Link } from "react-router";
import { PageHead } from "../layout/page-head.js";
import { useSession } from "../session/use-session.js";
import { Empty } from "../show/empty.js";
import { useFilter } from "../show/use-filter.js";
import { findMethods, nameOf } from "./find-methods.js";
import { MethodForm } from "./method-form.js";

/** Calls a method of this service from the browser. */
export function TryItPage() {
  const { service, isOperator } = useSession();
  const [wanted, setWanted] = useFilter("method");
  const methods = findMethods({ service, isOperator });
  const method = methods.find((m) => nameOf(m) === wanted) ?? methods[0];
  const groups = [...new Set(methods.map(({ parent }) => parent.typeName))];
  return (
    <div className="stack">
      <PageHead
        title="Try it"
        about={
          <>
            Your browser calls {service} itself, as any client does. The calls
            are counted: see them in{" "}
            <Anchor component={Link} to="/calls" inherit>
              Calls
            </Anchor>
            .
          </>
        }
      />
      {method === undefined ? (
        <Empty title="This service has no methods to call" />
      ) : (
        <>
          <NativeSelect
            label="Method"
            maw={480}
            value={nameOf(method)}
            onChange={(event) => setWanted(event.currentTarget.value)}
            data={groups.map((group) => ({
              group,
              items: methods
                .filter(({ parent }) => parent.typeName === group)
                .map((item) => ({
                  value: nameOf(item),
                  label: `${item.name} (${item.methodKind.replace("_", " ")})`,
                })),
            }))}
          />
          <MethodForm key={nameOf(method)} method={method} />
        </>
      )}
    </div>
  );
}
