import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseRunnerOutput } from "./runner-output.js";

const running = `Computed 3 test case permutation(s) across 2 server configuration(s).
Running 2 tests with reference-server for server config #1 {HTTP_VERSION_1, PROTOCOL_CONNECT, TLS:true (with client certs)}...
Running 3 tests with grpc-reference-server for server config #2 {HTTP_VERSION_2, PROTOCOL_GRPC_WEB, TLS:false}...
Running 4 tests with reference-server for server config #3 {HTTP_VERSION_2, PROTOCOL_GRPC, TLS:true}...
Sending request for "Basic/a"...
Sending request for "Basic/b"...
Received response for "Basic/a"...
`;

suite("parseRunnerOutput()", () => {
  test("knows the cases that hang when the runner is cut", () => {
    const report = parseRunnerOutput(running);
    assert.deepEqual(report.pending, ["Basic/b"]);
    assert.equal(report.cases, 0);
  });

  test("gives each configuration its features and what passed", () => {
    const { configurations, failed, knownFailures } = parseRunnerOutput(
      `${running}FAILED: gRPC Unexpected Responses/HTTPVersion:2/TLS:true/server-stream/x:
	actual error {code: 3}
	and more
INFO: Basic/HTTPVersion:2/Protocol:PROTOCOL_GRPC_WEB/TLS:false/(grpc server impl)/y failed (as expected):
	missing
FAILED: TLS Client Certs/HTTPVersion:1/Protocol:PROTOCOL_CONNECT/z was expected to fail but did not

`,
    );
    assert.deepEqual(configurations, [
      {
        ...{ http: "HTTP/1.1", protocol: "Connect", peer: "reference" },
        ...{ tls: "yes, client certificates", cases: 2, passed: 1 },
      },
      {
        ...{ http: "HTTP/2", protocol: "gRPC-Web", peer: "grpc-go" },
        ...{ tls: "no", cases: 3, passed: 2 },
      },
      {
        ...{ http: "HTTP/2", protocol: "gRPC", peer: "reference" },
        ...{ tls: "yes", cases: 4, passed: 3 },
      },
    ]);
    assert.deepEqual(failed, [
      {
        name: "gRPC Unexpected Responses/HTTPVersion:2/TLS:true/server-stream/x",
        reason: "actual error {code: 3}\nand more",
      },
      {
        name: "TLS Client Certs/HTTPVersion:1/Protocol:PROTOCOL_CONNECT/z",
        reason: "was expected to fail but did not",
      },
    ]);
    assert.deepEqual(
      knownFailures.map(({ reason }) => reason),
      ["missing"],
    );
  });

  test("reads the totals", () => {
    const report = parseRunnerOutput(
      "Total cases: 6600\n6598 passed, 1 failed\nAnother 4 could not be run due to client timing out or exiting prematurely.\n",
    );
    const { cases, passed, notRun } = report;
    assert.deepEqual(
      { cases, passed, notRun },
      { cases: 6600, passed: 6598, notRun: 4 },
    );
  });
});
