import {
  create,
  type DescMessage,
  type Message,
  type MessageInitShape,
} from "@bufbuild/protobuf";

/**
 * Makes messages of what a handler yields. As in connect-es, the iterator can
 * be left early only if the handler's can.
 */
export function normalizeMessages(
  schema: DescMessage,
  messages: AsyncIterable<MessageInitShape<DescMessage>>,
): AsyncIterable<Message> {
  return {
    [Symbol.asyncIterator]() {
      const it = messages[Symbol.asyncIterator]();
      const toMessage = (
        result: IteratorResult<MessageInitShape<DescMessage>>,
      ): IteratorResult<Message> =>
        result.done === true
          ? result
          : { done: false, value: create(schema, result.value) };
      const { return: onReturn, throw: onThrow } = it;
      const normalized: AsyncIterator<Message> = {
        next: () => it.next().then(toMessage),
      };
      if (onThrow !== undefined) {
        normalized.throw = (error) => onThrow.call(it, error).then(toMessage);
      }
      if (onReturn !== undefined) {
        normalized.return = (value) => onReturn.call(it, value).then(toMessage);
      }
      return normalized;
    },
  };
}
