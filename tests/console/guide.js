// From nothing to a saved connection, by each method, with the mistakes that people make.

import assert from "node:assert/strict";

import { sees, signIn, test } from "./browser.js";
import { aws, makeRole, user } from "./service.js";

/** Chooses a method, and starts. The id of what was started. */
async function begin(page, workspace, method) {
  await signIn(page, workspace.admin);
  await page.getByRole("link", { name: "Connect", exact: true }).click();
  await page.getByRole("tab", { name: method }).click();
  await page.getByRole("tabpanel", { name: method }).getByLabel("Region", { exact: true }).selectOption(aws.region);
  await page.getByRole("tabpanel", { name: method }).getByRole("button", { name: "Start" }).click();
  await page.getByRole("heading", { name: "1. Set up in AWS" }).waitFor();
  return page.url().split("/").pop();
}

const testNow = (page) => page.getByRole("button", { name: "Test Connection" }).click();
const save = (page) => page.getByRole("button", { name: "Save Credentials" }).click();
const reported = (page, text) => page.locator(".report").getByText(text).first().waitFor();
const step = (page, name) => page.getByRole("listitem").filter({ hasText: name });

test("by IAM role: the kit is copied, a wrong role is explained, the right one is saved", async ({ page, workspace }) => {
  const id = await begin(page, workspace, "IAM role");
  await page.getByRole("button", { name: "Copy: Trust policy" }).first().click();
  const trust = JSON.parse(await page.evaluate("navigator.clipboard.readText()"));
  assert.match(trust.Statement[0].Condition.StringEquals["sts:ExternalId"], /^bi-/);

  const role = page.getByLabel("Role ARN");
  await testNow(page);
  await sees(page, "Role ARN is needed");
  await role.fill("not an ARN");
  await role.blur();
  await sees(page, "Role ARN does not have the right form");
  await role.fill("arn:aws:iam::123456789012:role/Mistyped");
  await testNow(page);
  await sees(page, "The test failed at: Credentials from AWS");
  await sees(page, "Compare the role's trust policy");
  await sees(page, "the role does not exist, or its ARN is mistyped");
  await sees(page, "AWS request id");
  await step(page, "Credentials from AWS").getByRole("button").last().click();
  assert.match(await page.evaluate("navigator.clipboard.readText()"), /^[0-9a-f-]{36}$/);

  await role.fill(await makeRole(workspace, id, "ConsoleRole"));
  await testNow(page);
  await sees(page, "The connection works");
  await step(page, "The role is yours alone").getByText("Passed").waitFor();
  await page.getByLabel("Name of the connection").fill("Production");
  await save(page);
  await page.getByRole("heading", { name: "Connected" }).waitFor();
  await sees(page, aws.account_id);
  await page.getByRole("link", { name: "Open the connection" }).click();
  await page.getByRole("heading", { name: "Production" }).waitFor();
  await sees(page, "Healthy");
});

test("the kit is there for the AWS console, CloudFormation, Terraform and the AWS CLI, and for certain models only", async ({ page, workspace }) => {
  await begin(page, workspace, "IAM role");
  const copied = async (name) => {
    await page.getByRole("button", { name }).filter({ visible: true }).click();
    return page.evaluate("navigator.clipboard.readText()");
  };
  await page.getByRole("tab", { name: "AWS console" }).press("ArrowRight");
  const template = JSON.parse(await copied("Copy: Template"));
  assert.ok(Object.values(template.Resources).some(({ Type }) => Type === "AWS::IAM::Role"));
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).filter({ visible: true }).first().click();
  assert.match((await downloading).suggestedFilename(), /[.]json$/);
  await page.getByRole("tab", { name: "Terraform" }).click();
  assert.match(await copied("Copy: Configuration"), /aws_iam_role/);
  await page.getByRole("tab", { name: "AWS CLI" }).click();
  assert.match(await copied("Copy: Commands"), /aws iam create-role/);

  await page.getByText("Allow certain models only").click();
  const models = page.getByLabel("Models optional");
  await models.fill("no model at all");
  await page.getByRole("button", { name: "Update the setup" }).click();
  await page.locator(".wrong").filter({ hasText: /\w/ }).waitFor();
  await models.fill(aws.model_id);
  await page.getByRole("button", { name: "Update the setup" }).click();
  await page.getByRole("tab", { name: "AWS console", selected: true }).waitFor();
  assert.match(await copied("Copy: Permissions policy"), /foundation-model\/amazon[.]nova-lite-v1:0/);
}, { provokes: ["422"] });

test("a role that anybody can take on is saved only when the warning is accepted, at first and in a change", async ({ page, workspace }) => {
  const id = await begin(page, workspace, "IAM role");
  const role = page.getByLabel("Role ARN");
  const refused = async () => {
    await page.getByRole("alert").getByText("A warning was not accepted").waitFor();
    await reported(page, "Nothing was saved");
    await step(page, "The role is yours alone").getByText("Warning").waitFor();
    assert.equal(await page.getByText("The connection works").count(), 0);
  };
  const accept = () => page.getByRole("button", { name: "Save despite this warning" }).click();
  await role.fill(aws.roles.unenforced_role_arn);
  await save(page);
  await refused();
  assert.equal((await workspace.call("GET", "/v1/integrations/bedrock/connections")).items.length, 0);
  await accept();
  await page.getByRole("heading", { name: "Connected" }).waitFor();
  await page.getByRole("link", { name: "Open the connection" }).click();

  const replace = async (arn) => {
    await page.getByText("Replace credentials").click();
    await role.fill(arn);
    await page.getByRole("button", { name: "Save", exact: true }).click();
  };
  await replace(await makeRole(workspace, id, "Enforced"));
  await page.locator("details[open]").waitFor({ state: "detached" });
  await replace(aws.roles.unenforced_role_arn);
  await refused();
  const path = `/v1/integrations/bedrock/connections/${id}`;
  assert.match((await workspace.call("GET", path)).access.role_arn, /Enforced$/);
  await accept();
  await page.locator("details[open]").waitFor({ state: "detached" });
  assert.equal((await workspace.call("GET", path)).access.role_arn, aws.roles.unenforced_role_arn);
}, { provokes: ["422"] });

test("a region that is entered and is none gets the focus", async ({ page, workspace }) => {
  await signIn(page, workspace.admin, "#/integrations/bedrock/api_key");
  const way = page.getByRole("tabpanel", { name: "API key" });
  await way.getByLabel("Region", { exact: true }).selectOption({ label: "Another region…" });
  await way.getByLabel("Code of the region").fill("Ireland");
  await way.getByRole("button", { name: "Start" }).press("Enter");
  await sees(page, "Code of the region does not have the right form");
  await way.getByLabel("Code of the region").and(page.locator(":focus")).waitFor();
});

test("a role that trusts tokens has no external ID to enter, and is connected", async ({ page, workspace }) => {
  await signIn(page, workspace.admin, "#/integrations/bedrock/iam_role");
  const way = page.getByRole("tabpanel", { name: "IAM role" });
  await way.getByLabel("How this service identifies itself").selectOption("oidc");
  await way.getByRole("button", { name: "Start" }).click();
  const role = page.getByLabel("Role ARN");
  await role.waitFor();
  assert.equal(await page.getByLabel("External ID").count(), 0);
  await sees(page, "sts.amazonaws.com");
  await role.fill("arn:aws:iam::123456789012:role/Mistyped");
  await testNow(page);
  await sees(page, "The test failed at: Credentials from AWS");
  await role.fill(await makeRole(workspace, page.url().split("/").pop(), "ByToken"));
  await testNow(page);
  await sees(page, "The connection works");
  await save(page);
  await page.getByRole("heading", { name: "Connected" }).waitFor();
});

test("what was started can be gone on with, and discarded", async ({ page, workspace }) => {
  const id = await begin(page, workspace, "IAM role");
  await page.getByRole("link", { name: "Amazon Bedrock" }).click();
  await page.getByRole("link", { name: "Continue" }).click();
  await page.waitForURL(`**/${id}`);
  await page.getByRole("link", { name: "Amazon Bedrock" }).click();
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("dialog").getByText("Its external ID ends with it").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("link", { name: "Continue" }).waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Discard" }).click();
  await sees(page, "Discarded");
  await page.getByRole("link", { name: "Continue" }).waitFor({ state: "detached" });
});

test("by API key: an expired key is explained, a good one pasted with spaces is saved", async ({ page, workspace }) => {
  await begin(page, workspace, "API key");
  const key = page.getByLabel("Bedrock API key", { exact: true });
  assert.equal(await key.getAttribute("type"), "password");
  await key.fill(aws.api_keys.expired);
  await testNow(page);
  await sees(page, /has expired|expired/i);
  await key.fill("");
  await page.evaluate((text) => navigator.clipboard.writeText(text), `\n  ${aws.api_keys.long_term} \n`);
  await key.focus();
  await page.keyboard.press("Control+V");
  assert.equal(await key.inputValue(), aws.api_keys.long_term);
  await page.getByText("Also call a model").click();
  await page.getByLabel("Model to call").fill(aws.model_id);
  await testNow(page);
  await step(page, "Call a model, streamed").getByText("Passed").waitFor();
  await save(page);
  await page.getByRole("heading", { name: "Connected" }).waitFor();
  await page.getByRole("link", { name: "Choose models" }).click();
  await sees(page, "Claude");
}, { provokes: ["422"] });

test("by Cognito, on a phone: a wrong password and a password to be changed are explained, the right one is saved", async ({ page, workspace }) => {
  await begin(page, workspace, "Amazon Cognito");
  const { user_pool_id, app_client_id, identity_pool_id, username, password } = user();
  await page.getByLabel("User pool ID").fill(user_pool_id);
  await page.getByLabel("App client ID").fill(app_client_id);
  await page.getByLabel("Identity pool ID").fill(identity_pool_id);
  await page.getByLabel("User name").fill("new-password-required");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await testNow(page);
  await sees(page, "The test failed at: Credentials from AWS");
  await reported(page, /permanent/);
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill("Wrong-Pa55word");
  await testNow(page);
  await reported(page, /user name or the password/);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await testNow(page);
  await sees(page, "The connection works");
  await save(page);
  await page.getByRole("heading", { name: "Connected" }).waitFor();
}, { size: "phone" });

test("what the service refuses is said beside the field, and what failed can be saved without a test", async ({ page, workspace }) => {
  await begin(page, workspace, "API key");
  const key = page.getByLabel("Bedrock API key", { exact: true });
  await key.fill(aws.api_keys.revoked);
  await save(page);
  await sees(page, "The test failed at:");
  await sees(page, `The test in ${aws.region} did not pass`);
  await page.getByRole("button", { name: "Save without a test" }).click();
  await sees(page, "Test it before it is used");
  await page.getByRole("link", { name: "Open the connection" }).click();
  await sees(page, "Not tested");
}, { provokes: ["422"] });

test("a network that goes in the middle of a save loses nothing that was entered", async ({ page, context, workspace }) => {
  await begin(page, workspace, "API key");
  const key = page.getByLabel("Bedrock API key", { exact: true });
  await key.fill(aws.api_keys.long_term);
  await context.setOffline(true);
  await save(page);
  await sees(page, "The service cannot be reached");
  await testNow(page);
  await sees(page, "The test did not end");
  await context.setOffline(false);
  assert.equal(await key.inputValue(), aws.api_keys.long_term);
  await save(page);
  await page.getByRole("heading", { name: "Connected" }).waitFor();
}, { provokes: ["ERR_INTERNET_DISCONNECTED"] });

test("the whole guide works by keyboard alone", async ({ page, workspace }) => {
  /** Goes on with the Tab key until something has the focus. */
  const reach = async (name) => {
    for (let steps = 0; steps < 60; steps++) {
      await page.keyboard.press("Tab");
      if (await page.locator(":focus").and(name).count()) return;
    }
    assert.fail(`not reached: ${name}`);
  };
  const press = async (name) => {
    await reach(name);
    await page.keyboard.press("Enter");
  };
  await signIn(page, workspace.admin);
  await page.getByRole("link", { name: "Connect", exact: true }).waitFor();
  await press(page.getByRole("link", { name: "Connect", exact: true }));
  const method = page.getByRole("tab", { name: "IAM role" });
  await method.waitFor();
  await reach(method);
  await page.keyboard.press("ArrowRight");
  await page.getByRole("heading", { name: "API key" }).waitFor();
  assert.match(page.url(), /bedrock\/api_key$/);
  await press(page.getByRole("button", { name: "Start" }));
  const key = page.getByLabel("Bedrock API key", { exact: true });
  await key.waitFor();
  await reach(key);
  await page.keyboard.insertText(aws.api_keys.long_term);
  await press(page.getByRole("button", { name: "Test Connection" }));
  await sees(page, "The connection works");
  await press(page.getByRole("button", { name: "Save Credentials" }));
  await page.getByRole("heading", { name: "Connected" }).waitFor();
  await press(page.getByRole("link", { name: "Choose models" }));
  const register = page.getByRole("button", { name: "Register Claude Haiku 4.5" });
  await register.waitFor();
  await reach(page.getByRole("searchbox", { name: "Search models" }));
  await page.keyboard.insertText("haiku 4.5");
  await press(register);
  await page.getByRole("dialog").waitFor();
  await page.keyboard.insertText("haiku");
  await page.keyboard.press("Enter");
  await sees(page, "Registered as haiku");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await page.locator(":focus").textContent(), "Registered as haiku", "what was pressed is gone, and the focus is where it was");
});

test("the name that is offered is no other connection's", async ({ page, workspace }) => {
  await begin(page, workspace, "API key");
  const name = page.getByLabel("Name of the connection");
  const offered = await name.inputValue();
  await workspace.connection({ name: offered });
  await page.reload();
  await page.getByRole("heading", { name: "1. Set up in AWS" }).waitFor();
  assert.equal(await name.inputValue(), `${offered} 2`);
});

test("a slow answer about the kit does not replace a later one", async ({ page, workspace }) => {
  await begin(page, workspace, "IAM role");
  await page.getByText("Allow certain models only").click();
  const update = page.getByRole("button", { name: "Update the setup" });
  const held = new Promise((resolve) => page.route("**/setup?models=*micro*", resolve));
  await page.getByLabel("Models optional").fill("amazon.nova-micro-v1:0");
  await update.click();
  const slow = await held;
  await page.getByLabel("Models optional").fill(aws.model_id);
  await update.click();
  await sees(page, /foundation-model\/amazon[.]nova-lite/);
  await slow.continue().catch(() => {});
  await page.getByLabel("Role ARN").fill("arn:aws:iam::123456789012:role/Mistyped");
  await testNow(page);
  await sees(page, "The test failed at");
  assert.equal(await page.getByText(/foundation-model\/amazon[.]nova-micro/).count(), 0);
});

test("a test whose end never comes is not taken for a whole one", async ({ page, workspace }) => {
  await begin(page, workspace, "API key");
  await page.getByLabel("Bedrock API key", { exact: true }).fill(aws.api_keys.long_term);
  const body = 'event: step\ndata: {"name":"fields","status":"passed","latency_ms":1}\n\n';
  await page.route("**/v1/integrations/bedrock/test", (route) => route.fulfill({ contentType: "text/event-stream", body }));
  await testNow(page);
  await sees(page, "The test did not end");
  await sees(page, "The connection broke before the end of the answer");
});

test("what was carried out though its answer was lost is not carried out again", async ({ page, workspace }) => {
  await signIn(page, workspace.admin, "#/integrations/bedrock/api_key");
  const start = page.getByRole("tabpanel", { name: "API key" }).getByRole("button", { name: "Start" });
  await start.waitFor();
  await page.route("**/bedrock/connect", async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await start.click();
  await sees(page, "The service cannot be reached");
  await start.click();
  await page.getByRole("heading", { name: "1. Set up in AWS" }).waitFor();
  const { items } = await workspace.call("GET", "/v1/integrations/bedrock/connections?pending=true");
  assert.equal(items.length, 1);
}, { provokes: ["ERR_FAILED"] });

test("what was carried out though the end of its answer was lost is not carried out again", async ({ page, workspace }) => {
  await signIn(page, workspace.admin, "#/integrations/bedrock/api_key");
  const start = page.getByRole("tabpanel", { name: "API key" }).getByRole("button", { name: "Start" });
  await start.waitFor();
  await page.route("**/bedrock/connect", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).slice(0, 20) });
  }, { times: 1 });
  await start.click();
  await sees(page, "This is not an answer of the service");
  await start.click();
  await page.getByRole("heading", { name: "1. Set up in AWS" }).waitFor();
  const { items } = await workspace.call("GET", "/v1/integrations/bedrock/connections?pending=true");
  assert.equal(items.length, 1);
});
