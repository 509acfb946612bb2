import {
  type ArmOptions,
  type ArmResult,
  type HeapSample,
  runArm,
} from "./soak-arm.js";

/** What the process of an arm tells its parent. */
export type ArmMessage =
  | { readonly sample: HeapSample }
  | { readonly result: ArmResult };

// A parent that was killed cannot end its children.
process.once("disconnect", () => process.exit(1));

// Written by the parent from the same type.
const options = JSON.parse(process.argv[2] ?? "") as ArmOptions;
const tell = (message: ArmMessage) => process.send?.(message);
const result = await runArm(options, (sample) => tell({ sample }));
process.send?.({ result } satisfies ArmMessage, () => process.exit(0));
