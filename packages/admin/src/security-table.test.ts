import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { findAdminMethods } from "./admin-methods.js";
import {
  renderSecurityTable,
  replaceSecurityTable,
  securityPage,
} from "./security-table.js";

suite("docs/security.md", () => {
  test("has the table of the methods as they are", async () => {
    const table = renderSecurityTable(await findAdminMethods());
    const page = await readFile(securityPage, "utf8");
    assert.equal(
      page,
      replaceSecurityTable(page, table),
      "run npm run security-table -w packages/admin",
    );
  });
});
