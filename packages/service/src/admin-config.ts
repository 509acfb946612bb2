import { z } from "zod";

const pairs = (list: string): [string, string][] =>
  list
    .split(",")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "")
    .map((pair) => {
      const split = pair.indexOf("=");
      return [pair.slice(0, Math.max(split, 0)), pair.slice(split + 1)];
    });

/** The processes whose metrics the console shows, by their default. */
export const metricsTargetsOption = (byDefault: string) =>
  z
    .string()
    .default(byDefault)
    .refine(
      (list) =>
        pairs(list).every(
          ([name, url]) =>
            name !== "" && /^https?:/.test(url) && URL.canParse(url),
        ),
      "must be name=URL, separated by commas",
    )
    .transform((list) => pairs(list).map(([name, url]) => ({ name, url })))
    .describe(
      "processes whose metrics the console shows, as name=URL, a worker as name-worker; the own worker if empty",
    );

/** What the console and its API take from the environment of a service. */
export function adminOptions() {
  return {
    ADMIN_PASSWORD: z
      .string()
      .min(12, "must have 12 characters or more")
      .max(256)
      .optional()
      .describe(
        "password of the first user, admin, taken when there is none; one is made and shown otherwise",
      ),
    ADMIN_ORIGINS: z
      .string()
      .default("")
      .transform((list) => list.split(",").map((origin) => origin.trim()))
      .transform((list) => list.filter((origin) => origin !== ""))
      .describe(
        "origins of the console behind a proxy that changes scheme or host, separated by commas",
      ),
    CONSOLES: z
      .string()
      .default("time=8010,revert-name=8011,edge=8012")
      .refine(
        (list) =>
          pairs(list).every(
            ([name, port]) => name !== "" && /^\d+$/.test(port),
          ),
        "must be name=port, separated by commas",
      )
      .transform((list) =>
        pairs(list).map(([service, port]) => ({ service, port: Number(port) })),
      )
      .describe("consoles that a console links to, as name=port"),
    METRICS_TARGETS: metricsTargetsOption(""),
  };
}
