/** The words in which panels about the two sides of a call differ. */
export const sideWords = {
  server: { calls: "calls answered", who: "the server", sent: "to callers" },
  client: { calls: "calls made", who: "the client", sent: "to servers" },
} as const;
