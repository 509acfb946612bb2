// Writes the table of docs/security.md anew.
import { readFile, writeFile } from "node:fs/promises";
import { findAdminMethods } from "./admin-methods.js";
import {
  renderSecurityTable,
  replaceSecurityTable,
  securityPage,
} from "./security-table.js";

const table = renderSecurityTable(await findAdminMethods());
const page = await readFile(securityPage, "utf8");
await writeFile(securityPage, replaceSecurityTable(page, table));
