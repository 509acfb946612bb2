/** The status codes of the HTTP/1.1 answers in what has arrived. */
export function http1Statuses(received: Buffer): number[] {
  return [
    ...received.toString("latin1").matchAll(/^HTTP\/1\.1 (\d{3}) /gm),
  ].map(([, status]) => Number(status));
}
