/** A poll that all who watch share. */
export interface SharedPoll<T> {
  /**
   * Gives the newest result as soon as there is one, then each newer one; who
   * is slow misses those in between. Ends with the signal's reason, with the
   * error of a read, or with that of the poll's end.
   */
  watch(signal: AbortSignal): AsyncGenerator<T, never>;
  /** Ends all that watch, now and later. */
  close(reason: Error): void;
}

/** How to poll. */
export interface SharedPollOptions {
  /** Pause between the end of a read and the next. */
  readonly pollMs: number;
}

interface Member {
  /** Wakes it if it waits. */
  notify(): void;
  failure?: { readonly error: unknown };
}

/**
 * Creates a poll of which any number of watchers cost the same: one read at a
 * time, none while nobody watches. A read that fails ends those that watch.
 */
export function createSharedPoll<T>(
  read: () => Promise<T>,
  { pollMs }: SharedPollOptions,
): SharedPoll<T> {
  const members = new Set<Member>();
  let polling = false;
  let newest: { readonly value: T } | undefined;
  let closed: Member["failure"];

  function end(failure: Member["failure"]): void {
    for (const member of members) {
      member.failure = failure;
      member.notify();
    }
  }

  async function poll(): Promise<void> {
    polling = true;
    while (members.size > 0 && closed === undefined) {
      try {
        newest = { value: await read() };
      } catch (error) {
        end({ error });
        break;
      }
      for (const member of members) {
        member.notify();
      }
      await pause(pollMs);
    }
    newest = undefined;
    polling = false;
  }

  async function* watch(signal: AbortSignal): AsyncGenerator<T, never> {
    const member: Member = { notify: () => {} };
    const wake = () => member.notify();
    member.failure = closed;
    members.add(member);
    signal.addEventListener("abort", wake, { once: true });
    try {
      let seen: unknown;
      for (;;) {
        signal.throwIfAborted();
        if (member.failure !== undefined) {
          throw member.failure.error;
        }
        if (!polling) {
          void poll();
        }
        if (newest !== undefined && newest !== seen) {
          seen = newest;
          yield newest.value;
        } else {
          // One promise a wait: a race with one that lives as long as the
          // stream would remember every wait.
          await new Promise<void>((resolve) => {
            member.notify = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener("abort", wake);
      members.delete(member);
    }
  }

  return {
    watch,
    close(error) {
      closed = { error };
      end(closed);
    },
  };
}

async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
