import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";

/** Something that a file declares under a name of its own. */
export interface Declaration {
  /** The fully qualified name, without a leading dot. */
  readonly symbol: string;
  /** The extension, if it is one. */
  readonly extension?: FieldDescriptorProto;
}

/**
 * Everything with a fully qualified name in a file: messages, fields, oneofs,
 * extensions, enums, enum values, services and methods, nested ones too.
 *
 * It reads what the compiler made, for protobuf-es leaves out what it does not
 * need, such as the messages behind map fields.
 */
export function* declarationsOf(
  file: FileDescriptorProto,
): Generator<Declaration> {
  const scope = file.package === "" ? "" : `${file.package}.`;
  yield* inScope(scope, file.messageType, file.enumType, file.extension);
  for (const service of file.service) {
    const symbol = `${scope}${service.name}`;
    yield { symbol };
    for (const method of service.method) {
      yield { symbol: `${symbol}.${method.name}` };
    }
  }
}

function* inScope(
  scope: string,
  messages: readonly DescriptorProto[],
  enums: readonly EnumDescriptorProto[],
  extensions: readonly FieldDescriptorProto[],
): Generator<Declaration> {
  for (const message of messages) {
    const symbol = `${scope}${message.name}`;
    yield { symbol };
    for (const { name } of [...message.field, ...message.oneofDecl]) {
      yield { symbol: `${symbol}.${name}` };
    }
    yield* inScope(
      `${symbol}.`,
      message.nestedType,
      message.enumType,
      message.extension,
    );
  }
  for (const { name, value: values } of enums) {
    yield { symbol: `${scope}${name}` };
    // An enum value is a sibling of its enum, not a member of it:
    // https://protobuf.com/docs/language-spec#enum-value-scoping
    for (const value of values) {
      yield { symbol: `${scope}${value.name}` };
    }
  }
  for (const extension of extensions) {
    yield { symbol: `${scope}${extension.name}`, extension };
  }
}
