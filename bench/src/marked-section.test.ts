import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { writeSection } from "./marked-section.js";

async function createFile(t: TestContext, text?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "marked-section-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "page.md");
  if (text !== undefined) {
    await writeFile(file, text);
  }
  return file;
}

suite("writeSection()", () => {
  test("makes a document with a title", async (t) => {
    const file = await createFile(t);
    await writeSection(file, "a", "new\n", "Page");
    assert.equal(
      await readFile(file, "utf8"),
      "# Page\n\n<!-- a:begin -->\nnew\n<!-- a:end -->\n",
    );
  });

  test("replaces its section and leaves the others", async (t) => {
    const other = "<!-- b:begin -->\nb\n<!-- b:end -->\nend\n";
    const file = await createFile(
      t,
      `# Page\n<!-- a:begin -->\nold\n<!-- a:end -->\n${other}`,
    );
    await writeSection(file, "a", "new", "Title");
    assert.equal(
      await readFile(file, "utf8"),
      `# Page\n<!-- a:begin -->\nnew\n<!-- a:end -->\n${other}`,
    );
  });

  test("adds its section at the end of a document without it", async (t) => {
    const file = await createFile(t, "# Page\n\ntext\n");
    await writeSection(file, "a", "new", "Title");
    assert.equal(
      await readFile(file, "utf8"),
      "# Page\n\ntext\n\n<!-- a:begin -->\nnew\n<!-- a:end -->\n",
    );
  });

  test("refuses a document with one marker", async (t) => {
    const file = await createFile(t, "<!-- a:begin -->\n");
    await assert.rejects(writeSection(file, "a", "new", "Title"), /without/);
  });
});
