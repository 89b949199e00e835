// From what is to be set up in AWS to a saved connection: the kit, and beside it the form that tests and saves.

/** @import { Schema } from "client" */

import { all, call, Problem, stream } from "../api.js";
import { h, icon } from "../dom.js";
import { messages } from "../messages.js";
import { once, running } from "../parts/busy.js";
import { credentials } from "../parts/credentials.js";
import { field, group } from "../parts/field.js";
import { loaded } from "../parts/loaded.js";
import { kit } from "../parts/kit.js";
import { pageBody } from "../parts/page.js";
import { refusal } from "../parts/refusal.js";
import { regionName } from "../parts/region.js";
import { found, testReport } from "../parts/report.js";
import { link } from "../router.js";

const words = messages.guide;

/** @param {Record<string, string>} params @param {AbortSignal} signal */
export function guide({ method = "", connection: id = "" }, signal) {
  const path = { id };
  const load = async () => {
    const [integration, connection, setup, others] = await Promise.all([
      call("get", "/v1/integrations/bedrock", { signal }),
      call("get", "/v1/integrations/bedrock/connections/{id}", { path, signal }),
      call("get", "/v1/integrations/bedrock/connections/{id}/setup", { path, signal }),
      all((cursor) => call("get", "/v1/integrations/bedrock/connections", { query: { limit: 200, cursor }, signal })),
    ]);
    return { integration, connection, setup, others };
  };
  const back = { href: link("integrations", "bedrock", method), text: words.back };
  const draw = (/** @type {Awaited<ReturnType<typeof load>>} */ { integration, connection, setup, others }) => {
    const described = integration.methods.find((one) => one.method === connection.method);
    const region = regionName(integration.regions, connection.region);
    const label = described?.label ?? connection.method;
    const head = { title: words.title(label), lead: words.lead(region), back };
    if (connection.state !== "pending") {
      return pageBody(head, h("p", {}, words.already, " ", h("a", { href: link("connections", id) }, words.open)));
    }
    return pageBody(head, h("div", { class: "beside" },
      h("section", { class: "card stack", "aria-labelledby": "kit" }, h("h2", { id: "kit" }, words.kit), h("p", { class: "soft" }, words.kit_lead), kit(id, setup, signal)),
      entry(connection, described?.fields ?? [], freeName(words.name_default(label, region), others.map((other) => other.name)), signal)));
  };
  return { section: "integrations", body: loaded(load, draw, (content) => pageBody({ title: messages.bedrock.title, back }, content)) };
}

/**
 * The name, numbered if another connection has it.
 * @param {string} name
 * @param {(string | null | undefined)[]} taken
 */
function freeName(name, taken) {
  let free = name;
  for (let number = 2; taken.includes(free); number += 1) {
    free = `${name} ${number}`;
  }
  return free;
}

/**
 * @param {Schema<"Connection">} connection
 * @param {Schema<"Field">[]} described
 * @param {string} defaultName
 * @param {AbortSignal} signal
 */
function entry(connection, described, defaultName, signal) {
  const name = field({ name: "name", label: words.name, help: words.name_help }, { value: defaultName });
  const entered = credentials(connection, described);
  const invoke = field({ name: "model_id", label: words.invoke_label, help: `${words.invoke_id} ${words.invoke_help}`, example: "amazon.nova-lite-v1:0", optional: true });
  const all = group([name, ...entered.fields, invoke]);
  const report = testReport();
  const trouble = h("div", { class: "stack" });
  const test = h("button", { type: "button" }, words.test);
  const save = h("button", { type: "submit", class: "primary" }, words.save);
  const anyway = h("button", { type: "button", class: "plain", hidden: true }, words.save_untested);
  const buttons = [test, save, anyway];
  test.addEventListener("click", once(buttons, trouble, tryOut));
  anyway.addEventListener("click", once(buttons, trouble, () => store({ verify: "skip" })));
  const section = h("section", { class: "card stack sticky", "aria-labelledby": "enter" },
    h("h2", { id: "enter" }, words.enter), h("p", { class: "soft" }, connection.access.account_id ? words.shared : words.enter_lead),
    h("form", { class: "stack", novalidate: true, onsubmit: once(buttons, trouble, () => store({})) },
      entered.element, name.element,
      h("details", {}, h("summary", {}, words.invoke), invoke.element),
      h("div", { class: "row" }, test, save, anyway)),
    trouble, report.element);
  return section;

  function asked() {
    return { connection_id: connection.id, method: connection.method, region: connection.region, fields: entered.values() };
  }

  async function tryOut() {
    if (!all.check()) return;
    const body = { ...asked(), ...(invoke.value() && { invoke: { model_id: invoke.value() } }) };
    await report.run(async () => {
      try {
        return await stream("/v1/integrations/bedrock/test", { body, signal }, "report");
      } catch (problem) {
        if (problem instanceof Problem) all.refuse(problem.errors);
        throw problem;
      }
    });
  }

  /** @param {{ verify?: string, accept_warnings?: string[] }} how */
  async function store(how) {
    report.clear();
    if (!all.check()) return;
    trouble.replaceChildren(running(words.saving));
    try {
      const saved = await call("post", "/v1/integrations/bedrock/connections", { body: { ...asked(), name: name.value(), ...how }, signal });
      section.replaceChildren(...done(saved));
      section.querySelector("h2")?.focus();
    } catch (problem) {
      anyway.hidden = !(problem instanceof Problem && problem.code === "connection_test_failed");
      trouble.replaceChildren(refusal(problem, all, report, (accept_warnings) => once(buttons, trouble, () => store({ accept_warnings }))));
    }
  }
}

/** @param {Schema<"SavedConnection">} saved */
function done({ connection, report }) {
  const name = connection.name ?? "";
  return [
    h("div", { class: "success" }, icon("check")),
    h("h2", { tabindex: "-1" }, words.saved),
    h("p", { role: "status" }, connection.state !== "unverified" ? words.saved_text(name) : words.saved_untested(name)),
    report ? h("div", { class: "stack" }, h("h3", {}, words.found), found(report)) : "",
    h("div", { class: "row" },
      h("a", { class: "button primary", href: link("connections", connection.id, "models") }, words.models, icon("arrow")),
      h("a", { class: "button", href: link("connections", connection.id) }, words.open)),
  ];
}
