import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { DescFile, DescMethod } from "@bufbuild/protobuf";

/** All methods of `admin.v1`, as generated: those that nobody mounts too. */
export async function findAdminMethods(): Promise<DescMethod[]> {
  const folder = new URL(
    ".",
    import.meta.resolve("@both-ends/gen/admin/v1/access_pb.js"),
  );
  const names = await readdir(fileURLToPath(folder));
  const files = names.filter((name) => name.endsWith("_service_pb.js")).sort();
  const methods: DescMethod[] = [];
  for (const name of files) {
    const module: Record<string, unknown> = await import(
      new URL(name, folder).href
    );
    const file = Object.values(module).find(isFile);
    methods.push(...(file?.services ?? []).flatMap((found) => found.methods));
  }
  return methods;
}

function isFile(value: unknown): value is DescFile {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "file"
  );
}
