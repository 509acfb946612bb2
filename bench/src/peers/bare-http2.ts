// The floor: node:http2 and node:http with frames written by hand. No
// framework, no validation, no metrics.
import { createServer as createHttp1Server } from "node:http";
import {
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { announce, env } from "./announce.js";
import { readText, textFrame, timeFrame } from "./frames.js";
import { reverseGraphemes } from "./reverse-graphemes.js";

const responseHeaders = {
  ":status": 200,
  "content-type": "application/grpc+proto",
};
const revertNamePath = "/revertname.v1.RevertNameService/RevertName";
const whatTimeIsPath = "/time.v1.TimeService/WhatTimeIs";

if (env("ROLE") === "edge") {
  await announce(createProxy());
} else {
  const server = createServer();
  server.on("stream", answer);
  await announce(server);
}

function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const path = headers[":path"];
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => {
    const request = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    stream.respond(responseHeaders, { waitForTrailers: true });
    stream.on("wantTrailers", () => {
      stream.sendTrailers({ "grpc-status": "0" });
    });
    stream.end(
      path === whatTimeIsPath
        ? timeFrame(new Date())
        : textFrame({
            1: reverseGraphemes(readText(request ?? Buffer.alloc(0), 1)),
          }),
    );
  });
  stream.on("error", () => {});
}

function createProxy() {
  const revertName = connect(env("REVERT_NAME_URL"));
  const time = connect(env("TIME_URL"));

  function call(
    session: typeof time,
    path: string,
    request: Buffer,
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc+proto",
        te: "trailers",
      });
      let data: Buffer = Buffer.alloc(0);
      let status: unknown;
      stream.on("data", (chunk: Buffer) => {
        data = data.length === 0 ? chunk : Buffer.concat([data, chunk]);
      });
      stream.on("trailers", (trailers) => {
        status = trailers["grpc-status"];
      });
      stream.on("error", reject);
      stream.on("end", () => {
        if (status === "0") {
          resolve(data);
        } else {
          reject(new Error(`${path}: status ${status}`));
        }
      });
      stream.end(request);
    });
  }

  return createHttp1Server((req, res) => {
    const [, , encoded = ""] = (req.url ?? "").split("/");
    const name = decodeURIComponent(encoded);
    Promise.all([
      call(revertName, revertNamePath, textFrame({ 1: name })),
      call(time, whatTimeIsPath, textFrame({})),
    ]).then(
      ([reverted, now]) => {
        res.setHeader("content-type", "application/json; charset=utf-8");
        res.end(
          JSON.stringify({
            name,
            reversed_name: readText(reverted, 1),
            time: readText(now, 2),
          }),
        );
      },
      (error: unknown) => {
        res.statusCode = 502;
        res.end(String(error));
      },
    );
  });
}
