// The service as a platform runs it, with an AWS to develop against, and who calls its API.

import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { close } from "./browser.js";

const BINARY = "target/debug/bedrock-integrations";
const BEDROCK = "/v1/integrations/bedrock";

/** What there is to try in AWS, as the sandbox tells it. */
export let aws;
export let url;

/** What a user of the customer's pool signs in with. */
export function user() {
  const { user_pool_id, app_client_id, identity_pool_id, username, password } = aws.cognito;
  return { user_pool_id, app_client_id, identity_pool_id, username, password };
}

let operator;
let folder;
const programs = [];

export async function start() {
  const sandbox = run("sandbox", ["--listen", "127.0.0.1:0"], {});
  for await (const line of createInterface(sandbox.stdout)) {
    if (!line.startsWith("ready ")) continue;
    aws = JSON.parse(line.slice(6));
    break;
  }
  sandbox.stdout.resume();
  folder = await mkdtemp(join(tmpdir(), "console-"));
  // For root, Postgres runs as a user who has to get there.
  await chmod(folder, 0o711);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const environment = {
    BI_DATA_DIR: folder, BI_LISTEN: `127.0.0.1:${port}`, BI_OPS_LISTEN: "127.0.0.1:0",
    BI_AWS_ENDPOINT_URL: aws.url, BI_DEV_AWS_ENDPOINTS: "true", BI_PRINCIPAL_ARN: aws.platform.principal_arn,
    // So that what a platform may warn of can be accepted.
    BI_ALLOW_UNENFORCED_EXTERNAL_ID: "true",
    AWS_ACCESS_KEY_ID: aws.platform.access_key_id, AWS_SECRET_ACCESS_KEY: aws.platform.secret_access_key,
  };
  run("serve", ["--local"], environment).stdout.resume();
  await ready();
  const made = run("api-key", ["--local", "create", "--operator"], environment);
  operator = (await made.stdout.toArray()).join("").trim();
}

export async function stop() {
  await close();
  await Promise.all(programs.filter((program) => program.exitCode === null).map((program) => {
    program.kill("SIGINT");
    return new Promise((resolve) => program.on("exit", resolve));
  }));
  await rm(folder, { recursive: true });
}

function run(command, args, environment) {
  const { PATH, HOME } = process.env;
  const program = spawn(BINARY, [command, ...args], { env: { PATH, HOME, ...environment }, stdio: ["ignore", "pipe", "inherit"] });
  programs.push(program);
  return program;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.on("listening", resolve));
  const { port } = server.address();
  server.close();
  return port;
}

async function ready() {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the service did not get ready");
}

async function ask(key, method, path, body, headers = {}) {
  const answer = await fetch(url + path, {
    method, headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers }, body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

let count = 0;

/** A workspace, and who may do what in it. */
export async function workspace() {
  const ref = `workspace-${++count}`;
  const name = `Workspace ${count}`;
  const { id } = await ask(operator, "PUT", `/v1/tenants/by-ref/${ref}`, { name });
  const key = (role, fields = {}) => ask(operator, "POST", "/v1/api-keys", { name: role, role, ...fields }, { "bi-tenant": ref });
  const { api_key: admin } = await key("admin");
  return {
    admin,
    name,
    key,
    call: (method, path, body, headers) => ask(admin, method, path, body, headers),
    suspend: () => ask(operator, "PATCH", `/v1/tenants/${id}`, { state: "suspended" }),
    connection: (fields = {}) => connect(admin, { name: "My key", method: "api_key", fields: { api_key: aws.api_keys.long_term }, ...fields }),
    register: (connection, model_id, alias) => ask(admin, "POST", "/v1/models", { connection_id: connection.id, models: [{ model_id, alias }] }),
  };
}

async function connect(key, entry) {
  const { connection } = await ask(key, "POST", `${BEDROCK}/connections`, { region: aws.region, ...entry });
  return connection;
}

/** What the customer does in the AWS console: a role out of the setup kit of a connection. */
export async function makeRole(workspace, connection, name) {
  const setup = await workspace.call("GET", `${BEDROCK}/connections/${connection}/setup`);
  const answer = await fetch(`${aws.url}/_sandbox/roles/${name}`, { method: "PUT", body: JSON.stringify({ setup }) });
  return (await answer.json()).role_arn;
}
