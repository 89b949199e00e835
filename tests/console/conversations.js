// Trying a model, and what it used.

import assert from "node:assert/strict";

import { sees, signIn, test, use } from "./browser.js";
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

const reply = (...events) => ({ contentType: "text/event-stream", body: events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join("") });
const WORDS = ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Half of" } }];

test("an answer that is cut is not taken for a whole one", async ({ page, workspace }) => {
  await converse(page, workspace);
  await page.route("**/converse", (route) => route.fulfill(reply(WORDS)), { times: 1 });
  await say(page, "Name three rivers.");
  await sees(page, "The connection broke before the end of the answer");
  await sees(page, "Half of");
  const asking = page.waitForRequest("**/converse");
  await say(page, "And three lakes.");
  assert.equal((await asking).postDataJSON().messages.length, 1, "it is no part of the conversation");
});

test("an answer without words is said to be one, and is no part of the conversation", async ({ page, workspace }) => {
  await converse(page, workspace);
  await page.route("**/converse", (route) => route.fulfill(reply(["messageStop", { stopReason: "end_turn" }])), { times: 1 });
  await say(page, "Say nothing.");
  await sees(page, "The model answered without words");
  const asking = page.waitForRequest("**/converse");
  await say(page, "Say something.");
  const request = await asking;
  assert.equal(request.postDataJSON().messages.length, 1);
  assert.equal(request.headers()["idempotency-key"], undefined, "nobody repeats it");
});

test("a model that does not stream, and of which nobody knows what it can, is tried all the same", async ({ page, workspace }) => {
  const connection = await workspace.connection();
  const { items: [model] } = await workspace.register(connection, aws.model_id, "nova");
  const items = [{ ...model, capabilities: ["unknown"] }];
  await page.route("**/v1/models?*", (route) => route.fulfill({ json: { items, next_cursor: null } }));
  await signIn(page, workspace.admin, "#/models");
  await page.getByRole("link", { name: "Try nova" }).click();
  await page.getByLabel("Message").waitFor();
  await say(page, "Name three rivers.");
  await sees(page, "You said: Name three rivers.");
  await sees(page, /tokens in, .+ · our share .+ ms/);
});

test("the end of an answer leaves who reads elsewhere where they are", async ({ page, workspace }) => {
  await converse(page, workspace);
  await say(page, "A long story. ".repeat(200));
  await page.locator(".writing").filter({ hasText: /\w/ }).waitFor();
  const selector = page.getByLabel("Model", { exact: true });
  await selector.focus();
  await sees(page, "our share");
  await page.locator("[aria-busy=false]").waitFor();
  await selector.and(page.locator(":focus")).waitFor();
  await page.getByLabel("Message").focus();
  await page.getByLabel("Message").fill("Another. ".repeat(200));
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByLabel("Message").and(page.locator(":focus")).waitFor();
});

test("where a proxy keeps our share back, nothing is told of it", async ({ page, workspace }) => {
  await converse(page, workspace);
  await page.route("**/converse", (route) => route.fulfill(reply(WORDS, ["messageStop", { stopReason: "end_turn" }])));
  await say(page, "Name three rivers.");
  await sees(page, "in all");
  assert.equal(await page.getByText("our share").count(), 0);
});

test("the selector tells which model cannot be used, and why", async ({ page, workspace }) => {
  const connection = await workspace.connection();
  const { items: [model] } = await workspace.register(connection, aws.model_id, "nova");
  const ended = { ...model, id: "mod_2", alias: "ended", name: "Old", state: "unavailable", state_reason: "model_end_of_life", is_default: false };
  await page.route("**/v1/models?*", (route) => route.fulfill({ json: { items: [model, ended], next_cursor: null } }));
  await signIn(page, workspace.admin, "#/try");
  const selector = page.getByLabel("Model", { exact: true });
  assert.equal(await page.getByText("Reason: model end of life").count(), 0);
  await selector.selectOption({ label: "ended · Old · Not available" });
  await sees(page, "Reason: model end of life");
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
  await use(page);
  await signIn(page, workspace.admin, "#/usage");
  assert.equal(await page.locator(".chart rect > title").first().textContent().then((text) => text.endsWith("nova: 1,650")), true);
  const cells = (name) => page.getByRole("table").nth(name).getByRole("row").nth(1).getByRole("cell").allTextContents();
  assert.deepEqual(await cells(0), ["nova", "7", "2,400", "600", "200", "100", "386 ms", "1"]);
  await page.getByText("By day and model, in numbers").click();
  const today = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(new Date());
  assert.deepEqual(await cells(1), [today, "nova", "4", "1,200", "300", "100", "50", "450 ms", "1"]);
});
