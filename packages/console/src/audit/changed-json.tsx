/** What {@link ChangedJson} is given. */
export interface ChangedJsonProps {
  /** JSON; empty if it was not there. */
  before: string;
  /** JSON; empty if it is gone. */
  after: string;
}

/** What differs between two JSON objects, field by field. */
export function ChangedJson({ before, after }: ChangedJsonProps) {
  const changes = differences(before, after);
  if (changes.length === 0) {
    return <span className="dim">–</span>;
  }
  return (
    <ul style={{ margin: 0, paddingLeft: 18 }}>
      {changes.map(({ field, was, is }) => (
        <li key={field} className="mono">
          {field}: {was !== undefined && <del>{was}</del>}
          {was !== undefined && is !== undefined && " → "}
          {is !== undefined && <ins>{is}</ins>}
        </li>
      ))}
    </ul>
  );
}

interface Difference {
  field: string;
  was: string | undefined;
  is: string | undefined;
}

function differences(before: string, after: string): Difference[] {
  const old = flatten(before);
  const now = flatten(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((field) => ({ field, was: old.get(field), is: now.get(field) }))
    .filter(({ was, is }) => was !== is);
}

function flatten(json: string): Map<string, string> {
  const fields = new Map<string, string>();
  const walk = (path: string, value: unknown) => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) {
        walk(path === "" ? key : `${path}.${key}`, inner);
      }
    } else {
      fields.set(
        path || "value",
        typeof value === "string" ? value : JSON.stringify(value),
      );
    }
  };
  if (json !== "") {
    try {
      walk("", JSON.parse(json));
    } catch {
      fields.set("value", json);
    }
  }
  return fields;
}
