import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import {
  Code,
  type ConnectRouter,
  createClient,
  createRouterTransport,
} from "@connectrpc/connect";
import { ServerReflectionResponseSchema } from "./gen/grpc/reflection/v1/reflection_pb.js";
import {
  ServerReflectionResponseSchema as ServerReflectionResponseV1alphaSchema,
  ServerReflection as ServerReflectionV1alpha,
} from "./gen/grpc/reflection/v1alpha/reflection_pb.js";
import {
  ask,
  brief,
  extension,
  extensionNumbers,
  fileName,
  listServices,
  requests,
  samplesAndReflection,
  symbol,
} from "./reflection-fixture.test.js";
import { createReflectionRoutes } from "./reflection-routes.js";
import { sampleFile, sampleRoutes, samples } from "./sample-fixture.test.js";

suite("createReflectionRoutes()", { timeout: 20_000 }, () => {
  test("lists what was registered before and after it, sorted", async () => {
    const asked = await ask((router) => {
      sampleRoutes(router);
      createReflectionRoutes()(router);
    }, listServices);
    const services = [
      "RootService",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
      "sample.EchoService",
    ];
    assert.deepEqual(asked.map(brief), [services]);
    const reversed = await ask((router) => {
      createReflectionRoutes()(router);
      sampleRoutes(router);
    }, listServices);
    assert.deepEqual(reversed.map(brief), [services]);
  });

  test("lists what is registered after the first request", async () => {
    const routers: ConnectRouter[] = [];
    const transport = createRouterTransport((router) => {
      createReflectionRoutes()(router);
      routers.push(router);
    });
    const before = await ask(transport, symbol("Root"));
    assert.deepEqual(before.map(brief), [
      { error: 5, message: 'symbol "Root" is not known' },
    ]);
    routers.forEach(sampleRoutes);
    const after = await ask(transport, symbol("Root"));
    assert.deepEqual(after.map(brief), [["root.proto"]]);
  });

  test("answers with the file asked for first, and each import once", async () => {
    const asked = await ask(
      samplesAndReflection(),
      symbol("sample.EchoService"),
    );
    assert.deepEqual(asked.map(brief), [
      [
        "sample/echo.proto",
        "sample/left.proto",
        "sample/right.proto",
        "sample/base.proto",
        "google/protobuf/timestamp.proto",
      ],
    ]);
  });

  test("sends a file once on a stream, and again when asked for", async () => {
    const asked = await ask(
      samplesAndReflection(),
      fileName("sample/right.proto"),
      fileName("sample/echo.proto"),
      fileName("sample/base.proto"),
      symbol("sample.Right.at"),
    );
    assert.deepEqual(asked.map(brief), [
      [
        "sample/right.proto",
        "sample/base.proto",
        "google/protobuf/timestamp.proto",
      ],
      ["sample/echo.proto", "sample/left.proto"],
      ["sample/base.proto"],
      ["sample/right.proto"],
    ]);
  });

  test("finds every kind of symbol", async () => {
    for (const [name, file] of Object.entries({
      "sample.EchoService": "sample/echo.proto",
      "sample.EchoService.Repeat": "sample/echo.proto",
      "sample.Base": "sample/base.proto",
      "sample.Base.name": "sample/base.proto",
      "sample.Base.choice": "sample/base.proto",
      "sample.Base.CountsEntry": "sample/base.proto",
      "sample.Base.Inner": "sample/base.proto",
      "sample.Base.Inner.Depth": "sample/base.proto",
      "sample.Base.Inner.DEPTH_ONE": "sample/base.proto",
      "sample.Kind": "sample/base.proto",
      "sample.KIND_NONE": "sample/base.proto",
      "google.protobuf.Timestamp.seconds": "google/protobuf/timestamp.proto",
      "grpc.reflection.v1.ErrorResponse": "grpc/reflection/v1/reflection.proto",
    })) {
      const [answer] = await ask(samplesAndReflection(), symbol(name));
      assert.equal([brief(answer)].flat()[0], file, name);
    }
  });

  test("answers not found for what is unknown, and goes on", async () => {
    const asked = await ask(
      samplesAndReflection(),
      fileName("no.proto"),
      symbol("sample.EchoService.No"),
      extension("sample.Base", 120),
      extensionNumbers("sample.No"),
      extensionNumbers("sample.Base"),
      fileName("root.proto"),
    );
    assert.deepEqual(asked.map(brief), [
      { error: 5, message: 'file "no.proto" is not known' },
      { error: 5, message: 'symbol "sample.EchoService.No" is not known' },
      { error: 5, message: 'extension 120 of "sample.Base" is not known' },
      { error: 5, message: 'message "sample.No" is not known' },
      { of: "sample.Base", numbers: [] },
      ["root.proto"],
    ]);
  });

  test("repeats the host and the request", async () => {
    const [answer] = await ask(samplesAndReflection(), symbol("Root"));
    assert.equal(answer?.validHost, "host.example");
    assert.equal(answer?.originalRequest?.host, "host.example");
    assert.deepEqual(answer?.originalRequest?.messageRequest, symbol("Root"));
  });

  test("ends a stream that asks for nothing with invalid_argument", async () => {
    await assert.rejects(ask(samplesAndReflection(), { case: undefined }), {
      code: Code.InvalidArgument,
      rawMessage: "reflection request asks for nothing",
    });
  });

  test("answers v1alpha as it answers v1", async () => {
    const routes = samplesAndReflection({ descriptors: samples });
    const questions = [
      listServices,
      symbol("sample.EchoService"),
      fileName("sample/base.proto"),
      extension("sample.Base", 120),
      extensionNumbers("sample.Base"),
      symbol("sample.No"),
    ];
    const alpha = createClient(
      ServerReflectionV1alpha,
      createRouterTransport(routes),
    ).serverReflectionInfo(requests(questions), { timeoutMs: 5_000 });
    const asked = await ask(routes, ...questions);
    for await (const answer of alpha) {
      assert.deepEqual(
        toBinary(ServerReflectionResponseV1alphaSchema, answer),
        toBinary(
          ServerReflectionResponseSchema,
          asked.shift() ?? assert.fail("v1alpha answers more"),
        ),
      );
    }
    assert.equal(asked.length, 0);
  });
});

suite("createReflectionRoutes({ services })", { timeout: 20_000 }, () => {
  for (const [how, services] of Object.entries({
    "that are named": ["sample.EchoService", "not.v1.There"],
    "that a function chooses": ({ typeName }: { typeName: string }) =>
      typeName.startsWith("sample."),
  })) {
    test(`shows only services ${how}`, async () => {
      const asked = await ask(
        samplesAndReflection({ services }),
        listServices,
        symbol("sample.EchoService.Echo"),
        symbol("RootService"),
      );
      assert.deepEqual(
        [asked[0], asked[2]].map((answer) => brief(answer)),
        [
          ["sample.EchoService"],
          { error: 5, message: 'symbol "RootService" is not known' },
        ],
      );
      assert.equal(asked[1]?.messageResponse.case, "fileDescriptorResponse");
    });
  }
});

suite("createReflectionRoutes({ descriptors })", { timeout: 20_000 }, () => {
  for (const [how, descriptors] of Object.entries({
    "a registry": samples,
    "a list": [sampleFile("sample/extension.proto")],
    "one descriptor": [
      samples.getExtension("sample.note") ?? assert.fail("no sample.note"),
    ],
  })) {
    test(`finds the extensions in ${how}`, async () => {
      const asked = await ask(
        samplesAndReflection({ descriptors }),
        extensionNumbers("sample.Base"),
        extensionNumbers("google.protobuf.MethodOptions"),
        extension("sample.Base", 110),
        extension("sample.Base", 120),
        symbol("sample.Holder.priority"),
        listServices,
      );
      assert.deepEqual(asked.map(brief), [
        { of: "sample.Base", numbers: [110, 120] },
        { of: "google.protobuf.MethodOptions", numbers: [50_001] },
        [
          "sample/extension.proto",
          "sample/base.proto",
          "google/protobuf/descriptor.proto",
        ],
        ["sample/extension.proto"],
        ["sample/extension.proto"],
        [
          "RootService",
          "grpc.reflection.v1.ServerReflection",
          "grpc.reflection.v1alpha.ServerReflection",
          "sample.EchoService",
        ],
      ]);
    });
  }
});
