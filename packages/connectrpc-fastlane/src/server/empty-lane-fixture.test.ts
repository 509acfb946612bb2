import { createFastlane } from "./fastlane.js";

/** A lane that speaks HTTP/2 and hands every request over. */
export const intercept = createFastlane({ routes() {} });
