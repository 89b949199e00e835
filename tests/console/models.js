// Choosing models, and the model selector.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

import { sees, signIn, test } from "./browser.js";
import { aws } from "./service.js";

const dialog = (page) => page.getByRole("dialog");
const shown = (page) => page.locator(".model").filter({ visible: true });

async function choose(page, workspace) {
  const connection = await workspace.connection();
  await signIn(page, workspace.admin, `#/connections/${connection.id}/models`);
  await page.getByRole("searchbox").waitFor();
  return connection;
}

test("models are searched and filtered, and what cannot be invoked says why", async ({ page, workspace }) => {
  await choose(page, workspace);
  const all = await shown(page).count();
  await page.getByRole("searchbox").fill("claude sonnet");
  assert.ok((await shown(page).allTextContents()).every((text) => text.includes("Claude") && text.includes("Sonnet")));
  await page.getByRole("searchbox").fill("");
  await page.getByLabel("Can do").selectOption("embed");
  const embedding = await shown(page).count();
  assert.ok(embedding > 0 && embedding < all);
  await page.getByLabel("Provider").selectOption("Cohere");
  await sees(page, /of \d+ models/);
  await page.getByLabel("Takes or gives").selectOption("VIDEO");
  await sees(page, "No model matches");
  await page.getByRole("button", { name: "Clear all filters" }).click();
  assert.equal(await shown(page).count(), all);
  await sees(page, "This model needs provisioned throughput");
});

test("one is registered under an alias, which must be right and free", async ({ page, workspace }) => {
  const connection = await choose(page, workspace);
  await workspace.register(connection, aws.model_id, "taken");
  await page.getByRole("button", { name: "Register Claude Haiku 4.5" }).click();
  const alias = dialog(page).getByLabel("Alias");
  const register = dialog(page).getByRole("button", { name: "Register" });
  await alias.fill("Not An Alias");
  await register.click();
  await sees(page, "This does not look like: Alias");
  await alias.fill("taken");
  await register.click();
  await dialog(page).locator(".wrong").filter({ hasText: /\w/ }).waitFor();
  await alias.fill("haiku");
  await register.click();
  await sees(page, "Registered as haiku");
  await page.getByRole("link", { name: "Models", exact: true }).first().click();
  await sees(page, "haiku");
}, { provokes: ["409", "422"] });

test("details tell ids, regions and where data travels", async ({ page, workspace }) => {
  await choose(page, workspace);
  await page.getByRole("button", { name: "Details of Claude Haiku 4.5" }).click();
  await dialog(page).getByText("us.anthropic.claude-haiku-4-5", { exact: false }).waitFor();
  await dialog(page).getByText("Stays in the geography").waitFor();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
});

test("the selector renames, makes default and unregisters", async ({ page, workspace }) => {
  const connection = await workspace.connection();
  await workspace.register(connection, "amazon.nova-micro-v1:0", "first");
  await workspace.register(connection, aws.model_id, "nova");
  await signIn(page, workspace.admin, "#/models");
  await page.getByRole("button", { name: "Rename nova" }).click();
  await dialog(page).getByLabel("Alias").fill("lite");
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Make default: lite" }).click();
  await sees(page, "lite is the default now");
  await page.getByRole("button", { name: "Unregister lite" }).click();
  await dialog(page).getByRole("button", { name: "Unregister" }).click();
  await sees(page, "lite is unregistered");
  assert.deepEqual(await page.locator(".alias").allTextContents(), ["first"]);
});

test("the code that calls a model does call it", async ({ page, workspace }) => {
  const connection = await workspace.connection();
  await workspace.register(connection, aws.model_id, "nova");
  await signIn(page, workspace.admin, "#/models");
  await page.getByRole("button", { name: "Code that calls nova" }).click();
  await dialog(page).getByRole("button", { name: "Copy: curl" }).click();
  const command = await page.evaluate("navigator.clipboard.readText()");
  const answer = execFileSync("bash", ["-c", command], { env: { ...process.env, API_KEY: workspace.admin }, stdio: ["ignore", "pipe", "ignore"] });
  assert.match(JSON.parse(answer).output.message.content[0].text, /You said: Hello/);
});

test("a thousand models are there at once, and filter in a blink", async ({ page, workspace }) => {
  const connection = await workspace.connection();
  const path = `/v1/integrations/bedrock/connections/${connection.id}/models`;
  const { items: [model] } = await workspace.call("GET", path);
  const items = Array.from({ length: 1000 }, (_, n) => ({ ...model, key: `m${n}`, model_id: `maker.model-${n}-v1:0`, name: `Model ${n}`, provider: `Maker ${n % 20}` }));
  await page.route(`**${path}?*`, async (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    const next_cursor = from + 200 < items.length ? String(from + 200) : null;
    await route.fulfill({ json: { items: items.slice(from, from + 200), next_cursor, fetched_at: new Date().toISOString(), gaps: [] } });
  });
  await signIn(page, workspace.admin, `#/connections/${connection.id}/models`);
  await sees(page, "1,000 models");
  const took = await page.evaluate(() => {
    const search = /** @type {HTMLInputElement} */ (document.querySelector("input[type=search]"));
    const begun = performance.now();
    search.value = "model 77";
    search.dispatchEvent(new Event("input"));
    document.body.getBoundingClientRect();
    return performance.now() - begun;
  });
  assert.equal(await shown(page).count(), 19);
  assert.ok(took < 200, `${took} ms`);
});
