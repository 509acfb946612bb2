import type {
  DescMessage,
  DescMethodUnary,
  MessageInitShape,
} from "@bufbuild/protobuf";
import {
  createQueryOptions,
  type UseQueryOptions,
  useQuery,
  useTransport,
} from "@connectrpc/connect-query";
import { usePrefetchQuery } from "@tanstack/react-query";

/**
 * Reads what a page shows. It asks while the page is made: useQuery alone asks
 * only after the browser has painted the page without it.
 */
export function useRead<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  input: MessageInitShape<I>,
  options?: UseQueryOptions<O>,
) {
  const transport = useTransport();
  usePrefetchQuery(createQueryOptions(method, input, { transport }));
  return useQuery(method, input, options);
}
