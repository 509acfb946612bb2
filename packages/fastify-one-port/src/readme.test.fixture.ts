import { fastify } from "fastify";
import { createOnePort } from "fastify-one-port";

const onePort = createOnePort({ shutdownGraceMs: 5_000 });
const app = fastify({ logger: true, serverFactory: onePort.serverFactory });

app.get("/", async (request) => ({ version: request.raw.httpVersion }));

const host = "127.0.0.1";
await app.listen({ port: Number(process.env.PORT ?? 8080), host });
// One more port for the same app, for clients that know it by that address.
app.log.info(
  await onePort.listen({ port: Number(process.env.GRPC_PORT ?? 50051), host }),
);
process.once("SIGTERM", () => app.close());
