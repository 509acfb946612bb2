import type { LaneCall } from "./lane-call.js";

/** Where a call goes from its request gate. */
export interface AfterGate {
  passed(): void;
  failed(error: unknown): void;
}

/** Asks the request gate, if there is one, before anything is read. */
export function passGate(call: LaneCall, after: AfterGate): void {
  const { requestGate } = call.lane.options;
  if (requestGate === undefined) {
    after.passed();
    return;
  }
  let passed: void | Promise<void>;
  try {
    passed = requestGate(call.context);
  } catch (error) {
    after.failed(error);
    return;
  }
  if (passed === undefined) {
    after.passed();
  } else {
    passed.then(
      () => after.passed(),
      (error) => after.failed(error),
    );
  }
}
