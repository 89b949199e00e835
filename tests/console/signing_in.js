// Who comes in, and how it ends.

import assert from "node:assert/strict";

import { sees, signIn, test } from "./browser.js";
import { aws, url, workspace as newWorkspace } from "./service.js";

test("a key is exchanged for a session that script cannot read", async ({ page, context, workspace }) => {
  await signIn(page, workspace.admin);
  await page.getByRole("heading", { name: "Amazon Bedrock" }).waitFor();
  assert.equal(await page.evaluate("document.cookie"), "");
  const kept = await page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })");
  assert.ok(!kept.includes("bi_"), kept);
  const [cookie] = await context.cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Strict"]);
});

test("a wrong key is refused beside the field", async ({ page }) => {
  await page.goto(url);
  const key = page.getByLabel("API key", { exact: true });
  await page.getByRole("button", { name: "Sign in" }).click();
  await sees(page, "API key is needed");
  await key.fill("hunter2");
  await page.getByRole("button", { name: "Sign in" }).click();
  await sees(page, "API key is not an API key of this service");
  assert.equal(await key.getAttribute("aria-invalid"), "true");
}, { provokes: ["401"] });

test("a link to a page opens that page after signing in", async ({ page, workspace }) => {
  await signIn(page, workspace.admin, "#/audit");
  await page.getByRole("heading", { name: "Audit log" }).waitFor();
  await sees(page, "Signed in");
});

test("signing out ends the session for good", async ({ page, context, workspace }) => {
  await signIn(page, workspace.admin, "#/keys");
  await page.getByRole("button", { name: "Revoke admin" }).waitFor();
  const [cookie] = await context.cookies();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  const again = await fetch(`${url}/v1/me`, { headers: { cookie: `${cookie.name}=${cookie.value}` } });
  assert.equal(again.status, 401);
  await page.reload();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
});

test("a session whose key was revoked asks to sign in again, and goes on where it was", async ({ page, workspace }) => {
  const { api_key, id } = await workspace.key("admin");
  await signIn(page, api_key, "#/connections");
  await sees(page, "No account is connected yet");
  await workspace.call("DELETE", `/v1/api-keys/${id}`);
  await page.getByRole("link", { name: "Models" }).click();
  await sees(page, "Your session has ended");
  await page.getByLabel("API key", { exact: true }).fill(workspace.admin);
  await page.getByRole("button", { name: "Sign in" }).click();
  await sees(page, "No model is registered yet");
}, { provokes: ["401"] });

test("a session that ends in the middle of a form is begun again in place, and nothing that was entered is lost", async ({ page, workspace }) => {
  const { api_key, id } = await workspace.key("admin");
  await signIn(page, api_key, "#/integrations/bedrock/api_key");
  await page.getByRole("tabpanel", { name: "API key" }).getByRole("button", { name: "Start" }).click();
  await page.getByLabel("Bedrock API key", { exact: true }).fill(aws.api_keys.long_term);
  await workspace.call("DELETE", `/v1/api-keys/${id}`);
  await page.getByRole("button", { name: "Save Credentials" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Your session has ended").waitFor();
  await page.keyboard.press("Escape");
  await dialog.getByLabel("API key", { exact: true }).fill(workspace.admin);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Connected" }).waitFor();
}, { provokes: ["401"] });

test("who signs in to another workspace in another tab is told so in the first", async ({ page, context, workspace }) => {
  await signIn(page, workspace.admin, "#/connections");
  await sees(page, "No account is connected yet");
  const other = await newWorkspace();
  const second = await context.newPage();
  await second.goto(`${url}/#/keys`);
  await second.getByRole("button", { name: "Sign out" }).click();
  await sees(page, "You signed out in another tab");
  const ending = { expires_at: new Date(Date.now() + 3_600_000).toISOString() };
  await signIn(second, (await workspace.key("admin", ending)).api_key, "#/keys");
  await page.getByRole("heading", { name: "Connections" }).waitFor();
  const { api_key } = await other.key("admin", ending);
  await second.evaluate(async (key) => (await import(`${location.origin}/console/session.js`)).signIn(key), api_key);
  await page.getByRole("dialog").getByText("Another sign-in has replaced this one").waitFor();
  await page.getByRole("button", { name: "Go on with the other" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await sees(page, other.name);
});

test("a clock that is ahead keeps nobody out", async ({ page, context, workspace }) => {
  await context.clock.setSystemTime(Date.now() + 7 * 86_400_000);
  await signIn(page, workspace.admin, "#/connections");
  await page.reload();
  await sees(page, "No account is connected yet");
});

test("a workspace that is suspended says so, and can be left", async ({ page, workspace }) => {
  await signIn(page, workspace.admin);
  await workspace.suspend();
  await page.reload();
  await sees(page, "The tenant is suspended");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
}, { provokes: ["403"] });

test("a sign-out that fails is told", async ({ page, context, workspace }) => {
  await signIn(page, workspace.admin);
  await context.setOffline(true);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("dialog").getByText("The service cannot be reached").waitFor();
  await context.setOffline(false);
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
}, { provokes: ["ERR_INTERNET_DISCONNECTED"] });

test("no script but the console's own runs, and no page frames it", async ({ page, context }) => {
  await page.goto(url);
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  const ran = await page.evaluate(() => {
    try {
      const script = document.createElement("script");
      script.append("window.ran = true");
      document.body.append(script);
    } catch {
      // Or it is refused before.
    }
    return "ran" in window;
  });
  assert.equal(ran, false);
  const framing = await context.newPage();
  await framing.goto("about:blank");
  await framing.setContent(`<iframe src="${url}"></iframe>`);
  assert.match(framing.frames()[1].url(), /^chrome-error:/);
}, { provokes: ["TrustedScript"] });

test("another site's request with the cookie changes nothing", async ({ page, context, workspace }) => {
  await signIn(page, workspace.admin);
  const [cookie] = await context.cookies();
  const answer = await fetch(`${url}/v1/session`, { method: "DELETE", headers: { cookie: `${cookie.name}=${cookie.value}`, origin: "https://evil.example" } });
  assert.equal((await answer.json()).code, "origin_refused");
});

test("a viewer is shown nothing that a viewer may not do", async ({ page, workspace }) => {
  const { api_key } = await workspace.key("viewer");
  await workspace.register(await workspace.connection(), aws.model_id, "nova");
  await signIn(page, api_key, "#/connections");
  await page.getByRole("link", { name: "My key" }).click();
  await page.getByRole("heading", { name: "My key" }).waitFor();
  const entries = await page.getByRole("navigation", { name: "Main" }).getByRole("link").allTextContents();
  assert.deepEqual(entries, ["Integrations", "Connections", "Models"]);
  for (const name of ["Disconnect", "Rename", "Test Connection"]) assert.equal(await page.getByRole("button", { name }).count(), 0, name);
  await sees(page, "nova");
  assert.equal(await page.getByRole("link", { name: "nova" }).count(), 0);
  await page.goto(`${url}/#/keys`);
  await page.getByRole("heading", { name: "This page is not for your role" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Make a key" }).count(), 0);
});

test("with the network gone it says so, and tries again when asked", async ({ page, context, workspace }) => {
  await signIn(page, workspace.admin, "#/connections");
  await sees(page, "No account is connected yet");
  await context.setOffline(true);
  await page.getByRole("link", { name: "Models" }).click();
  await sees(page, "The service cannot be reached");
  await context.setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  await sees(page, "No model is registered yet");
}, { provokes: ["ERR_INTERNET_DISCONNECTED"] });
