// What is done with connections that are saved.

import assert from "node:assert/strict";

import { sees, signIn, test } from "./browser.js";
import { aws, user } from "./service.js";

const dialog = (page) => page.getByRole("dialog");
const read = (workspace, { id }) => workspace.call("GET", `/v1/integrations/bedrock/connections/${id}`);

async function open(page, workspace, connection) {
  await signIn(page, workspace.admin, `#/connections/${connection.id}`);
  await page.getByRole("heading", { name: connection.name }).waitFor();
}

test("one is renamed, another is made the default", async ({ page, workspace }) => {
  await workspace.connection();
  const second = await workspace.connection({ name: "Second" });
  await open(page, workspace, second);
  await page.getByRole("button", { name: "Rename" }).click();
  await dialog(page).getByLabel("Name of the connection").fill("Staging");
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Staging" }).waitFor();
  assert.equal(await page.title(), "Staging · Bedrock Integrations");
  await page.getByRole("button", { name: "Rename" }).and(page.locator(":focus")).waitFor();
  await page.getByRole("button", { name: "Make default" }).click();
  await sees(page, "It is the default now");
  const { name, is_default } = await read(workspace, second);
  assert.deepEqual({ name, is_default }, { name: "Staging", is_default: true });
});

test("the user's password is replaced without entering the rest, and a wrong one changes nothing", async ({ page, workspace }) => {
  const { user_pool_id, password } = user();
  const connection = await workspace.connection({ name: "User", method: "cognito", fields: user() });
  await open(page, workspace, connection);
  await page.getByText("Replace credentials").click();
  assert.equal(await page.getByLabel("User pool ID").inputValue(), user_pool_id);
  const entered = page.getByLabel("Password", { exact: true });
  assert.equal(await entered.inputValue(), "");
  await sees(page, "Kept. Enter another one only to replace it");
  await page.getByRole("button", { name: "Save" }).click();
  await sees(page, "Nothing was changed");
  await entered.fill("Wrong-Pa55word");
  await page.getByRole("button", { name: "Save" }).click();
  await sees(page, "The test failed at: Credentials from AWS");
  assert.equal((await read(workspace, connection)).state, "healthy");
  await entered.fill(password);
  await page.getByRole("button", { name: "Save" }).click();
  await sees(page, "Replaced");
}, { provokes: ["422"] });

test("the same access is used in another region", async ({ page, workspace }) => {
  await open(page, workspace, await workspace.connection());
  await page.getByText("Add another region").click();
  await page.getByLabel("Region", { exact: true }).selectOption("eu-west-1");
  await page.getByRole("button", { name: "Start" }).click();
  await sees(page, "Amazon Bedrock in Europe (Ireland)");
  await page.getByRole("button", { name: "Save Credentials" }).click();
  await page.getByRole("heading", { name: "Connected" }).waitFor();
  const { items } = await workspace.call("GET", "/v1/integrations/bedrock/connections");
  assert.deepEqual([items.length, new Set(items.map(({ access }) => access.id)).size], [2, 1]);
});

test("a short-term key counts down", async ({ page, workspace }) => {
  await workspace.connection({ name: "Short", fields: { api_key: aws.api_keys.short_term } });
  await signIn(page, workspace.admin, "#/connections");
  await page.getByText(/in 1[012] hours/).waitFor();
});

test("a test of what is saved is noted with it", async ({ page, workspace }) => {
  const connection = await workspace.connection({ fields: { api_key: aws.api_keys.not_allowed }, verify: "skip" });
  await open(page, workspace, connection);
  await sees(page, "Not tested");
  await page.getByRole("button", { name: "Test Connection" }).click();
  await sees(page, "The test failed at:");
  await sees(page, "bedrock:CallWithBearerToken");
  await sees(page, "Failing");
});

test("what another changed meanwhile is told, and then known", async ({ page, workspace }) => {
  const connection = await workspace.connection();
  await open(page, workspace, connection);
  await page.getByRole("button", { name: "Rename" }).click();
  await workspace.call("PATCH", `/v1/integrations/bedrock/connections/${connection.id}`, { name: "Theirs" }, { "if-match": connection.etag });
  await dialog(page).getByLabel("Name of the connection").fill("Ours");
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await dialog(page).getByRole("alert").getByText("Somebody else changed it meanwhile").waitFor();
  assert.equal(await dialog(page).getByText("etag").count(), 0, "nobody is told of headers");
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Ours" }).waitFor();
}, { provokes: ["412"] });

test("a change whose answer was lost is told as what it was when it is asked for again", async ({ page, workspace }) => {
  const connection = await workspace.connection();
  await workspace.register(connection, aws.model_id, "nova");
  await open(page, workspace, connection);
  const lose = () => page.route(`**/connections/${connection.id}`, async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await page.getByRole("button", { name: "Rename" }).click();
  await lose();
  await dialog(page).getByLabel("Name of the connection").fill("Ours");
  const save = dialog(page).getByRole("button", { name: "Save" });
  await save.click();
  await sees(page, "The service cannot be reached");
  await save.click();
  await page.getByRole("heading", { name: "Ours" }).waitFor();
  await page.getByRole("button", { name: "Disconnect" }).click();
  await lose();
  const confirm = dialog(page).getByRole("button", { name: "Disconnect" });
  await confirm.click();
  await sees(page, "The service cannot be reached");
  await confirm.click();
  await dialog(page).getByText("Models: nova").waitFor();
}, { provokes: ["ERR_FAILED"] });

test("a question is left with its page", async ({ page, workspace }) => {
  await signIn(page, workspace.admin, "#/connections");
  await workspace.connection();
  await page.getByRole("link", { name: "API keys" }).click();
  await page.getByRole("button", { name: "Make a key" }).click();
  await dialog(page).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Connections" }).waitFor();
  assert.equal(await dialog(page).count(), 0);
});

test("disconnecting says what is removed and what stays in AWS", async ({ page, workspace }) => {
  const connection = await workspace.connection();
  await workspace.register(connection, aws.model_id, "nova");
  await open(page, workspace, connection);
  await page.getByRole("button", { name: "Disconnect" }).click();
  await dialog(page).getByText("its registered models: nova").waitFor();
  await page.keyboard.press("Escape");
  await read(workspace, connection);
  await page.getByRole("button", { name: "Disconnect" }).click();
  await dialog(page).getByRole("button", { name: "Disconnect" }).click();
  await page.getByRole("heading", { name: "Left in AWS, for you to remove" }).waitFor();
  await dialog(page).getByText("The stored credentials").waitFor();
  await dialog(page).getByRole("button", { name: "Done" }).click();
  await sees(page, "No account is connected yet");
});
