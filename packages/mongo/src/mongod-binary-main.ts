// The process behind askMongodBinary.
import { DryMongoBinary, MongoBinary } from "mongodb-memory-server-core";

process.on("disconnect", () => process.exit());

try {
  const path =
    process.argv[2] === "download"
      ? await MongoBinary.getPath()
      : await DryMongoBinary.locateBinary(
          await DryMongoBinary.generateOptions(),
        );
  process.send?.({ path });
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  process.send?.({ error: text.replace(/\s*\n\s*/g, " ").slice(0, 200) });
}
