import { type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { declarationsOf } from "./declarations.js";

/** Finds files by what they declare. */
export interface DescriptorIndex {
  /** The file of that name, which ends in `.proto`. */
  getFile(name: string): DescFile | undefined;
  /** The file that declares a fully qualified name. */
  getFileOfSymbol(symbol: string): DescFile | undefined;
  /** The file that declares the extension of a message with that number. */
  getFileOfExtension(extendee: string, number: number): DescFile | undefined;
  /** The numbers of all extensions of a message, sorted. */
  getExtensionNumbers(extendee: string): number[];
  /**
   * The files this one imports. If several files have one name, it is always
   * the one that {@link DescriptorIndex.getFile} finds.
   */
  getImports(file: DescFile): DescFile[];
  /** The file as a binary `google.protobuf.FileDescriptorProto`. */
  serialize(file: DescFile): Uint8Array<ArrayBuffer>;
}

/**
 * Indexes files and all they import. If several files have one name, or declare
 * one symbol, the first counts.
 */
export function createDescriptorIndex(
  roots: Iterable<DescFile>,
): DescriptorIndex {
  const files = withImports(roots);
  const symbols = new Map<string, DescFile>();
  const extensions = new Map<string, Map<number, DescFile>>();
  const serialized = new Map<DescFile, Uint8Array<ArrayBuffer>>();

  for (const file of files.values()) {
    for (const { symbol, extension } of declarationsOf(file.proto)) {
      putFirst(symbols, symbol, file);
      if (extension !== undefined) {
        const extendee = extension.extendee.replace(/^\./, "");
        const ofExtendee = putFirst(extensions, extendee, new Map());
        putFirst(ofExtendee, extension.number, file);
      }
    }
  }

  return {
    getFile: (name) => files.get(name),
    getFileOfSymbol: (symbol) => symbols.get(symbol),
    getFileOfExtension: (extendee, number) =>
      extensions.get(extendee)?.get(number),
    getExtensionNumbers: (extendee) =>
      [...(extensions.get(extendee)?.keys() ?? [])].sort((a, b) => a - b),
    getImports: (file) =>
      file.dependencies.map(
        (imported) => files.get(imported.proto.name) ?? imported,
      ),
    serialize: (file) =>
      serialized.get(file) ??
      putFirst(
        serialized,
        file,
        toBinary(FileDescriptorProtoSchema, file.proto),
      ),
  };
}

function withImports(roots: Iterable<DescFile>): Map<string, DescFile> {
  const files = new Map<string, DescFile>();
  for (const root of roots) {
    putFirst(files, root.proto.name, root);
  }
  // A map visits what is added to it on the way.
  for (const file of files.values()) {
    for (const imported of file.dependencies) {
      putFirst(files, imported.proto.name, imported);
    }
  }
  return files;
}

function putFirst<K, V>(map: Map<K, V>, key: K, value: V): V {
  const first = map.get(key) ?? value;
  map.set(key, first);
  return first;
}
