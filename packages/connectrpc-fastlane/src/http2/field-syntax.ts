/** The names that a field of HTTP/2 may have (RFC 9113, 8.2.1). */
export const plainName = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** What its value must not have (RFC 9113, 8.2.1). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
export const oddValue = /[\0-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]$/;
