import { isIPv6 } from "node:net";

/** Limits how often a password may be tried. */
export interface LoginLimits {
  /**
   * Counts a try. Undefined if it may be made, else the seconds after which
   * another one may.
   */
  take(username: string, address: string): number | undefined;
  /** Takes a try back that was right. */
  refund(username: string, address: string): void;
}

/** What is allowed. */
export interface LoginLimitsOptions {
  /** Tries of one account from one address at once. By default, 5. */
  readonly perAccount?: number;
  /** After how long another one of them is allowed. By default, 60 s. */
  readonly accountRefillMs?: number;
  /** Tries from one address at once, of all accounts. By default, 30. */
  readonly perAddress?: number;
  /** After how long another one of them is allowed. By default, 10 s. */
  readonly addressRefillMs?: number;
  /** How many accounts and addresses to remember. By default, 10,000. */
  readonly maxRemembered?: number;
  /** The clock, in milliseconds. By default, the system's. */
  readonly now?: () => number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Creates limits that a stranger cannot use to lock somebody out: tries are
 * counted by address, and by account only together with the address. Addresses
 * of IPv6 count by their /64, which one customer has whole.
 *
 * They are kept in memory, since a try must cost the database nothing. So each
 * process counts for itself, and a restart begins anew: with three consoles an
 * address has three times as many tries, which is no help against a password
 * of 12 characters.
 */
export function createLoginLimits(
  options: LoginLimitsOptions = {},
): LoginLimits {
  const { perAccount = 5, accountRefillMs = 60_000 } = options;
  const { perAddress = 30, addressRefillMs = 10_000 } = options;
  const { maxRemembered = 10_000, now = Date.now } = options;
  const accounts = new Map<string, Bucket>();
  const addresses = new Map<string, Bucket>();

  function find(
    buckets: Map<string, Bucket>,
    key: string,
    { max, refillMs }: { max: number; refillMs: number },
  ): Bucket {
    const time = now();
    const bucket = buckets.get(key) ?? { tokens: max, at: time };
    const refilled = bucket.tokens + (time - bucket.at) / refillMs;
    bucket.tokens = Math.min(refilled, max);
    bucket.at = time;
    // Those used last stay longest.
    buckets.delete(key);
    buckets.set(key, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > maxRemembered && oldest !== undefined) {
      buckets.delete(oldest);
    }
    return bucket;
  }

  function findBoth(username: string, address: string): [Bucket, Bucket] {
    const network = networkOf(address);
    const account = `${network} ${username}`;
    return [
      find(accounts, account, { max: perAccount, refillMs: accountRefillMs }),
      find(addresses, network, { max: perAddress, refillMs: addressRefillMs }),
    ];
  }

  return {
    take(username, address) {
      const [account, network] = findBoth(username, address);
      const waitMs = Math.max(
        (1 - account.tokens) * accountRefillMs,
        (1 - network.tokens) * addressRefillMs,
      );
      if (waitMs > 0) {
        return Math.ceil(waitMs / 1_000);
      }
      account.tokens -= 1;
      network.tokens -= 1;
      return undefined;
    },
    refund(username, address) {
      const [account, network] = findBoth(username, address);
      account.tokens = perAccount;
      network.tokens = Math.min(network.tokens + 1, perAddress);
    },
  };
}

function networkOf(address: string): string {
  const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4 !== undefined) {
    return v4;
  }
  if (!isIPv6(address)) {
    return address;
  }
  const [head = "", tail = ""] = address.split("::");
  const front = head.split(":").filter((group) => group !== "");
  const back = tail.split(":").filter((group) => group !== "");
  const gap = address.includes("::") ? 8 - front.length - back.length : 0;
  const groups = [...front, ...Array<string>(gap).fill("0"), ...back];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
