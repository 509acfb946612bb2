import { ConnectionError } from "./connection-error.js";
import { errorCode } from "./frame-format.js";

/** So many answers to pings and settings may wait for a peer that does not read. */
const maxWaiting = 1_000;

/** Counts answers to a peer that asks much and does not read (CVE-2019-9512, CVE-2019-9515). */
export class AnswerBudget {
  #waiting = 0;

  /** The peer has read what waited. */
  reset(): void {
    this.#waiting = 0;
  }

  /** One more. Throws a ConnectionError when that is more than may wait. */
  spend(peerReads: boolean): void {
    if (peerReads) {
      this.reset();
      return;
    }
    this.#waiting += 1;
    if (this.#waiting > maxWaiting) {
      throw new ConnectionError(
        errorCode.enhanceYourCalm,
        "the server asks much and does not read",
      );
    }
  }
}
