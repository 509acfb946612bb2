import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { declarationsOf } from "./declarations.js";
import { sampleFile } from "./sample-fixture.test.js";

suite("declarationsOf()", () => {
  const symbols = (name: string) =>
    [...declarationsOf(sampleFile(name).proto)].map(({ symbol }) => symbol);

  test("names messages, fields, oneofs, enums and values, nested ones too", () => {
    assert.deepEqual(symbols("sample/base.proto"), [
      "sample.Base",
      "sample.Base.name",
      "sample.Base.text",
      "sample.Base.counts",
      "sample.Base.choice",
      "sample.Base.CountsEntry",
      "sample.Base.CountsEntry.key",
      "sample.Base.CountsEntry.value",
      "sample.Base.Inner",
      "sample.Base.Inner.Depth",
      "sample.Base.Inner.DEPTH_ONE",
      "sample.Kind",
      "sample.KIND_NONE",
    ]);
  });

  test("names services and methods", () => {
    assert.deepEqual(symbols("sample/echo.proto"), [
      "sample.EchoService",
      "sample.EchoService.Echo",
      "sample.EchoService.Repeat",
    ]);
  });

  test("names extensions by where they are declared", () => {
    const { proto } = sampleFile("sample/extension.proto");
    assert.deepEqual(
      [...declarationsOf(proto)].map(({ symbol, extension }) => [
        symbol,
        extension?.extendee,
        extension?.number,
      ]),
      [
        ["sample.Holder", undefined, undefined],
        ["sample.Holder.priority", ".sample.Base", 120],
        ["sample.note", ".sample.Base", 110],
        ["sample.audience", ".google.protobuf.MethodOptions", 50_001],
      ],
    );
  });

  test("names what is in no package without a dot", () => {
    assert.deepEqual(symbols("root.proto"), [
      "Root",
      "RootService",
      "RootService.Get",
    ]);
  });
});
