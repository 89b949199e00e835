// Keys of the workspace, and who did what.

import assert from "node:assert/strict";

import { sees, signIn, test } from "./browser.js";
import { url, user } from "./service.js";

const dialog = (page) => page.getByRole("dialog");

test("a key is shown once, works, and is revoked", async ({ page, workspace }) => {
  await signIn(page, workspace.admin, "#/keys");
  await page.getByRole("button", { name: "Make a key" }).click();
  await dialog(page).getByRole("button", { name: "Make a key" }).click();
  await sees(page, "Name is needed");
  await dialog(page).getByLabel("Name").fill("backend");
  await dialog(page).getByLabel("Role").selectOption("viewer");
  await dialog(page).getByRole("button", { name: "Make a key" }).click();
  await sees(page, "It is shown this once");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await dialog(page).getByRole("button", { name: "Copy: backend" }).click();
  const key = await page.evaluate("navigator.clipboard.readText()");
  const me = await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await me.json()).role, "viewer");
  await dialog(page).getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Revoke backend" }).waitFor();
  assert.ok(!(await page.content()).includes(key), "it is nowhere any more");
  await page.getByRole("button", { name: "Revoke backend" }).click();
  await dialog(page).getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Revoke backend" }).waitFor({ state: "detached" });
  assert.equal(await page.evaluate("document.activeElement.className"), "loaded", "the focus stays with the list");
});

test("without a clipboard of the browser's a key is copied all the same, and what was not copied is said", async ({ page, workspace }) => {
  await page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
  await signIn(page, workspace.admin, "#/keys");
  await page.getByRole("button", { name: "Make a key" }).click();
  await dialog(page).getByLabel("Name").fill("backend");
  await dialog(page).getByRole("button", { name: "Make a key" }).click();
  const copy = dialog(page).getByRole("button", { name: "Copy: backend" });
  await copy.click();
  await sees(page, "Copied");
  const key = await dialog(page).locator("pre").textContent();
  await page.evaluate("document.execCommand = () => false");
  await copy.click();
  await sees(page, "Not copied");
  await dialog(page).getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Make a key" }).click();
  await dialog(page).getByLabel("Name").press("Control+V");
  assert.equal(await dialog(page).getByLabel("Name").inputValue(), key);
});

test("a key lasts to the end of the day that was chosen, where it was chosen", async ({ page, workspace }) => {
  await signIn(page, workspace.admin, "#/keys");
  await page.getByRole("button", { name: "Make a key" }).click();
  await dialog(page).getByLabel("Name").fill("backend");
  await dialog(page).getByLabel("Expires").fill("2090-01-31");
  await dialog(page).getByRole("button", { name: "Make a key" }).click();
  await dialog(page).getByRole("button", { name: "Done" }).click();
  await sees(page, "31 Jan 2090, 23:59");
}, { timezone: "Asia/Tokyo" });

test("a key whose answer was lost is not made twice", async ({ page, workspace }) => {
  await signIn(page, workspace.admin, "#/keys");
  await page.getByRole("button", { name: "Make a key" }).click();
  await dialog(page).getByLabel("Name").fill("backend");
  await page.route("**/v1/api-keys", async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  const make = dialog(page).getByRole("button", { name: "Make a key" });
  await make.click();
  await sees(page, "The service cannot be reached");
  await make.click();
  await sees(page, "This key was made before");
  await dialog(page).getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Revoke backend" }).waitFor();
  const { items } = await workspace.call("GET", "/v1/api-keys");
  assert.equal(items.filter(({ name }) => name === "backend").length, 1);
}, { provokes: ["ERR_FAILED", "409"] });

test("a key cannot end in the past", async ({ page, workspace }) => {
  await signIn(page, workspace.admin, "#/keys");
  await page.getByRole("button", { name: "Make a key" }).click();
  await dialog(page).getByLabel("Name").fill("old");
  await dialog(page).getByLabel("Expires").fill("2020-01-31");
  await dialog(page).getByRole("button", { name: "Make a key" }).click();
  await sees(page, "must be in the future");
}, { provokes: ["422"] });

test("more of the audit log is shown until there is no more, and the focus goes on with it", async ({ page, workspace }) => {
  const { items: [event] } = await workspace.call("GET", "/v1/audit");
  await page.route("**/v1/audit?*", (route) => {
    const isFirst = !new URL(route.request().url()).searchParams.has("cursor");
    return route.fulfill({ json: { items: [{ ...event, action: isFirst ? "model.registered" : "model.unregistered" }], next_cursor: isFirst ? "next" : null } });
  });
  await signIn(page, workspace.admin, "#/audit");
  await page.getByRole("button", { name: "Show more" }).click();
  await page.locator("summary:focus").filter({ hasText: "Model unregistered" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Show more" }).count(), 0);
});

test("the audit log tells who did what, to which account, with AWS's request ids", async ({ page, workspace }) => {
  await workspace.connection({ method: "cognito", fields: user() });
  await signIn(page, workspace.admin, "#/audit");
  await page.getByText("Connection saved").click();
  await sees(page, "AWS request ids");
  await sees(page, "123456789012");
});
