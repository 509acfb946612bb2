import { run } from "@both-ends/testing";

/** A transcript of calls with grpcurl. */
export interface Transcript {
  /** Adds words between calls. */
  say(words: string): void;
  /** Calls, and notes the command and its answer. */
  call(method: string, request: object, options?: CallOptions): Promise<string>;
  /** All of it, as Markdown, without what differs from time to time. */
  text(): string;
}

/** How to call. */
export interface CallOptions {
  /** Headers of the call, as shown: `$TOKEN` stands for the token. */
  readonly headers?: readonly string[];
  /** Also notes the header in which the answer sets a cookie. */
  readonly showsCookie?: boolean;
}

/**
 * Begins a transcript of calls to an address.
 *
 * @param known Words that are shown by their name, such as `$PASSWORD`.
 */
export function createTranscript(
  address: string,
  known: Readonly<Record<string, string>> = {},
): Transcript {
  const parts: string[] = [];
  const variables = new Map(Object.entries(known));
  return {
    say(words) {
      parts.push(words);
    },
    async call(method, request, { headers = [], showsCookie = false } = {}) {
      const fill = (text: string) =>
        text.replace(
          /\$(\w+)/g,
          (all, name: string) => variables.get(name) ?? all,
        );
      const data = JSON.stringify(request);
      const result = await run("grpcurl", [
        "-plaintext",
        ...(showsCookie ? ["-v"] : []),
        ...headers.flatMap((header) => ["-H", fill(header)]),
        "-d",
        fill(data),
        address,
        `admin.v1.${method}`,
      ]);
      const answer = `${result.stdout}${result.stderr}`.trim();
      const secret = /"secret": "([^"]+)"/.exec(answer)?.[1];
      const cookie = /^set-cookie: ([^;]+)/im.exec(answer)?.[1];
      remember(variables, { TOKEN: secret, COOKIE: cookie, ID: idIn(answer) });
      const shown = showsCookie ? cookieLine(answer) : answer;
      parts.push(
        [
          "```console",
          `$ ${commandOf(method, data, headers)}`.replaceAll(
            address,
            shownAddress,
          ),
          settle(shown, variables, address),
          "```",
        ].join("\n"),
      );
      return answer;
    },
    text: () => parts.join("\n\n"),
  };
}

const shownAddress = "localhost:8012";

function remember(
  variables: Map<string, string>,
  found: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, value] of Object.entries(found)) {
    if (value !== undefined) {
      variables.set(name, value);
    }
  }
}

function idIn(answer: string): string | undefined {
  return /"id": "([^"]+)"/.exec(answer)?.[1];
}

function cookieLine(answer: string): string {
  const [line = ""] = /^set-cookie: .*$/im.exec(answer) ?? [];
  return line.replace(/expires=[^;]+/i, "Expires=<time>");
}

function commandOf(
  method: string,
  data: string,
  headers: readonly string[],
): string {
  return [
    "grpcurl -plaintext",
    ...headers.map((header) => `-H "${header}"`),
    `-d '${data}'`,
    `${shownAddress} admin.v1.${method}`,
  ].join(" ");
}

/** Replaces what is different each time. */
function settle(
  text: string,
  variables: ReadonlyMap<string, string>,
  address: string,
): string {
  let settled = text;
  for (const [name, value] of variables) {
    settled = settled.replaceAll(
      value,
      name === "ID" ? "<id>" : `<${name.toLowerCase()}>`,
    );
  }
  return settled
    .replaceAll(address, shownAddress)
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replace(/"(startDelay|duration)": "[\d.]+s"/g, '"$1": "<duration>"')
    .replace(/"(requestId|id)": "[^"<]+"/g, '"$1": "<id>"')
    .replace(/"nextPageToken": "[^"]+"/g, '"nextPageToken": "<page>"')
    .replace(/"tokenId": "[^"]+"/g, '"tokenId": "<id>"');
}
