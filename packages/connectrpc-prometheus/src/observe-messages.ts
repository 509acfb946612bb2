/** What a passing stream of messages is told to. */
export interface MessageObserver<T> {
  /** The reader asks for a message. */
  asked?(): void;
  /** A message passed. The end of the stream and errors are no messages. */
  message(message: T): void;
  /** The stream ended, after its last message. */
  done?(): void;
  /** The stream ended with an error. */
  failed?(error: unknown): void;
  /** The reader left before the end, by `return` or `throw`. */
  abandoned?(): void;
}

/**
 * Passes the messages on and tells an observer of them. All three methods of
 * the iterator are forwarded, so that cancellation passes through untouched.
 */
export function observeMessages<T>(
  messages: AsyncIterable<T>,
  observer: MessageObserver<T>,
): AsyncIterable<T> {
  const observedMessages = {
    [Symbol.asyncIterator]() {
      const it = messages[Symbol.asyncIterator]();
      const observed: AsyncIterator<T> & { from: AsyncIterable<T> } = {
        // Whoever waits for the messages to be garbage, waits for both.
        from: observedMessages,
        next() {
          observer.asked?.();
          return observeStep(it.next(), observer);
        },
      };
      // Some iterators of connect-es leave these out on purpose: having them
      // or not tells the reader whether it may leave early.
      const { return: onReturn, throw: onThrow } = it;
      if (onReturn !== undefined) {
        observed.return = (value) => {
          observer.abandoned?.();
          return onReturn.call(it, value);
        };
      }
      if (onThrow !== undefined) {
        observed.throw = (error) => {
          observer.abandoned?.();
          return onThrow.call(it, error);
        };
      }
      return observed;
    },
  };
  return observedMessages;
}

/** Messages on their way out. */
export interface OutgoingMessages<T> {
  readonly messages: AsyncIterable<T>;
  /** Counts the last message as sent, whether its reader comes back or not. */
  settle(): void;
}

/**
 * As {@link observeMessages}, for messages on their way out: one is told of
 * when its reader comes back for more, because only then has it left. A reader
 * that cannot encode or write it leaves instead.
 */
export function observeOutgoing<T extends object>(
  messages: AsyncIterable<T>,
  observer: MessageObserver<T>,
): OutgoingMessages<T> {
  let leaving: T | undefined;
  const settle = () => {
    if (leaving !== undefined) {
      observer.message(leaving);
      leaving = undefined;
    }
  };
  return {
    settle,
    messages: observeMessages(messages, {
      ...observer,
      asked: settle,
      message(message) {
        leaving = message;
      },
      abandoned() {
        leaving = undefined;
        observer.abandoned?.();
      },
    }),
  };
}

function observeStep<T>(
  step: Promise<IteratorResult<T>>,
  observer: MessageObserver<T>,
): Promise<IteratorResult<T>> {
  return step.then(
    (result) => {
      if (result.done === true) {
        observer.done?.();
      } else {
        observer.message(result.value);
      }
      return result;
    },
    (error: unknown) => {
      observer.failed?.(error);
      throw error;
    },
  );
}
