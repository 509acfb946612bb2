import { useSearchParams } from "react-router";

/** A filter in the address of the page, so that it can be sent to others. */
export function useFilter(name: string): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams();
  return [
    params.get(name) ?? "",
    (value) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          if (value === "") {
            after.delete(name);
          } else {
            after.set(name, value);
          }
          return after;
        },
        { replace: true },
      ),
  ];
}
