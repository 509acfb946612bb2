import { type Attack, createTally, repeat } from "./attack.js";
import { http1Statuses } from "./http1-answers.js";
import { hiddenAnswer, smugglingForms } from "./smuggling-forms.js";

/** How long a second answer is waited for. */
const secondAnswerMs = 100;

/**
 * Requests whose end is doubtful, with a second request where the doubt is:
 * refused, or taken for one request, never for two.
 */
export const requestSmuggling: Attack = {
  name: "request-smuggling",
  what: `requests of ${smugglingForms.length} forms whose end is doubtful, with another request hidden in them`,
  unit: "requests",
  full: { count: 6_000, holdMs: 0 },
  quick: { count: 3 * smugglingForms.length, holdMs: 0 },
  async run(target, { count }) {
    const tally = createTally();
    const wrong = new Set<string>();
    await repeat(count, 64, async (index) => {
      const form = smugglingForms[index % smugglingForms.length];
      if (form === undefined) {
        return;
      }
      const connection = await target.connect();
      await connection.write(form.bytes);
      const answers = () => http1Statuses(connection.received());
      await connection.until(() => answers().length > 0, 3_000);
      await connection.until(() => answers().length > 1, secondAnswerMs);
      const statuses = answers();
      const [status] = statuses;
      const shown = connection.received().includes(hiddenAnswer);
      if (statuses.length !== 1 || shown) {
        wrong.add(
          `${form.name}: answered ${statuses.join(" and ") || "nothing"}`,
        );
      }
      const refused = status === undefined || status >= 400;
      if (refused && statuses.length === 1 && status === 400) {
        tally.add(connection.isClosed() ? "refused and closed" : "refused");
      } else {
        tally.add(`answered ${statuses.join(" and ") || "nothing"}`);
      }
      connection.leave();
    });
    return { counts: tally.counts, wrong: [...wrong] };
  },
};
