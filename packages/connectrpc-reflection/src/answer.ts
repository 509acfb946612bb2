import type { DescFile } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import type { DescriptorIndex } from "./descriptor-index.js";

/** What a request of either version of the protocol asks. */
export type Question =
  | { readonly case: "fileByFilename"; readonly value: string }
  | { readonly case: "fileContainingSymbol"; readonly value: string }
  | {
      readonly case: "fileContainingExtension";
      readonly value: {
        readonly containingType: string;
        readonly extensionNumber: number;
      };
    }
  | { readonly case: "allExtensionNumbersOfType"; readonly value: string }
  | { readonly case: "listServices"; readonly value: string };

/** What a response of either version of the protocol answers. */
export type Answer =
  | {
      case: "fileDescriptorResponse";
      value: { fileDescriptorProto: Uint8Array<ArrayBuffer>[] };
    }
  | {
      case: "allExtensionNumbersResponse";
      value: { baseTypeName: string; extensionNumber: number[] };
    }
  | {
      case: "listServicesResponse";
      value: { service: { name: string }[] };
    }
  | {
      case: "errorResponse";
      value: { errorCode: number; errorMessage: string };
    };

/** What there is to answer from. */
export interface Knowledge {
  /** The names of the services to list, sorted. */
  readonly services: readonly string[];
  readonly index: DescriptorIndex;
}

/**
 * Answers one request. `sent` holds the names of the files that were sent on
 * this stream; a file is not sent again, unless it is the one asked for.
 */
export function answer(
  { services, index }: Knowledge,
  question: Question,
  sent: Set<string>,
): Answer {
  switch (question.case) {
    case "fileByFilename": {
      const file = index.getFile(question.value);
      return file === undefined
        ? notFound(`file ${JSON.stringify(question.value)}`)
        : fileAnswer(index, file, sent);
    }
    case "fileContainingSymbol": {
      const file = index.getFileOfSymbol(question.value);
      return file === undefined
        ? notFound(`symbol ${JSON.stringify(question.value)}`)
        : fileAnswer(index, file, sent);
    }
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = question.value;
      const file = index.getFileOfExtension(containingType, extensionNumber);
      return file === undefined
        ? notFound(
            `extension ${extensionNumber} of ${JSON.stringify(containingType)}`,
          )
        : fileAnswer(index, file, sent);
    }
    case "allExtensionNumbersOfType": {
      const extensionNumber = index.getExtensionNumbers(question.value);
      return extensionNumber.length === 0 &&
        index.getFileOfSymbol(question.value) === undefined
        ? notFound(`message ${JSON.stringify(question.value)}`)
        : {
            case: "allExtensionNumbersResponse",
            value: { baseTypeName: question.value, extensionNumber },
          };
    }
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: services.map((name) => ({ name })) },
      };
  }
}

/** The file first, for clients take the first as the answer; then its imports. */
function fileAnswer(
  index: DescriptorIndex,
  file: DescFile,
  sent: Set<string>,
): Answer {
  const files = new Set([file]);
  // A set visits what is added to it on the way.
  for (const current of files) {
    for (const imported of index.getImports(current)) {
      files.add(imported);
    }
  }
  const unsent = [...files].filter(
    (current) => current === file || !sent.has(current.proto.name),
  );
  for (const current of unsent) {
    sent.add(current.proto.name);
  }
  return {
    case: "fileDescriptorResponse",
    value: { fileDescriptorProto: unsent.map(index.serialize) },
  };
}

function notFound(what: string): Answer {
  return {
    case: "errorResponse",
    value: { errorCode: Code.NotFound, errorMessage: `${what} is not known` },
  };
}
