/** Tells whether the host of an address is this machine. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return (
    hostname === "localhost" ||
    hostname === "[::1]" ||
    // URL has turned every spelling of an IPv4 address into four numbers.
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
