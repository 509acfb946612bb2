import type {
  DescEnum,
  DescExtension,
  DescFile,
  DescMessage,
  DescService,
} from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import type { Knowledge } from "./answer.js";
import { createDescriptorIndex } from "./descriptor-index.js";
import { ServerReflection } from "./gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionV1alpha } from "./gen/grpc/reflection/v1alpha/reflection_pb.js";
import { reflect } from "./reflect.js";

/** Options of {@link createReflectionRoutes}. */
export interface ReflectionOptions {
  /**
   * Which of the router's services are shown: their full names, or a function
   * that says so. By default, all of them, health and reflection too. This
   * keeps listings short and protects nothing: a service that is not shown can
   * still be called, and is still seen if a file that is shown declares it.
   */
  services?: readonly string[] | ((service: DescService) => boolean);

  /**
   * What clients may ask for beyond the services and all that their files
   * import: extensions, and messages that travel in a `google.protobuf.Any`.
   * A registry of protobuf-es, or a list of descriptors; each brings its whole
   * file. By default, there is nothing more.
   */
  descriptors?: Iterable<
    DescFile | DescMessage | DescEnum | DescExtension | DescService
  >;
}

/**
 * Creates the routes of gRPC server reflection, versions v1 and v1alpha. They
 * show what is on the same router, whether it was registered before or after
 * them.
 *
 * Reflection is a bidirectional stream and so needs HTTP/2. It answers unknown
 * names with an `error_response` of code 5 (not found) and goes on.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
 */
export function createReflectionRoutes(
  options: ReflectionOptions = {},
): (router: ConnectRouter) => void {
  return (router) => {
    const knowledge = createKnowledge(router, options);
    router.service(ServerReflection, {
      serverReflectionInfo: (requests, { signal }) =>
        reflect(requests, signal, knowledge),
    });
    router.service(ServerReflectionV1alpha, {
      serverReflectionInfo: (requests, { signal }) =>
        reflect(requests, signal, knowledge),
    });
  };
}

/** Gathered at the first request, and again when the router has grown since. */
function createKnowledge(
  router: ConnectRouter,
  options: ReflectionOptions,
): () => Knowledge {
  let handlers = 0;
  let knowledge: Knowledge | undefined;
  return () => {
    if (knowledge === undefined || handlers !== router.handlers.length) {
      handlers = router.handlers.length;
      knowledge = gatherKnowledge(router, options);
    }
    return knowledge;
  };
}

function gatherKnowledge(
  router: ConnectRouter,
  { services, descriptors = [] }: ReflectionOptions,
): Knowledge {
  const shows =
    typeof services === "function"
      ? services
      : ({ typeName }: DescService) => services?.includes(typeName) ?? true;
  const shown = [
    ...new Set(router.handlers.map(({ service }) => service)),
  ].filter(shows);
  return {
    services: [...new Set(shown.map(({ typeName }) => typeName))].sort(),
    index: createDescriptorIndex([
      ...shown.map(({ file }) => file),
      ...Array.from(descriptors, (descriptor) =>
        descriptor.kind === "file" ? descriptor : descriptor.file,
      ),
    ]),
  };
}
