/**
 * Whether colours are wanted on a stream: `FORCE_COLOR` (0 means no) decides,
 * then `NO_COLOR` (https://no-color.org), then whether it is a terminal.
 */
export function wantsColor(
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv,
): boolean {
  if (env.FORCE_COLOR !== undefined) {
    return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  }
  if (env.NO_COLOR) {
    return false;
  }
  return stream.isTTY === true && env.TERM !== "dumb";
}
