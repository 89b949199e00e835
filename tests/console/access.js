// Whoever reads by ear, sees little, or holds a phone: axe finds nothing on any page, in light and dark, wide and narrow.

import assert from "node:assert/strict";

import { axe, signIn, test, use } from "./browser.js";
import { aws, url } from "./service.js";

async function judge(page, what) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  assert.deepEqual(found, [], what);
  const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
  assert.ok(overflow <= 0, `${what} is ${overflow} pixels wider than the screen`);
}

for (const size of ["wide", "phone"]) {
  for (const colours of ["light", "dark"]) {
    test(`axe finds nothing: ${size}, ${colours}`, async ({ page, workspace }) => {
      await page.emulateMedia({ colorScheme: colours, reducedMotion: "reduce" });
      await page.goto(url);
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await judge(page, "signing in");
      await signIn(page, workspace.admin);
      const visit = async (hash, drawn) => {
        await page.evaluate((to) => { location.hash = to; }, hash);
        await (typeof drawn === "string" ? page.locator(drawn).first() : drawn).waitFor();
        await judge(page, hash);
      };
      await visit("#/connections", page.getByRole("heading", { name: "No account is connected yet" }));
      await visit("#/try", page.getByRole("heading", { name: "No model to converse with" }));
      const connection = await workspace.connection();
      const broken = await workspace.connection({ name: "Broken", fields: { api_key: aws.api_keys.revoked }, verify: "skip" });
      await workspace.register(connection, aws.model_id, "nova");
      const { connection: started } = await workspace.call("POST", "/v1/integrations/bedrock/connect", { method: "iam_role", region: aws.region });
      await visit("#/integrations", ".catalogue");
      await visit("#/integrations/bedrock", ".ways");
      await visit("#/integrations/bedrock/cognito", page.getByRole("tab", { name: "Amazon Cognito", selected: true }));
      await visit(`#/integrations/bedrock/iam_role/${started.id}`, ".todo");
      await page.getByLabel("Role ARN").fill("arn:aws:iam::123456789012:role/Mistyped");
      await page.getByRole("button", { name: "Test Connection" }).click();
      await page.locator(".report > .bad").waitFor();
      await judge(page, "a failed test");
      await visit("#/connections", ".cards");
      await visit(`#/connections/${broken.id}`, ".beside");
      await page.getByRole("button", { name: "Test Connection" }).click();
      await page.locator(".report > .bad").waitFor();
      await judge(page, "a connection that fails");
      for (const summary of ["Replace credentials", "Add another region"]) await page.getByText(summary).click();
      await judge(page, "what can be changed of a connection");
      const dialog = page.getByRole("dialog");
      const ask = async (name) => {
        await page.getByRole("button", { name }).first().click();
        await dialog.waitFor();
        await judge(page, `the dialog of ${name}`);
        await page.keyboard.press("Escape");
        await dialog.waitFor({ state: "detached" });
      };
      await ask("Disconnect");
      await visit("#/connections/con_none", page.getByRole("alert"));
      await visit("#/connections/con_none/models", page.getByRole("heading", { name: "Choose models" }));
      await page.getByRole("alert").waitFor();
      await judge(page, "models of nothing");
      await visit("#/integrations/bedrock/iam_role/con_none", page.getByRole("heading", { name: "Amazon Bedrock" }));
      await page.getByRole("alert").waitFor();
      await judge(page, "a guide to nothing");
      await visit(`#/connections/${connection.id}/models`, ".providers");
      await ask("Register by id");
      await ask("Details of Claude Haiku 4.5");
      await visit("#/models", ".registered-models");
      await ask("Code that calls nova");
      await visit("#/try", ".conversation");
      await page.getByLabel("Message").fill("Hello.");
      await page.keyboard.press("Enter");
      await page.getByText("our share").waitFor();
      await judge(page, "an answer");
      await use(page);
      await visit("#/usage", ".chart");
      await page.getByText("By day and model").click();
      await judge(page, "usage by day");
      await visit("#/audit", ".events");
      await visit("#/keys", ".table");
      await ask("Make a key");
      await visit("#/nowhere", page.getByRole("heading", { name: "There is no such page" }));
      await page.route("**/v1/me", async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, headers: { ...response.headers(), "bi-demo": "true" } });
      });
      await page.reload();
      await page.getByRole("complementary", { name: "Note" }).waitFor();
      await judge(page, "a demo");
      if (size === "phone") {
        await page.getByRole("button", { name: "Menu" }).click();
        await judge(page, "the menu");
      }
    }, { size, colours, provokes: ["404", "422"] });
  }
}

test("the colours that were chosen stay", async ({ page }) => {
  await page.goto(url);
  await page.getByRole("button", { name: "Use dark colours" }).click();
  await page.reload();
  await page.getByRole("button", { name: "Use light colours" }).waitFor();
  assert.equal(await page.evaluate("getComputedStyle(document.documentElement).colorScheme"), "dark");
});
