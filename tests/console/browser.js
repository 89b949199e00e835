// A browser in front of the console, which reports everything that it minds.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test as run } from "node:test";

import { url, workspace } from "./service.js";

const require = createRequire(new URL("../../target/console/package.json", import.meta.url));
const { chromium } = require("playwright-core");
export const axe = require("axe-core");

const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

let browser;

async function launch() {
  browser ??= await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  return browser;
}

export async function close() {
  await browser?.close();
}

/**
 * A test with a workspace and a page of its own. What the browser complains about fails it, but for the statuses of answers that
 * the test provokes.
 */
export function test(name, body, { size = "wide", colours = "light", timezone = "UTC", provokes = [] } = {}) {
  run(name, { timeout: 60_000 }, async (t) => {
    const context = await (await launch()).newContext({ viewport: SIZES[size], colorScheme: colours, timezoneId: timezone, permissions: ["clipboard-read", "clipboard-write"] });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(`${error}`));
    page.on("console", (message) => {
      const isProvoked = provokes.some((what) => message.text().includes(what));
      if (message.type() === "error" && !isProvoked) complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith("blob:")) complaints.push(`asked ${request.url()}`);
    });
    try {
      await body({ page, context, workspace: await workspace(), t });
      assert.deepEqual(complaints, [], "the browser complains about nothing");
    } catch (error) {
      if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/${name.replaceAll(/\W+/g, "-")}.png` });
      throw error;
    } finally {
      await context.close();
    }
  });
}

/** Opens a page of the console, signed in with a key. */
export async function signIn(page, key, hash = "") {
  await page.goto(`${url}/${hash}`);
  await page.getByLabel("API key", { exact: true }).fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("#main").waitFor();
}

/** Something was used: on two days, of one model, and told in two pages. */
export async function use(page) {
  const day = (before) => new Date(Date.now() - before * 86_400_000).toISOString().slice(0, 10);
  const used = { day: day(0), connection_id: "con_1", model_id: "mod_1", alias: "nova", invoke_id: "x", outcome: "answered", requests: 3, input_tokens: 1200, output_tokens: 300, cache_read_tokens: 100, cache_write_tokens: 50, latency_ms: 900 };
  const first = [used, { ...used, outcome: "refused", requests: 1, input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 }];
  const rest = [{ ...used, day: day(1) }];
  await page.route("**/v1/usage*", (route) => {
    const isFirst = !new URL(route.request().url()).searchParams.has("cursor");
    return route.fulfill({ json: isFirst ? { items: first, next_cursor: "next" } : { items: rest, next_cursor: null } });
  });
}

/** Waits for a text that somebody sees. */
export const sees = (page, text) => page.getByText(text).filter({ visible: true }).first().waitFor();
