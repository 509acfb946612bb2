/**
 * Puts text in its place in a page of the docs: between the line that names the
 * command which writes it, and the next end. Throws if the page has none.
 */
export function replaceSection(
  page: string,
  command: string,
  text: string,
): string {
  const begin = `<!-- begin: written by ${command} -->`;
  const end = "<!-- end -->";
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) {
    throw new Error(`the page has no place for the text: ${begin} … ${end}`);
  }
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
}
