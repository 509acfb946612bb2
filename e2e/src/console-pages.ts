import type { TestContext } from "node:test";
import type { Browser, Page } from "playwright-core";

/** The password of the first user of the systems that tests start. */
export const adminPassword = "a password for tests alone";

/** A tab of the console. */
export interface ConsoleTab {
  readonly page: Page;
  /** What the browser complained of, but for calls that a test lets fail. */
  readonly complaints: readonly string[];
  /** Goes to a page of a console. By default, of the one that was opened. */
  go(path: string, origin?: string): Promise<void>;
}

const expected = /status of (404|503)|ERR_CONNECTION|ERR_INCOMPLETE/;

/** Opens the console below an address, in a browser context of its own, and logs in. */
export async function openConsole(
  t: Pick<TestContext, "after">,
  browser: Browser,
  origin: string,
): Promise<ConsoleTab> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !expected.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${origin}/admin/`);
  await logIn(page);
  return {
    page,
    complaints,
    async go(path, of = origin) {
      await page.goto(`${of}/admin/#${path}`);
    },
  };
}

/** Fills in the login. */
export async function logIn(page: Page): Promise<void> {
  await page.getByLabel("User name").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill(adminPassword);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.locator("#main").waitFor();
}

/** What says that a page is live. */
export function live(page: Page) {
  return page.getByText("Live", { exact: true });
}
