import type { DescField } from "@bufbuild/protobuf";
import { Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { hintOf, inputOf } from "./request-draft.js";

/** What {@link RequestField} is given. */
export interface RequestFieldProps {
  field: DescField;
  value: string;
  onChange(value: string): void;
}

/** The input of one field of a request. */
export function RequestField({ field, value, onChange }: RequestFieldProps) {
  const label = field.oneof
    ? `${field.name} (one of ${field.oneof.name})`
    : field.name;
  const description = hintOf(field);
  const input = inputOf(field);
  if (input === "bool") {
    return (
      <Checkbox
        label={label}
        checked={value === "true"}
        onChange={(event) =>
          onChange(event.currentTarget.checked ? "true" : "")
        }
      />
    );
  }
  if (field.fieldKind === "enum") {
    return (
      <NativeSelect
        label={label}
        value={value}
        data={[
          { value: "", label: "not set" },
          ...field.enum.values.map(({ name }) => name),
        ]}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  if (input === "json") {
    return (
      <Textarea
        label={label}
        description={description}
        rows={3}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  return (
    <TextInput
      label={label}
      description={description}
      inputMode={input === "number" ? "decimal" : "text"}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
