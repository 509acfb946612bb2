import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ConnectionError } from "./connection-error.js";
import { errorCode } from "./frame-format.js";
import { FrameReader, type FrameSink } from "./frame-reader.js";
import { frame } from "./frames-fixture.test.js";

/** Notes what is read. */
function createNotes(): { lines: string[]; sink: FrameSink } {
  const lines: string[] = [];
  const sink: FrameSink = {
    onData(id, endStream, bytes, start, end, frameStart, frameEnd) {
      const body = bytes.toString("latin1", start, end);
      lines.push(`data ${id} ${endStream} ${body} ${frameEnd - frameStart}`);
    },
    onHeaders(id, endStream, block, start, end) {
      lines.push(
        `headers ${id} ${endStream} ${block.toString("hex", start, end)}`,
      );
    },
    onReset: (id, code) => lines.push(`reset ${id} ${code}`),
    onSetting: (setting, value) => lines.push(`set ${setting} ${value}`),
    onSettings: () => lines.push("settings"),
    onSettingsAck: () => lines.push("settings ack"),
    onPing: (ack, bytes, start) =>
      lines.push(`ping ${ack} ${bytes.toString("hex", start, start + 8)}`),
    onGoaway: (lastId, code) => lines.push(`goaway ${lastId} ${code}`),
    onWindowUpdate: (id, increment) => lines.push(`window ${id} ${increment}`),
    onStreamError: (id, code) => lines.push(`error ${id} ${code}`),
  };
  return { lines, sink };
}

/** Frames of all types, and what is to be read of them. */
const session: [Buffer, string[]][] = [
  [
    frame(4, 0, 0, "0004 00000001 0005 00004000"),
    ["set 4 1", "set 5 16384", "settings"],
  ],
  [frame(4, 1, 0), ["settings ack"]],
  [frame(1, 4, 1, "828486"), ["headers 1 false 828486"]],
  [frame(1, 5, 3, "82"), ["headers 3 true 82"]],
  // Padded, with a priority.
  [frame(1, 0x2c, 5, "02 00000001 10 8284 0000"), ["headers 5 false 8284"]],
  [frame(1, 0, 7, "82"), []],
  [frame(9, 0, 7, "84"), []],
  [frame(9, 4, 7, "86"), ["headers 7 false 828486"]],
  [frame(0, 0, 1, "616263"), ["data 1 false abc 12"]],
  [frame(0, 9, 1, "01 61 00"), ["data 1 true a 12"]],
  [frame(0, 1, 5), ["data 5 true  9"]],
  [frame(2, 0, 9, "00000001 10"), []],
  [frame(3, 0, 5, "00000008"), ["reset 5 8"]],
  [frame(6, 0, 0, "0102030405060708"), ["ping false 0102030405060708"]],
  [frame(7, 0, 0, "80000005 00000002 6869"), ["goaway 5 2"]],
  [frame(8, 0, 0, "80000010"), ["window 0 16"]],
  [frame(8, 0, 3, "00000001"), ["window 3 1"]],
  // A type that nobody knows.
  [frame(0xfa, 0xff, 11, "00"), []],
];

suite("FrameReader", () => {
  const bytes = Buffer.concat(session.map(([one]) => one));
  const wanted = session.flatMap(([, lines]) => lines);

  for (const size of [1, 2, 7, 10, 64, bytes.length]) {
    test(`reads frames that come ${size} bytes at a time`, () => {
      const { lines, sink } = createNotes();
      const reader = new FrameReader(sink, 1_000);
      for (let at = 0; at < bytes.length; at += size) {
        reader.read(bytes.subarray(at, at + size));
      }
      assert.deepEqual(lines, wanted);
    });
  }

  test("reads no more once it was stopped, not even in the same chunk", () => {
    const { lines, sink } = createNotes();
    const reader: FrameReader = new FrameReader(
      { ...sink, onSettingsAck: () => reader.stop() },
      1_000,
    );
    reader.read(Buffer.concat([frame(4, 1, 0), frame(8, 0, 0, "00000001")]));
    assert.deepEqual(lines, []);
  });

  const { frameSizeError, protocolError, enhanceYourCalm } = errorCode;
  const wrong: [string, Buffer, number][] = [
    ["DATA on stream 0", frame(0, 0, 0, "61"), protocolError],
    ["HEADERS on stream 0", frame(1, 4, 0, "82"), protocolError],
    ["RST_STREAM on stream 0", frame(3, 0, 0, "00000000"), protocolError],
    ["PRIORITY on stream 0", frame(2, 0, 0, "0000000110"), protocolError],
    ["SETTINGS on a stream", frame(4, 0, 1), protocolError],
    ["PING on a stream", frame(6, 0, 1, "0102030405060708"), protocolError],
    ["GOAWAY on a stream", frame(7, 0, 1, "0000000000000000"), protocolError],
    ["a push", frame(5, 4, 1, "0000000282"), protocolError],
    ["a window that does not grow", frame(8, 0, 0, "00000000"), protocolError],
    ["more padding than payload", frame(0, 8, 1, "0561"), protocolError],
    ["no padding where it says so", frame(0, 8, 1), frameSizeError],
    ["half a priority", frame(1, 0x24, 1, "0000"), frameSizeError],
    ["half a setting", frame(4, 0, 0, "000400"), frameSizeError],
    ["an acknowledgement with settings", frame(4, 1, 0, "00"), frameSizeError],
    ["a short PING", frame(6, 0, 0, "01"), frameSizeError],
    ["a short RST_STREAM", frame(3, 0, 1, "00"), frameSizeError],
    ["a long WINDOW_UPDATE", frame(8, 0, 1, "0000000100"), frameSizeError],
    ["a short GOAWAY", frame(7, 0, 0, "00"), frameSizeError],
    [
      "a frame over 16,384 bytes",
      Buffer.from("004001000000000001", "hex"),
      frameSizeError,
    ],
    [
      "a stream that depends on itself",
      frame(1, 0x24, 1, "00000001 10"),
      protocolError,
    ],
    ["CONTINUATION without HEADERS", frame(9, 4, 1, "82"), protocolError],
    [
      "CONTINUATION of another stream",
      Buffer.concat([frame(1, 0, 1, "82"), frame(9, 4, 3, "82")]),
      protocolError,
    ],
    [
      "DATA inside of a header block",
      Buffer.concat([frame(1, 0, 1, "82"), frame(0, 0, 1, "82")]),
      protocolError,
    ],
    [
      "a block over the limit",
      Buffer.concat([frame(1, 0, 1, "82"), frame(9, 4, 1, "82".repeat(1_000))]),
      enhanceYourCalm,
    ],
    [
      "a block of ever more empty frames",
      Buffer.concat([
        frame(1, 0, 1),
        ...Array.from({ length: 100 }, () => frame(9, 0, 1)),
      ]),
      enhanceYourCalm,
    ],
  ];
  for (const [what, bytes, code] of wrong) {
    test(`refuses ${what}`, () => {
      const { sink } = createNotes();
      assert.throws(
        () => new FrameReader(sink, 1_000).read(bytes),
        (error) => error instanceof ConnectionError && error.code === code,
      );
    });
  }

  test("tells of what is wrong for one stream alone", () => {
    const { lines, sink } = createNotes();
    const reader = new FrameReader(sink, 1_000);
    reader.read(frame(2, 0, 3, "00"));
    reader.read(frame(2, 0, 3, "00000003 10"));
    reader.read(frame(8, 0, 3, "00000000"));
    assert.deepEqual(lines, [
      `error 3 ${frameSizeError}`,
      `error 3 ${protocolError}`,
      `error 3 ${protocolError}`,
    ]);
  });
});
