/** Tells what belongs to a gRPC message from the rest of its frame. */
const prefixBytes = 5;

/** Writes a gRPC frame whose message has texts as its fields, by number. */
export function textFrame(texts: Readonly<Record<number, string>>): Buffer {
  const fields = Object.entries(texts).map(([field, text]) =>
    lengthDelimited(Number(field), Buffer.from(text)),
  );
  return frame(Buffer.concat(fields));
}

/** Writes a WhatTimeIsResponse: a timestamp and a text. */
export function timeFrame(now: Date): Buffer {
  const ms = now.getTime();
  const timestamp = Buffer.concat([
    Buffer.of(0x08),
    varint(Math.floor(ms / 1_000)),
    Buffer.of(0x10),
    varint((ms % 1_000) * 1_000_000),
  ]);
  return frame(
    Buffer.concat([
      lengthDelimited(1, timestamp),
      lengthDelimited(2, Buffer.from(now.toISOString())),
    ]),
  );
}

/** Reads one length-delimited field of the message in a frame; empty if absent. */
export function readText(data: Buffer, field: number): string {
  let at = prefixBytes;
  while (at < data.length) {
    const tag = Number(data[at]);
    const [length, from] = readVarint(data, at + 1);
    const isLengthDelimited = (tag & 7) === 2;
    if (tag === ((field << 3) | 2)) {
      return data.toString("utf8", from, from + length);
    }
    at = isLengthDelimited ? from + length : from;
  }
  return "";
}

function frame(message: Buffer): Buffer {
  const data = Buffer.allocUnsafe(prefixBytes + message.length);
  data[0] = 0;
  data.writeUInt32BE(message.length, 1);
  message.copy(data, prefixBytes);
  return data;
}

function lengthDelimited(field: number, bytes: Buffer): Buffer {
  const tag = Buffer.of((field << 3) | 2);
  return Buffer.concat([tag, varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

function readVarint(data: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  let factor = 1;
  let next = at;
  for (;;) {
    const byte = data[next] ?? 0;
    next += 1;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) {
      return [value, next];
    }
    factor *= 0x80;
  }
}
