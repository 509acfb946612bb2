import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { needs, run, waitFor } from "@both-ends/testing";
import { fetchJson } from "./fetch-json.js";
import { root, type System, startSystem } from "./use-system.js";

const buf = `${root}node_modules/.bin/buf`;

/** Runs a program that has to succeed, and reads the JSON it prints. */
async function readJson(command: string, args: string[]) {
  const { code, stdout, stderr } = await run(command, args);
  assert.equal(code, 0, `${command} ${args.join(" ")}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

suite("the running system", needsDatabase(), () => {
  let system: System;
  before(
    async () => {
      system = await startSystem();
    },
    { timeout: 300_000 },
  );
  after(() => system.stop());

  const rodrigo = (answer: { time?: string }) => {
    const { time, ...rest } = answer;
    assert.ok(Math.abs(Date.now() - Date.parse(String(time))) < 10_000, time);
    return rest;
  };

  test(
    "answers /proxy to curl over HTTP/1.1 and HTTP/2",
    needs("curl"),
    async () => {
      const url = `http://${system.services.edge.web}/proxy/Rodrigo`;
      for (const args of [
        ["--http1.1", `${url}/`],
        ["--http2-prior-knowledge", `${url}/`],
        ["--http1.1", url],
      ]) {
        const answer = await readJson("curl", [
          "-sS",
          "--max-time",
          "10",
          ...args,
        ]);
        assert.deepEqual(Object.keys(answer), [
          "name",
          "reversed_name",
          "time",
        ]);
        assert.deepEqual(rodrigo(answer), {
          name: "Rodrigo",
          reversed_name: "ogirdoR",
        });
      }
    },
  );

  test("answers Proxy to grpcurl on both ports", needs("grpcurl"), async () => {
    for (const address of [
      system.services.edge.web,
      system.services.edge.grpc,
    ]) {
      const answer = await readJson("grpcurl", [
        ...["-plaintext", "-max-time", "10"],
        ...["-d", '{"name":"Rodrigo"}', address, "edge.v1.EdgeService/Proxy"],
      ]);
      assert.deepEqual(rodrigo(answer), {
        name: "Rodrigo",
        reversedName: "ogirdoR",
      });
    }
  });

  test("answers streams of requests to grpcurl", needs("grpcurl"), async () => {
    const { edge, "revert-name": revertName } = system.services;
    const names = await run("grpcurl", [
      ...["-plaintext", "-max-time", "10"],
      ...["-d", '{"name":"Rodrigo"}{"name":"Pamela"}', revertName.grpc],
      "revertname.v1.RevertNameService/RevertNames",
    ]);
    assert.deepEqual(
      [...names.stdout.matchAll(/"reversedName": "(\w+)"/g)].map(
        ([, name]) => name,
      ),
      ["ogirdoR", "alemaP"],
    );
    const summary = await readJson("grpcurl", [
      ...["-plaintext", "-max-time", "10"],
      "-d",
      '{"beat":{"serviceName":"a"}}{"beat":{"serviceName":"Not OK"}}',
      ...[edge.grpc, "heartbeat.v1.HeartbeatService/BeatHearts"],
    ]);
    assert.equal(summary.accepted, "1");
    assert.equal(summary.rejectedCount, "1");
    assert.match(summary.rejected[0].reason, /^service_name: /);
  });

  for (const protocol of ["grpc", "grpcweb", "connect"]) {
    for (const schema of ["reflection", "proto files"]) {
      test(`answers Proxy to buf curl by ${protocol}, with ${schema}`, async () => {
        const answer = await readJson(buf, [
          ...["curl", "--protocol", protocol, "--http2-prior-knowledge"],
          ...(schema === "reflection" ? [] : ["--schema", `${root}proto`]),
          ...["-d", '{"name":"Rodrigo"}'],
          `http://${system.services.edge.web}/edge.v1.EdgeService/Proxy`,
        ]);
        assert.deepEqual(rodrigo(answer), {
          name: "Rodrigo",
          reversedName: "ogirdoR",
        });
      });
    }
  }

  test("answers Proxy to a plain GET by curl", needs("curl"), async () => {
    const message = encodeURIComponent('{"name":"Rodrigo"}');
    const answer = await readJson("curl", [
      ...["-sS", "--max-time", "10"],
      `http://${system.services.edge.web}/edge.v1.EdgeService/Proxy?encoding=json&message=${message}`,
    ]);
    assert.equal(answer.reversedName, "ogirdoR");
  });

  test("forbids caches to keep the time", async () => {
    const res = await fetch(
      `http://${system.services.time.web}/time.v1.TimeService/WhatTimeIs?encoding=json&message=%7B%7D`,
    );
    assert.equal(res.status, 200);
    assert.equal(res.headers.get("cache-control"), "no-store");
  });

  test(
    "lists its services to grpcurl on the alias ports",
    needs("grpcurl"),
    async () => {
      const own = {
        time: ["time.v1.TimeService"],
        "revert-name": ["revertname.v1.RevertNameService"],
        edge: ["edge.v1.EdgeService", "heartbeat.v1.HeartbeatService"],
      } as const;
      for (const [name, services] of Object.entries(own)) {
        // The keys of `own` are the services.
        const { grpc } = system.services[name as keyof typeof own];
        const { stdout } = await run("grpcurl", ["-plaintext", grpc, "list"]);
        // What administers it is listed, too.
        const listed = stdout.trim().split("\n");
        assert.deepEqual(
          listed.filter((name) => !name.startsWith("admin.")).sort(),
          [
            ...services,
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
          ].sort(),
        );
        const health = await readJson("grpcurl", [
          ...["-plaintext", "-d", JSON.stringify({ service: services[0] })],
          ...[grpc, "grpc.health.v1.Health/Check"],
        ]);
        assert.deepEqual(health, { status: "SERVING" });
      }
    },
  );

  test("is alive and ready on every port", async () => {
    for (const { web, metrics, workerMetrics } of Object.values(
      system.services,
    )) {
      for (const address of [web, metrics, workerMetrics]) {
        for (const path of ["healthz", "readyz"]) {
          const answer = await fetchJson(`http://${address}/${path}`);
          assert.equal(answer.status, 200);
          assert.deepEqual(answer.body, {
            status: path === "healthz" ? "alive" : "ready",
          });
        }
      }
    }
  });

  test("gives its processes one version", async () => {
    const versions = await Promise.all(
      Object.values(system.services)
        .flatMap(({ metrics, workerMetrics }) => [metrics, workerMetrics])
        .map(async (address) => {
          const text = await (await fetch(`http://${address}/`)).text();
          return /^service_build_info\{(.*)\} 1$/m.exec(text)?.[1];
        }),
    );
    assert.equal(new Set(versions).size, 1);
    assert.match(String(versions[0]), /^version="\d.*",node_version="v\d/);
  });

  test("carries a request id into both calls", async () => {
    const id = `e2e-${process.pid}`;
    const res = await fetch(
      `http://${system.services.edge.web}/proxy/not_found/`,
      {
        headers: { "x-request-id": id },
      },
    );
    assert.equal(res.headers.get("x-request-id"), id);
    await waitFor("the lines of both services", () => {
      const lines = system.logs.filter((line) => line.request_id === id);
      assert.deepEqual(lines.map((line) => line.service).sort(), [
        "edge",
        "revert-name",
      ]);
      return true;
    });
  });

  suite("/proxy", () => {
    const names = {
      flags: "🇧🇷🇵🇹",
      "an emoji family": "a👨‍👩‍👧‍👦",
      "combining accents": "Jose\u0301",
      "right-to-left text": "שלום",
      "slashes and dots": "../a/b/..",
      "percent signs": "100%25",
      "a question mark": "who?",
      "1,024 code points": "😀".repeat(1024),
    };
    for (const [what, name] of Object.entries(names)) {
      test(`takes a name of ${what}`, async () => {
        const url = `http://${system.services.edge.web}/proxy/${encodeURIComponent(name)}/`;
        const { status, body } = await fetchJson(url);
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal(body.name, name);
        const graphemes = [...new Intl.Segmenter().segment(name)];
        const reversed = graphemes.map(({ segment }) => segment).reverse();
        assert.equal(body.reversed_name, reversed.join(""));
      });
    }

    const refused: [
      what: string,
      status: number,
      path: string,
      detail: RegExp,
    ][] = [
      ["an empty name", 400, "/proxy//", /name: .*at least 1 char/],
      [
        "a name that is too long",
        400,
        `/proxy/${"a".repeat(1025)}/`,
        /name: .*at most 1024 char/,
      ],
      [
        "malformed percent-encoding",
        400,
        "/proxy/%E0%A4%A/",
        /not a valid url/,
      ],
      ["an unknown route", 404, "/nowhere", /no route for GET \/nowhere/],
    ];
    for (const [what, status, path, detail] of refused) {
      test(`refuses ${what} with a problem that says so`, async () => {
        const { edge } = system.services;
        const answer = await fetchJson(`http://${edge.web}${path}`);
        assert.equal(answer.status, status);
        assert.match(
          String(answer.headers.get("content-type")),
          /^application\/problem\+json/,
        );
        assert.match(String(answer.body.detail), detail);
        assert.equal(answer.body.status, status);
        assert.deepEqual(Object.keys(answer.body), [
          "type",
          "title",
          "status",
          "detail",
          "code",
        ]);
      });
    }

    test("refuses another method, and says which one it takes", async () => {
      const url = `http://${system.services.edge.web}/proxy/a/`;
      const res = await fetch(url, { method: "POST", body: "x" });
      assert.equal(res.status, 405);
      assert.equal(res.headers.get("allow"), "GET, HEAD");
    });
  });

  test("refuses an RPC over 1 MiB with resource_exhausted", async () => {
    const answer = await fetchJson(
      `http://${system.services["revert-name"].web}/revertname.v1.RevertNameService/RevertName`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "a".repeat(1024 * 1024) }),
      },
    );
    assert.equal(answer.status, 429);
    assert.equal(answer.body.code, "resource_exhausted");
  });

  test("refuses a field out of range, with the violation as a detail", async () => {
    const { code, stderr } = await run(buf, [
      ...["curl", "--protocol", "grpc", "--http2-prior-knowledge"],
      ...["-d", '{"serviceName":"Not OK"}'],
      `http://${system.services.edge.web}/heartbeat.v1.HeartbeatService/BeatHeart`,
    ]);
    assert.notEqual(code, 0);
    const error = JSON.parse(stderr);
    assert.equal(error.code, "invalid_argument");
    assert.match(error.message, /service_name: /);
    assert.equal(error.details[0].type, "buf.validate.Violations");
  });
});
