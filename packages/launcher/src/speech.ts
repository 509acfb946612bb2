import { wantsColor } from "./colors.js";
import { paint } from "./logs.js";

/** What the launcher itself has to say, apart from the logs. */
export interface Speech {
  say(text: string): void;
  /** Says what a person should not overlook. */
  warn(text: string): void;
  /** Gives a word of a text its weight. */
  emphasize(text: string): string;
}

/** Creates the launcher's voice on a stream, in colours where it has them. */
export function createSpeech(
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv,
): Speech {
  const color = wantsColor(stream, env);
  const say = (text: string) => {
    stream.write(`${text}\n`);
  };
  return {
    say,
    warn: (text) => say(color ? paint("yellow", text) : text),
    emphasize: (text) => (color ? paint("bold", text) : text),
  };
}
