import {
  create,
  createFileRegistry,
  type DescFile,
  type DescService,
  fromJson,
  type JsonObject,
  type Message,
} from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_descriptor,
  file_google_protobuf_timestamp,
} from "@bufbuild/protobuf/wkt";
import type { ConnectRouter } from "@connectrpc/connect";

/** A proto2 message with extension ranges, and all that can be inside one. */
const base: JsonObject = {
  name: "sample/base.proto",
  package: "sample",
  syntax: "proto2",
  messageType: [
    {
      name: "Base",
      field: [
        field("name", 1, "TYPE_STRING"),
        { ...field("text", 2, "TYPE_STRING"), oneofIndex: 0 },
        {
          ...field("counts", 3, "TYPE_MESSAGE", ".sample.Base.CountsEntry"),
          label: "LABEL_REPEATED",
        },
      ],
      oneofDecl: [{ name: "choice" }],
      nestedType: [
        {
          name: "CountsEntry",
          field: [
            field("key", 1, "TYPE_STRING"),
            field("value", 2, "TYPE_INT32"),
          ],
          options: { mapEntry: true },
        },
        {
          name: "Inner",
          enumType: [
            { name: "Depth", value: [{ name: "DEPTH_ONE", number: 1 }] },
          ],
        },
      ],
      extensionRange: [{ start: 100, end: 200 }],
    },
  ],
  enumType: [{ name: "Kind", value: [{ name: "KIND_NONE", number: 0 }] }],
};

/** Two files that import the base, of which the first passes it on. */
const left: JsonObject = {
  name: "sample/left.proto",
  package: "sample",
  syntax: "proto3",
  dependency: ["sample/base.proto"],
  publicDependency: [0],
  messageType: [{ name: "Left" }],
};
const right: JsonObject = {
  name: "sample/right.proto",
  package: "sample",
  syntax: "proto3",
  dependency: ["sample/base.proto", "google/protobuf/timestamp.proto"],
  messageType: [
    {
      name: "Right",
      field: [field("at", 1, "TYPE_MESSAGE", ".google.protobuf.Timestamp")],
    },
  ],
};

/** Services whose imports form a diamond. */
const echo: JsonObject = {
  name: "sample/echo.proto",
  package: "sample",
  syntax: "proto3",
  dependency: ["sample/left.proto", "sample/right.proto"],
  service: [
    {
      name: "EchoService",
      method: [
        { name: "Echo", inputType: ".sample.Base", outputType: ".sample.Base" },
        {
          name: "Repeat",
          inputType: ".sample.Right",
          outputType: ".sample.Right",
          serverStreaming: true,
        },
      ],
    },
  ],
};

/** Extensions of the base and of an option, which no service leads to. */
const extension: JsonObject = {
  name: "sample/extension.proto",
  package: "sample",
  syntax: "proto2",
  dependency: ["sample/base.proto", "google/protobuf/descriptor.proto"],
  messageType: [
    {
      name: "Holder",
      extension: [
        { ...field("priority", 120, "TYPE_INT32"), extendee: ".sample.Base" },
      ],
    },
  ],
  extension: [
    { ...field("note", 110, "TYPE_STRING"), extendee: ".sample.Base" },
    {
      ...field("audience", 50_001, "TYPE_STRING"),
      extendee: ".google.protobuf.MethodOptions",
    },
  ],
};

/** A file without a package. */
const root: JsonObject = {
  name: "root.proto",
  syntax: "proto3",
  messageType: [{ name: "Root" }],
  service: [
    {
      name: "RootService",
      method: [{ name: "Get", inputType: ".Root", outputType: ".Root" }],
    },
  ],
};

/** All sample files, as a program gets them that loads a descriptor set. */
export const samples = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [
      file_google_protobuf_timestamp.proto,
      file_google_protobuf_descriptor.proto,
      ...[base, left, right, echo, extension, root].map((json) =>
        fromJson(FileDescriptorProtoSchema, json),
      ),
    ],
  }),
);

export function sampleFile(name: string): DescFile {
  const file = samples.getFile(name);
  if (file === undefined) {
    throw new Error(`no sample file ${name}`);
  }
  return file;
}

export function sampleService(typeName: string): DescService {
  const service = samples.getService(typeName);
  if (service === undefined) {
    throw new Error(`no sample service ${typeName}`);
  }
  return service;
}

/** Registers the sample services; Echo answers its request. */
export function sampleRoutes(router: ConnectRouter): void {
  router.service(sampleService("RootService"), {});
  router.service(sampleService("sample.EchoService"), {
    // The types of a method that is known at run time only allow no function.
    echo: ((request: Message) => request) as never,
  });
}

function field(name: string, number: number, type: string, typeName?: string) {
  const field = { name, number, type, label: "LABEL_OPTIONAL" };
  return typeName === undefined ? field : { ...field, typeName };
}
