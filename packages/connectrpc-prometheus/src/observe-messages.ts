/** What a passing stream of messages is told to. */
export interface MessageObserver {
  /** A message passed. The end of the stream and errors are no messages. */
  message(): void;
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
  observer: MessageObserver,
): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const it = messages[Symbol.asyncIterator]();
      const observe = (
        step: Promise<IteratorResult<T>>,
      ): Promise<IteratorResult<T>> =>
        step.then(
          (result) => {
            if (result.done === true) {
              observer.done?.();
            } else {
              observer.message();
            }
            return result;
          },
          (error: unknown) => {
            observer.failed?.(error);
            throw error;
          },
        );
      const wrapped: AsyncIterator<T> = { next: () => observe(it.next()) };
      // Some iterators of connect-es leave these out on purpose: having them
      // or not tells the reader whether it may leave early.
      const { return: onReturn, throw: onThrow } = it;
      if (onReturn !== undefined) {
        wrapped.return = (value) => {
          observer.abandoned?.();
          return onReturn.call(it, value);
        };
      }
      if (onThrow !== undefined) {
        wrapped.throw = (error) => {
          observer.abandoned?.();
          return onThrow.call(it, error);
        };
      }
      return wrapped;
    },
  };
}
