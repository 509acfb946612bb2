import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type DescFile, fromBinary } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  file_google_protobuf_timestamp,
} from "@bufbuild/protobuf/wkt";
import { createDescriptorIndex } from "./descriptor-index.js";
import { sampleFile } from "./sample-fixture.test.js";

suite("createDescriptorIndex()", () => {
  const index = createDescriptorIndex([
    sampleFile("sample/extension.proto"),
    sampleFile("sample/echo.proto"),
  ]);

  test("finds the files given and all they import", () => {
    for (const name of [
      "sample/echo.proto",
      "sample/left.proto",
      "sample/base.proto",
      "google/protobuf/timestamp.proto",
      "google/protobuf/descriptor.proto",
    ]) {
      assert.equal(index.getFile(name)?.proto.name, name);
    }
    assert.equal(index.getFile("root.proto"), undefined);
    assert.equal(index.getFile("sample/echo"), undefined);
  });

  test("finds files by symbol and by extension", () => {
    const extension = sampleFile("sample/extension.proto");
    const base = sampleFile("sample/base.proto");
    assert.equal(index.getFileOfSymbol("sample.Base.DEPTH_ONE"), undefined);
    assert.equal(index.getFileOfSymbol("sample.Base.Inner.DEPTH_ONE"), base);
    assert.equal(index.getFileOfSymbol("sample.Holder.priority"), extension);
    assert.equal(index.getFileOfExtension("sample.Base", 120), extension);
    assert.equal(index.getFileOfExtension("sample.Base", 121), undefined);
    assert.equal(index.getFileOfExtension("sample.Right", 120), undefined);
  });

  test("sorts the numbers of extensions", () => {
    assert.deepEqual(index.getExtensionNumbers("sample.Base"), [110, 120]);
    assert.deepEqual(index.getExtensionNumbers("sample.Right"), []);
  });

  test("takes the first of several files with one name", () => {
    const timestamp = "google/protobuf/timestamp.proto";
    const index = createDescriptorIndex([
      file_google_protobuf_timestamp,
      sampleFile("sample/right.proto"),
    ]);
    assert.equal(index.getFile(timestamp), file_google_protobuf_timestamp);
    assert.deepEqual(index.getImports(sampleFile("sample/right.proto")), [
      sampleFile("sample/base.proto"),
      file_google_protobuf_timestamp,
    ]);
  });

  test("serializes a file once, and whole", () => {
    const file: DescFile = sampleFile("sample/base.proto");
    const bytes = index.serialize(file);
    assert.deepEqual(fromBinary(FileDescriptorProtoSchema, bytes), file.proto);
    assert.equal(index.serialize(file), bytes);
  });
});
