import assert from "node:assert/strict";
import { once } from "node:events";
import {
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
} from "node:http2";
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcpServer,
} from "node:net";
import { suite, test } from "node:test";
import { encodeStaticBlock } from "./block-writer.js";
import { HpackDecoder } from "./hpack-decoder.js";
import { HpackEncoder } from "./hpack-encoder.js";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const headersType = 1;
const settingsType = 4;
const endStream = 1;
const endHeaders = 4;

function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array,
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Calls `found` with the header block of each whole HEADERS frame. */
function createBlockReader(found: (block: Buffer, stream: number) => void) {
  let bytes = Buffer.alloc(0);
  return (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 9) {
      const end = 9 + bytes.readUIntBE(0, 3);
      if (bytes.length < end) {
        return;
      }
      if (bytes[3] === headersType) {
        const flags = bytes[4] ?? 0;
        assert.equal(flags & endHeaders, endHeaders);
        const priorityBytes = (flags & 0x20) === 0 ? 0 : 5;
        found(bytes.subarray(9 + priorityBytes, end), bytes.readUInt32BE(5));
      }
      bytes = bytes.subarray(end);
    }
  };
}

const call = (i: number) => ({
  ":method": "POST",
  ":path": `/time.v1.TimeService/${i % 3 === 0 ? "WhatTimeIs" : "WatchTime"}`,
  "content-type": "application/grpc+proto",
  te: "trailers",
  "user-agent": "connect-es/2.2.0",
  "grpc-timeout": `${4_999_000 + i}u`,
  "x-request-id": `${i * 7919}-${"é~".repeat(i % 50)}`,
  [`x-name-${i % 100}`]: "x".repeat(i % 200),
});

suite("HpackDecoder against node:http2", () => {
  for (const headerTableSize of [4096, 0, 256, 65536]) {
    test(`decodes requests with a table of ${headerTableSize} bytes`, async (t) => {
      const decoder = new HpackDecoder(headerTableSize);
      const received: string[][] = [];
      const server = createTcpServer((socket) => {
        const read = createBlockReader((block, stream) => {
          received.push(decoder.decode(block, 0, block.length, 65536));
          const answer = encodeStaticBlock([":status", "204"]);
          const flags = endHeaders | endStream;
          socket.write(frame(headersType, flags, stream, answer));
        });
        const settings = Buffer.alloc(6);
        settings[1] = constants.NGHTTP2_SETTINGS_HEADER_TABLE_SIZE;
        settings.writeUInt32BE(headerTableSize, 2);
        socket.write(frame(settingsType, 0, 0, settings));
        let seen = 0;
        socket.on("data", (chunk) => {
          const skipped = Math.min(preface.length - seen, chunk.length);
          seen += skipped;
          read(chunk.subarray(skipped));
        });
        socket.on("error", () => {});
      });
      server.listen(0, "127.0.0.1");
      t.after(() => server.close());
      await once(server, "listening");
      // A TCP server has an address that is no string.
      const { port } = server.address() as AddressInfo;
      const session = connect(`http://127.0.0.1:${port}`);
      t.after(() => session.destroy());
      for (let i = 0; i < 500; i++) {
        const stream = session.request(call(i), { endStream: true });
        const [response] = await once(stream, "response");
        assert.equal(response[":status"], 204);
        stream.close();
        const fields = received[i] ?? [];
        const want: Record<string, string> = {
          ...call(i),
          ":authority": `127.0.0.1:${port}`,
          ":scheme": "http",
        };
        assert.equal(fields.length, 2 * Object.keys(want).length);
        for (let at = 0; at < fields.length; at += 2) {
          assert.equal(fields[at + 1], want[fields[at] ?? ""]);
        }
      }
    });
  }
});

suite("HpackEncoder against node:http2", () => {
  for (const headerTableSize of [4096, 0, 256, 65536]) {
    test(`is understood with a table of ${headerTableSize} bytes`, async (t) => {
      const received: IncomingHttpHeaders[] = [];
      const server = createServer({ settings: { headerTableSize } });
      server.on("stream", (stream, headers) => {
        received.push(headers);
        stream.respond({ ":status": 204 }, { endStream: true });
      });
      server.listen(0, "127.0.0.1");
      t.after(() => server.close());
      await once(server, "listening");
      // A TCP server has an address that is no string.
      const { port } = server.address() as AddressInfo;
      const socket = connectTcp(port, "127.0.0.1");
      t.after(() => socket.destroy());
      socket.write(preface);
      socket.write(frame(settingsType, 0, 0, Buffer.alloc(0)));
      const encoder = new HpackEncoder(16384);
      const decoder = new HpackDecoder();
      let answered = () => {};
      const read = createBlockReader((block) => {
        const fields = decoder.decode(block, 0, block.length, 65536);
        assert.deepEqual(fields.slice(0, 2), [":status", "204"]);
        answered();
      });
      socket.on("data", read);
      for (let i = 0; i < 500; i++) {
        if (i === 1) {
          // Its settings came before its first answer.
          encoder.setPeerTableSize(headerTableSize);
          socket.write(frame(settingsType, 1, 0, Buffer.alloc(0)));
        }
        const fields = Object.entries({
          ":scheme": "http",
          ":authority": "a.example",
          ...call(i),
        }).sort(([a], [b]) => Number(b[0] === ":") - Number(a[0] === ":"));
        const target = Buffer.alloc(HpackEncoder.bound(fields.flat()));
        const end = encoder.encode(fields.flat(), target, 0);
        const flags = endHeaders | endStream;
        const block = target.subarray(0, end);
        const answer = new Promise<void>((resolve, reject) => {
          answered = resolve;
          socket.once("close", () => reject(new Error("closed")));
        });
        socket.write(frame(headersType, flags, 2 * i + 1, block));
        await answer;
        socket.removeAllListeners("close");
        const got = Object.fromEntries(Object.entries(received[i] ?? {}));
        assert.deepEqual(got, Object.fromEntries(fields));
      }
    });
  }
});
