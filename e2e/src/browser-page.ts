/// <reference lib="dom" />
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";

// The page that browser.test.ts bundles: it calls the services at the addresses
// in its query, and leaves what it found in `globalThis.pageResult`.

async function callServices() {
  const query = new URLSearchParams(location.search);
  const baseUrl = query.get("revertName") ?? "";
  const byPost = createClient(
    RevertNameService,
    createConnectTransport({ baseUrl }),
  );
  const byGet = createClient(
    RevertNameService,
    createConnectTransport({ baseUrl, useHttpGet: true }),
  );
  const post = await byPost.revertName({ name: "Rodrigo" });
  const get = await byGet.revertName({ name: "Pamela" });
  const time = createClient(
    TimeService,
    createConnectTransport({ baseUrl: query.get("time") ?? "" }),
  );
  let ticks = 0;
  const request = { interval: { nanos: 100_000_000 } };
  const caller = new AbortController();
  try {
    for await (const _ of time.watchTime(request, { signal: caller.signal })) {
      if (++ticks === 3) {
        caller.abort();
      }
    }
  } catch (error) {
    if (!caller.signal.aborted) {
      throw error;
    }
  }
  // A GET carries its message in the URL.
  const getRequests = performance
    .getEntriesByType("resource")
    .filter(({ name }) => name.includes("RevertName?")).length;
  return {
    post: post.reversedName,
    get: get.reversedName,
    getRequests,
    ticks,
  };
}

callServices()
  .catch((error: unknown) => ({ error: String(error) }))
  .then((result) => {
    Object.assign(globalThis, { pageResult: JSON.stringify(result) });
  });
