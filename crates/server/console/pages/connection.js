// One connection: how it is, its test, and all that can be done with it.

/** @import { Schema } from "client" */

import { all, call, Problem, stream } from "../api.js";
import { h, icon } from "../dom.js";
import { ago, until } from "../format.js";
import { messages } from "../messages.js";
import { badge, chip } from "../parts/badge.js";
import { once, running } from "../parts/busy.js";
import { copyable } from "../parts/copy.js";
import { credentials } from "../parts/credentials.js";
import { ask, tell } from "../parts/dialog.js";
import { choice, field } from "../parts/field.js";
import { kit } from "../parts/kit.js";
import { loaded } from "../parts/loaded.js";
import { facts, pageBody } from "../parts/page.js";
import { press } from "../parts/press.js";
import { refusal } from "../parts/refusal.js";
import { regionChooser, regionName } from "../parts/region.js";
import { testReport } from "../parts/report.js";
import { toast } from "../parts/toast.js";
import { go, link } from "../router.js";
import { may } from "../session.js";
import { mayConverse } from "./try.js";

const words = messages.connection;
const ONE = "/v1/integrations/bedrock/connections/{id}";

/** What is known of a connection, and how to look again. */
/** @typedef {{ connection: Schema<"Connection">, integration: Schema<"IntegrationDetail">, models: Schema<"Model">[], again: () => Promise<void>, signal: AbortSignal }} Known */

/** @param {Record<string, string>} params @param {AbortSignal} signal */
export function connection({ connection: id = "" }, signal) {
  const load = async () => {
    const [connection, integration, models] = await Promise.all([
      call("get", ONE, { path: { id }, signal }),
      call("get", "/v1/integrations/bedrock", { signal }),
      all((cursor) => call("get", "/v1/models", { query: { connection_id: id, limit: 200, cursor }, signal })),
    ]);
    return { connection, integration, models };
  };
  const body = loaded(load, (found, again) => draw({ ...found, again, signal }), (content) => pageBody({ title: words.title, back: back() }, content));
  return { section: "connections", body };
}

const back = () => ({ href: link("connections"), text: words.back });

/** @param {Known} known */
function draw(known) {
  const { connection, integration, models, signal } = known;
  const lead = h("span", { class: "row tight" });
  const why = h("div", {});
  const shown = h("div", {});
  /** How it is now, which a test changes. */
  const tell = (/** @type {Schema<"Connection">} */ now) => {
    known.connection = now;
    lead.replaceChildren(badge(now.state), now.is_default ? chip(messages.connections.default) : "");
    why.replaceChildren(now.state_reason ? reason(now.state_reason) : "");
    shown.replaceChildren(details(now, integration));
  };
  tell(connection);
  return pageBody(
    {
      title: connection.name ?? connection.id, lead, back: back(),
      actions: may("admin") && [
        h("button", { type: "button", id: "rename", onclick: () => rename(known) }, words.rename),
        !connection.is_default && press({}, () => makeDefault(known), words.make_default),
        h("button", { type: "button", class: "danger quiet", onclick: () => disconnect(known) }, words.disconnect),
      ],
    },
    why,
    h("div", { class: "beside even" },
      h("div", { class: "stack large" },
        h("section", { class: "card stack", "aria-labelledby": "details" }, h("h2", { id: "details" }, words.details), shown),
        h("section", { class: "card stack", "aria-labelledby": "offered" }, h("h2", { id: "offered" }, words.models), offered(models),
          h("div", {}, h("a", { class: "button", href: link("connections", connection.id, "models") }, icon("models"), words.choose))),
        may("admin") && h("section", { class: "card stack", "aria-labelledby": "change" }, h("h2", { id: "change" }, words.change),
          more(words.credentials, () => replace(known)), more(words.region, () => anotherRegion(known)), more(words.setup, () => setup(known)))),
      may("member") && test(known, async () => tell(await call("get", ONE, { path: { id: connection.id }, signal })))));
}

/** @param {string} code */
function reason(code) {
  return h("div", { class: "note failed" }, icon("warning"), h("div", {}, h("strong", {}, words.reason), h("p", {}, words.reasons[code] ?? words.reason_else(code))));
}

/** @param {Schema<"Model">[]} models */
function offered(models) {
  if (models.length === 0) return h("p", { class: "soft" }, words.models_text);
  return h("ul", { class: "inline" }, models.map((model) =>
    h("li", {},
      may("member") && mayConverse(model) ? h("a", { class: "chip", href: link("try", model.alias) }, model.alias) : chip(model.alias),
      model.state !== "available" && badge(model.state))));
}

/**
 * What is drawn when it is opened.
 * @param {string} title
 * @param {() => Node} content
 */
function more(title, content) {
  const element = h("details", { ontoggle: () => element.childElementCount === 1 && element.append(content()) }, h("summary", {}, title));
  return element;
}

/**
 * @param {Schema<"Connection">} connection
 * @param {Schema<"IntegrationDetail">} integration
 */
function details(connection, { methods, regions }) {
  const { access } = connection;
  const hints = /** @type {[string, Schema<"Hint">][]} */ (Object.entries(connection.secret_hints));
  const secrets = hints.map(([name, { kind, last_four }]) =>
    [words.secrets[name] ?? name, words.secrets[kind] !== words.secrets[name] && words.secrets[kind], last_four && words.ending(last_four)].filter(Boolean).join(", "));
  /** @type {[string, unknown][]} */
  const values = [
    ["method", methods.find(({ method }) => method === connection.method)?.label],
    ["region", `${regionName(regions, connection.region)} · ${connection.region}`],
    ["account", access.account_id && copyable(access.account_id)],
    ["role_arn", access.role_arn && copyable(access.role_arn)],
    ["external_id", access.external_id && copyable(access.external_id)],
    ["user_pool_id", access.user_pool_id], ["app_client_id", access.app_client_id], ["identity_pool_id", access.identity_pool_id],
    ["username", access.username], ["pool_region", access.pool_region],
    ["identity", access.identity_arn && copyable(access.identity_arn)],
    ["secret", secrets.join("; ")],
    ["expires", connection.expires_at && until(connection.expires_at)],
    ["tested", connection.last_test && [ago(connection.last_test.at), ", ", connection.last_test.ok ? words.passed : words.failed]],
    ["since", ago(connection.state_since)],
    ["created", ago(connection.created_at)],
    ["id", copyable(connection.id)],
  ];
  return facts(values.map(([name, value]) => [words.facts[name] ?? name, /** @type {import("../dom.js").Child} */ (value)]));
}

/**
 * @param {Known} known
 * @param {() => Promise<void>} after
 */
function test({ connection, models, signal }, after) {
  const report = testReport();
  const options = /** @type {[string, string][]} */ (models.map(({ alias, model_id }) => [model_id, alias]));
  const invoke = choice({ label: messages.guide.invoke, help: messages.guide.invoke_help, options: [["", messages.app.none], ...options] });
  const button = press({ class: "primary" }, async () => {
    const body = invoke.value() ? { invoke: { model_id: invoke.value() } } : {};
    // Without a report there is nothing new to tell of the connection.
    if (await report.run(() => stream(`${ONE}/test`, { path: { id: connection.id }, body, signal }, "report"))) await after();
  }, words.test_now);
  return h("section", { class: "card stack sticky", "aria-labelledby": "test" },
    h("h2", { id: "test" }, words.test), h("p", { class: "soft" }, words.test_lead),
    models.length > 0 && invoke.element, h("div", {}, button), report.element);
}

/** @param {Known} known @param {Omit<Schema<"EditInput">, never>} body */
async function edit(known, body) {
  const { connection: { id, etag }, signal } = known;
  try {
    return await call("patch", ONE, { path: { id }, headers: { "if-match": etag }, body, signal });
  } catch (problem) {
    // What somebody else changed meanwhile is told now, and known to whoever tries again.
    if (problem instanceof Problem && problem.code === "etag_mismatch") known.connection = await call("get", ONE, { path: { id }, signal });
    throw problem;
  }
}

/** @param {Known} known */
function rename(known) {
  const name = field({ name: "name", label: messages.guide.name, help: messages.guide.name_help }, { value: known.connection.name ?? "" });
  ask({
    title: words.rename, body: name.element, confirm: messages.app.save,
    act: async () => {
      if (!name.check()) return false;
      await edit(known, { name: name.value() });
      return true;
    },
    done: () => {
      toast(words.renamed);
      return known.again();
    },
  });
}

/** @param {Known} known */
async function makeDefault(known) {
  await edit(known, { is_default: true });
  toast(words.made_default);
  await known.again();
}

/** @param {Known} known */
function replace(known) {
  const { connection, integration, again } = known;
  const described = integration.methods.find(({ method }) => method === connection.method)?.fields ?? [];
  const entered = credentials(connection, described);
  const report = testReport();
  const trouble = h("div", {});
  const submit = h("button", { type: "submit", class: "primary" }, messages.app.save);
  const store = (/** @type {{ accept_warnings?: string[] }} */ how) => once([submit], trouble, async () => {
    report.clear();
    if (!entered.check()) return;
    const fields = entered.changes();
    if (Object.keys(fields).length === 0) return trouble.replaceChildren(h("div", { class: "note", role: "status" }, icon("info"), words.unchanged));
    trouble.replaceChildren(running(messages.guide.saving));
    try {
      const { also_changed } = await edit(known, { fields, ...how });
      toast(words.replaced(also_changed.length));
      await again();
    } catch (problem) {
      trouble.replaceChildren(refusal(problem, entered, report, (accept_warnings) => store({ accept_warnings })));
    }
  });
  return h("form", { class: "stack", novalidate: true, onsubmit: store({}) }, h("p", { class: "soft" }, words.credentials_lead), entered.element, trouble, h("div", {}, submit), report.element);
}

/** @param {Known} known */
function anotherRegion({ connection, integration }) {
  const region = regionChooser(integration.regions.filter(({ code }) => code !== connection.region));
  const trouble = h("div", {});
  const submit = h("button", { type: "submit" }, messages.bedrock.start, icon("arrow"));
  return h("form", {
    class: "stack", novalidate: true,
    onsubmit: once([submit], trouble, async () => {
      if (!region.check()) return;
      const body = { method: connection.method, region: region.value(), access_id: connection.access.id };
      const started = await call("post", "/v1/integrations/bedrock/connect", { body });
      go("integrations", "bedrock", connection.method, started.connection.id);
    }),
  }, h("p", { class: "soft" }, words.region_lead), region.element, trouble, h("div", {}, submit));
}

/** @param {Known} known */
function setup({ connection, signal }) {
  return h("div", { class: "stack" }, h("p", { class: "soft" }, words.setup_lead),
    loaded(() => call("get", `${ONE}/setup`, { path: { id: connection.id }, signal }), (setup) => kit(connection.id, setup, signal)));
}

/** @param {Known} known */
function disconnect({ connection, models }) {
  const aliases = models.map(({ alias }) => alias);
  /** @type {Schema<"Disconnected">} */
  let result;
  ask({
    title: words.disconnect_title(connection.name ?? connection.id), confirm: words.disconnect, danger: true,
    body: [
      h("p", {}, words.disconnect_text),
      h("ul", {}, h("li", {}, words.removes.connection), aliases.length > 0 && h("li", {}, words.removes.models(aliases)), h("li", {}, words.removes.secrets)),
      h("p", {}, words.stays),
    ],
    act: async () => {
      result = await call("delete", ONE, { path: { id: connection.id } });
    },
    done: () => {
      const { removed, left_in_aws } = result;
      const gone = [words.removed_connection, removed.models.length > 0 && words.removed_models(removed.models), removed.secrets && words.removed_secrets];
      tell({
        title: words.disconnected, close: () => go("connections"),
        body: [
          h("h3", {}, words.removed), h("ul", {}, gone.filter(Boolean).map((one) => h("li", {}, one))),
          h("h3", {}, words.left), left_in_aws.length > 0 ? h("ul", {}, left_in_aws.map((one) => h("li", {}, one))) : h("p", {}, words.nothing_left),
        ],
      });
    },
  });
}
