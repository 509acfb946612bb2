import { writeSecrets } from "./secrets.js";

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || rest.length > 0) {
  process.stderr.write("usage: secrets-main.js <folder>\n");
  process.exitCode = 2;
} else {
  const written = await writeSecrets(folder, process.env);
  process.stdout.write(
    written.length > 0
      ? `wrote ${written.join(", ")}\n`
      : "all secrets are there\n",
  );
}
