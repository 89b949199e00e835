// Trying a model, and what it used.

import assert from "node:assert/strict";

import { sees, signIn, test } from "./browser.js";
import { aws } from "./service.js";

async function converse(page, workspace) {
  const connection = await workspace.connection();
  await workspace.register(connection, aws.model_id, "nova");
  await signIn(page, workspace.admin, "#/try");
  await page.getByLabel("Message").waitFor();
  return connection;
}

const say = async (page, text) => {
  await page.getByLabel("Message").fill(text);
  await page.keyboard.press("Enter");
};

test("an answer is streamed, with its tokens, its time and our share", async ({ page, workspace }) => {
  await converse(page, workspace);
  await say(page, "Name three rivers.");
  await sees(page, "You said: Name three rivers.");
  await sees(page, /\d+ tokens in, \d+ out · first words after .+ in all · our share .+ ms/);
  await say(page, "And three lakes.");
  await page.getByText(/our share/).nth(1).waitFor();
});

test("an answer is stopped, and what was written stays", async ({ page, workspace }) => {
  await converse(page, workspace);
  await say(page, "A long story. ".repeat(200));
  await page.locator(".writing").filter({ hasText: /\w/ }).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await sees(page, "Stopped");
  assert.ok((await page.locator(".turn").last().textContent()).length > 20);
});

test("a refusal is explained, and the conversation goes on after it", async ({ page, workspace }) => {
  const connection = await converse(page, workspace);
  await workspace.call("DELETE", `/v1/integrations/bedrock/connections/${connection.id}`);
  await say(page, "Hello?");
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("Message").isEnabled(), true);
}, { provokes: ["404"] });

test("without a model it says what to do first", async ({ page, workspace }) => {
  await signIn(page, workspace.admin, "#/try");
  await sees(page, "No model to converse with");
});

test("usage is drawn by day and model, and told in numbers", async ({ page, workspace }) => {
  const day = new Date().toISOString().slice(0, 10);
  const used = { day, connection_id: "con_1", model_id: "mod_1", alias: "nova", invoke_id: "x", outcome: "answered", requests: 3, input_tokens: 1200, output_tokens: 300, cache_read_tokens: 0, cache_write_tokens: 0, latency_ms: 900 };
  await page.route("**/v1/usage", (route) => route.fulfill({ json: { items: [used, { ...used, outcome: "refused", requests: 1, input_tokens: 0, output_tokens: 0 }], next_cursor: null } }));
  await signIn(page, workspace.admin, "#/usage");
  assert.equal(await page.locator(".chart rect > title").first().textContent().then((text) => text.endsWith("nova: 1,500")), true);
  const cells = await page.getByRole("row").nth(1).getByRole("cell").allTextContents();
  assert.deepEqual(cells, ["nova", "4", "1,200", "300", "0", "450 ms", "1"]);
});
