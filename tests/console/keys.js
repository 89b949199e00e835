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
});

test("a key cannot end in the past", async ({ page, workspace }) => {
  await signIn(page, workspace.admin, "#/keys");
  await page.getByRole("button", { name: "Make a key" }).click();
  await dialog(page).getByLabel("Name").fill("old");
  await dialog(page).getByLabel("Expires").fill("2020-01-31");
  await dialog(page).getByRole("button", { name: "Make a key" }).click();
  await sees(page, "must be in the future");
}, { provokes: ["422"] });

test("the audit log tells who did what, to which account, with AWS's request ids", async ({ page, workspace }) => {
  await workspace.connection({ method: "cognito", fields: user() });
  await signIn(page, workspace.admin, "#/audit");
  await page.getByText("Connection saved").click();
  await sees(page, "AWS request ids");
  await sees(page, "123456789012");
});
