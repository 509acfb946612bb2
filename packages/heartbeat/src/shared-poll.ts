/** A poll that its members share. */
export interface SharedPoll<T> {
  /**
   * Joins; the poll runs while there are members. A signal that aborts ends the
   * membership with its reason.
   */
  join(signal?: AbortSignal): PollMember<T>;
  /** Ends the poll and its members with an error, those who join later too. */
  close(error: Error): void;
}

/** One member of a shared poll. */
export interface PollMember<T> {
  /**
   * Waits for what this member has not seen: at first the result of a read that
   * began after it joined, then the newest. Throws why the membership ended: the
   * error of a read, the signal's reason, what the poll was closed with.
   */
  next(): Promise<T>;
  /** Leaves. */
  leave(): void;
}

/** How to poll. */
export interface SharedPollOptions {
  /** Pause between the end of a read and the next. */
  readonly pollMs: number;
}

interface Member {
  /** The newest read that this member needs no more. */
  seen: number;
  /** Why it ends. */
  failure?: { readonly error: unknown };
  /** Wakes it if it waits. */
  notify(): void;
}

const nothing = (): void => {};

/**
 * Creates a poll of which any number of members cost the same: one read at a
 * time, a pause between two, nothing while there is no member. Only somebody
 * who joins ends the pause early, so that nobody begins with an old result. A
 * read that fails ends the members there are.
 */
export function createSharedPoll<T>(
  read: () => Promise<T>,
  { pollMs }: SharedPollOptions,
): SharedPoll<T> {
  const members = new Set<Member>();
  let started = 0;
  let latest: { readonly read: number; readonly value: T } | undefined;
  let running = false;
  let endPause = nothing;
  let closed: Member["failure"];

  async function run(): Promise<void> {
    running = true;
    while (members.size > 0) {
      started += 1;
      try {
        latest = { read: started, value: await read() };
      } catch (error) {
        endMembers(error);
        break;
      }
      // Before they are woken: who has seen this read came while it ran.
      const lateComers = [...members].some(({ seen }) => seen >= started);
      for (const member of members) {
        member.notify();
      }
      if (members.size > 0 && !lateComers) {
        await pause();
      }
    }
    latest = undefined;
    running = false;
  }

  async function pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    endPause = nothing;
  }

  function endMembers(error: unknown): void {
    for (const member of members) {
      endMember(member, error);
    }
  }

  function endMember(member: Member, error: unknown): void {
    members.delete(member);
    member.failure ??= { error };
    member.notify();
    if (members.size === 0) {
      endPause();
    }
  }

  async function next(member: Member): Promise<T> {
    for (;;) {
      if (member.failure !== undefined) {
        throw member.failure.error;
      }
      if (latest !== undefined && latest.read > member.seen) {
        member.seen = latest.read;
        return latest.value;
      }
      await new Promise<void>((resolve) => {
        member.notify = resolve;
      });
    }
  }

  return {
    join(signal) {
      const member: Member = { seen: started, notify: nothing };
      const onAbort = () => endMember(member, signal?.reason);
      if (signal?.aborted) {
        onAbort();
      } else if (closed !== undefined) {
        endMember(member, closed.error);
      } else {
        signal?.addEventListener("abort", onAbort, { once: true });
        members.add(member);
        endPause();
        if (!running) {
          void run();
        }
      }
      return {
        next: () => next(member),
        leave() {
          signal?.removeEventListener("abort", onAbort);
          endMember(member, new Error("it has left the poll"));
        },
      };
    },
    close(error) {
      closed = { error };
      endMembers(error);
    },
  };
}
