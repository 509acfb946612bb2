/** What a passing stream of messages is told to. */
export interface MessageObserver<T> {
  /** A message passed. The end of the stream and errors are no messages. */
  message(message: T): void;
  /** The stream ended, after its last message. */
  done?(): void;
  /** The stream ended with an error. */
  failed?(error: unknown): void;
  /** The reader left before the end, by `return` or `throw`. */
  abandoned?(): void;
  /** The reader got its iterator. */
  begun?(iterator: object): void;
}

/**
 * Passes the messages on and tells an observer of them. All three methods of
 * the iterator are forwarded, so that cancellation passes through untouched.
 */
export function observeMessages<T>(
  messages: AsyncIterable<T>,
  observer: MessageObserver<T>,
): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const it = messages[Symbol.asyncIterator]();
      const observed: AsyncIterator<T> = {
        next: () => observeStep(it.next(), observer),
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
      observer.begun?.(observed);
      return observed;
    },
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
