import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";

/** What was typed into the form, by the JSON names of the fields. */
export type RequestDraft = Readonly<Record<string, string>>;

/** How a field is typed. */
export type FieldInput = "text" | "number" | "bool" | "enum" | "json";

/** How a field is typed, by its kind. */
export function inputOf(field: DescField): FieldInput {
  switch (field.fieldKind) {
    case "enum":
      return "enum";
    case "scalar":
      return inputOfScalar(field.scalar);
    case "message":
      // These two are strings in JSON: 1.5s and 2026-01-31T12:00:00Z.
      return isTextMessage(field.message) ? "text" : "json";
    default:
      return "json";
  }
}

/** Says what is expected in a field. */
export function hintOf(field: DescField): string | undefined {
  if (field.fieldKind === "message") {
    switch (field.message.typeName) {
      case "google.protobuf.Duration":
        return "A duration in seconds, such as 1.5s";
      case "google.protobuf.Timestamp":
        return "A moment, such as 2026-01-31T12:00:00Z";
    }
  }
  return inputOf(field) === "json" ? "As JSON" : undefined;
}

/** Fields to begin with, so that the first call of a method does something. */
export function firstDraft(message: DescMessage): RequestDraft {
  const draft: Record<string, string> = {};
  for (const { jsonName } of message.fields) {
    if (
      jsonName === "name" &&
      message.typeName.startsWith("admin.") === false
    ) {
      draft.name = "Rodrigo";
    } else if (jsonName === "interval") {
      draft.interval = "1s";
    } else if (jsonName === "serviceName") {
      draft.serviceName = "try-it";
    }
  }
  return draft;
}

/**
 * The draft as JSON, without what is empty.
 *
 * @throws SyntaxError for a field that is JSON and is not.
 */
export function jsonOf(message: DescMessage, draft: RequestDraft): JsonObject {
  const json: JsonObject = {};
  for (const field of message.fields) {
    const text = draft[field.jsonName] ?? "";
    if (text !== "") {
      json[field.jsonName] = jsonValueOf(field, text);
    }
  }
  return json;
}

/**
 * The message that a draft stands for.
 *
 * @throws Error for what does not fit the message.
 */
export function messageOf(message: DescMessage, draft: RequestDraft): Message {
  const json = jsonOf(message, draft);
  return Object.keys(json).length === 0
    ? create(message)
    : fromJson(message, json);
}

function jsonValueOf(field: DescField, text: string): JsonValue {
  switch (inputOf(field)) {
    case "bool":
      return text === "true";
    case "json":
      // What JSON.parse gives is a JSON value.
      return JSON.parse(text) as JsonValue;
    default:
      return text;
  }
}

function inputOfScalar(scalar: ScalarType): FieldInput {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return "text";
    case ScalarType.BOOL:
      return "bool";
    default:
      return "number";
  }
}

function isTextMessage({ typeName }: DescMessage): boolean {
  return (
    typeName === "google.protobuf.Duration" ||
    typeName === "google.protobuf.Timestamp"
  );
}
