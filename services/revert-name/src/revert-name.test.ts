import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { createRevertName, createRevertNames } from "./revert-name.js";

function connect(options = { faultInjection: true }) {
  return createClient(
    RevertNameService,
    createRouterTransport((router) => {
      router.service(RevertNameService, {
        revertName: createRevertName(options),
        revertNames: createRevertNames(options),
      });
    }),
  );
}

suite("RevertName", () => {
  test("answers the name reversed", async () => {
    const { reversedName } = await connect().revertName({ name: "Rodrigo" });
    assert.equal(reversedName, "ogirdoR");
  });

  test("waits for the delay, cut short by the deadline", async () => {
    const start = performance.now();
    await assert.rejects(
      connect().revertName(
        { name: "a", delay: { seconds: 30n } },
        { timeoutMs: 30 },
      ),
      { code: Code.DeadlineExceeded },
    );
    assert.ok(performance.now() - start < 10_000);
  });

  const faults: [name: string, code: Code][] = [
    ["key_error", Code.Internal],
    ["exception", Code.Internal],
    ["cancelled", Code.Canceled],
    ["canceled", Code.Canceled],
    ["unknown", Code.Unknown],
    ["INVALID_ARGUMENT", Code.InvalidArgument],
    ["Deadline_Exceeded", Code.DeadlineExceeded],
    ["NOT_FOUND", Code.NotFound],
    ["already_exists", Code.AlreadyExists],
    ["permission_denied", Code.PermissionDenied],
    ["resource_exhausted", Code.ResourceExhausted],
    ["failed_precondition", Code.FailedPrecondition],
    ["aborted", Code.Aborted],
    ["out_of_range", Code.OutOfRange],
    ["unimplemented", Code.Unimplemented],
    ["internal", Code.Internal],
    ["unavailable", Code.Unavailable],
    ["data_loss", Code.DataLoss],
    ["unauthenticated", Code.Unauthenticated],
  ];
  for (const [name, code] of faults) {
    test(`fails for ${name} with ${Code[code]}`, async () => {
      await assert.rejects(connect().revertName({ name }), { code });
    });

    test(`reverses ${name} without fault injection`, async () => {
      const client = connect({ faultInjection: false });
      const { reversedName } = await client.revertName({ name });
      assert.equal(reversedName, [...name].reverse().join(""));
    });
  }

  test("has no fault named ok", async () => {
    const { reversedName } = await connect().revertName({ name: "ok" });
    assert.equal(reversedName, "ko");
  });
});

suite("RevertNames", () => {
  test("answers each message in order, and ends with the fault", async () => {
    async function* names() {
      yield { name: "ab", delay: { nanos: 20_000_000 } };
      yield { name: "cd" };
      yield { name: "not_found" };
      yield { name: "ef" };
    }
    const answers: string[] = [];
    const read = async () => {
      for await (const answer of connect().revertNames(names())) {
        answers.push(answer.reversedName);
      }
    };
    await assert.rejects(read(), { code: Code.NotFound });
    assert.deepEqual(answers, ["ba", "dc"]);
  });
});
