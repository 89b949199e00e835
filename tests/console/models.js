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
  const found = await shown(page).allTextContents();
  assert.ok(found.length > 0 && found.every((text) => text.includes("Claude") && text.includes("Sonnet")), found.join());
  await page.getByRole("searchbox").fill("");
  await page.getByLabel("Can do").selectOption("embed");
  const embedding = await shown(page).count();
  assert.ok(embedding > 0 && embedding < all);
  await page.getByLabel("Provider").selectOption("Cohere");
  await sees(page, /of \d+ models/);
  await page.getByLabel("Input or output").selectOption("VIDEO");
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
  await sees(page, "Alias does not have the right form");
  await alias.fill("taken");
  await register.click();
  await dialog(page).locator(".wrong").filter({ hasText: /\w/ }).waitFor();
  await alias.fill("haiku");
  await register.click();
  await sees(page, "Registered as haiku");
  await page.getByRole("link", { name: "Models", exact: true }).first().click();
  await sees(page, "haiku");
}, { provokes: ["409", "422"] });

test("one that was registered by the id of its profile is known as registered", async ({ page, workspace }) => {
  const connection = await workspace.connection();
  const { items } = await workspace.call("GET", `/v1/integrations/bedrock/connections/${connection.id}/models?q=haiku`);
  const { invoke_id } = items.find((model) => model.invoke_id && model.invoke_id !== model.model_id);
  await workspace.register(connection, invoke_id, "haiku");
  await signIn(page, workspace.admin, `#/connections/${connection.id}/models`);
  await shown(page).getByText("Registered as haiku").waitFor();
});

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
  await sees(page, "It is called lite now");
  await page.getByRole("button", { name: "Rename lite" }).and(page.locator(":focus")).waitFor();
  await page.getByRole("button", { name: "Make default: lite" }).click();
  await sees(page, "lite is the default now");
  await page.getByRole("button", { name: "Unregister lite" }).click();
  await dialog(page).getByRole("button", { name: "Unregister" }).click();
  await sees(page, "lite is unregistered");
  await page.getByRole("button", { name: "Unregister lite" }).waitFor({ state: "detached" });
  assert.deepEqual(await page.locator(".alias").allTextContents(), ["first"]);
});

test("the selector is searched", async ({ page, workspace }) => {
  const connection = await workspace.connection();
  await workspace.register(connection, "amazon.nova-micro-v1:0", "first");
  await workspace.register(connection, "anthropic.claude-3-5-haiku-20241022-v1:0", "second");
  await signIn(page, workspace.admin, "#/models");
  await page.getByRole("searchbox", { name: "Search models" }).fill("claude haiku");
  assert.deepEqual(await shown(page).locator(".alias").allTextContents(), ["second"]);
  await page.getByRole("searchbox", { name: "Search models" }).fill("claude micro");
  await sees(page, "No model matches");
});

test("a change that fails is told, and is no longer under way", async ({ page, workspace }) => {
  const connection = await workspace.connection();
  await workspace.register(connection, "amazon.nova-micro-v1:0", "first");
  await workspace.register(connection, aws.model_id, "nova");
  await signIn(page, workspace.admin, "#/models");
  const make = page.getByRole("button", { name: "Make default: nova" });
  await make.waitFor();
  await page.route("**/v1/models/*", (route) => route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" }), { times: 1 });
  await make.click();
  await dialog(page).getByText("This is not an answer of the service").waitFor();
  await dialog(page).getByText("status 502").waitFor();
  await dialog(page).getByRole("button", { name: "Done" }).click();
  await make.click();
  await sees(page, "nova is the default now");
}, { provokes: ["502"] });

test("a list that the policy leaves out is named, and one that matters is a warning", async ({ page, workspace }) => {
  const connection = await workspace.connection();
  const path = `/v1/integrations/bedrock/connections/${connection.id}/models`;
  const { items } = await workspace.call("GET", path);
  const gap = { operation: "ListImportedModels", list: "imported_models", code: "missing_permission", message: "Not allowed.", remedy: "Allow it.", retryable: false, likely_causes: [] };
  const gaps = [gap, { ...gap, list: "custom_models", code: "throttled" }];
  await page.route(`**${path}?*`, (route) => route.fulfill({ json: { items, next_cursor: null, fetched_at: new Date().toISOString(), gaps } }));
  await signIn(page, workspace.admin, `#/connections/${connection.id}/models`);
  await sees(page, "AWS did not list custom models: they are missing here");
  await sees(page, "Not listed, as the account's policy does not allow it: imported models");
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
  let asked = 0;
  await page.route(`**${path}?*`, async (route) => {
    asked += 1;
    const from = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    const next_cursor = from + 200 < items.length ? String(from + 200) : null;
    await route.fulfill({ json: { items: items.slice(from, from + 200), next_cursor, fetched_at: new Date().toISOString(), gaps: [] } });
  });
  await signIn(page, workspace.admin, `#/connections/${connection.id}/models`);
  await sees(page, "1,000 models");
  const took = await page.evaluate(async () => {
    const search = /** @type {HTMLInputElement} */ (document.querySelector("input[type=search]"));
    const begun = performance.now();
    search.value = "model 77";
    search.dispatchEvent(new Event("input"));
    // Drawn, and not only thought out.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.now() - begun;
  });
  assert.equal(await shown(page).count(), 19);
  assert.ok(took < 200, `${took} ms`);
  assert.equal(asked, 5, "nobody is asked for what is here");
});
