// What an account can invoke over a connection, and registering of it. All of it is fetched; searching and filtering ask nobody.

/** @import { Schema } from "client" */

import { all, call, Problem } from "../api.js";
import { h, icon } from "../dom.js";
import { ago, together } from "../format.js";
import { messages } from "../messages.js";
import { aliasField } from "../parts/alias.js";
import { badge, chip } from "../parts/badge.js";
import { copyable } from "../parts/copy.js";
import { ask, tell } from "../parts/dialog.js";
import { choice, field, group } from "../parts/field.js";
import { loaded } from "../parts/loaded.js";
import { empty, facts, pageBody } from "../parts/page.js";
import { regionName } from "../parts/region.js";
import { finding } from "../parts/report.js";
import { press } from "../parts/press.js";
import { searchBox } from "../parts/search.js";
import { toast } from "../parts/toast.js";
import { link } from "../router.js";
import { may } from "../session.js";

const words = messages.invocable;
const LIST = "/v1/integrations/bedrock/connections/{id}/models";

/** @typedef {Schema<"InvocableModel">} Model */
/** @typedef {{ model: Model, element: HTMLElement, text: string }} Row */
/** @typedef {{ q: string[], provider: string, modality: string, capability: string, state: string }} Wanted */

/** @param {Record<string, string>} params @param {AbortSignal} signal */
export function invocable({ connection: id = "" }, signal) {
  let refresh = false;
  const load = async () => {
    const path = { id };
    const asked = refresh;
    refresh = false;
    /** @type {Schema<"Models"> | undefined} */
    let first;
    const [models, registered, connection, integration] = await Promise.all([
      all(async (cursor) => {
        const page = await call("get", LIST, { path, query: { limit: 200, cursor, ...(asked && !cursor && { refresh: true }) }, signal });
        first ??= page;
        return page;
      }),
      all((cursor) => call("get", "/v1/models", { query: { connection_id: id, limit: 200, cursor }, signal })),
      call("get", "/v1/integrations/bedrock/connections/{id}", { path, signal }),
      call("get", "/v1/integrations/bedrock", { signal }),
    ]);
    return { models, registered, connection, integration, gaps: first?.gaps ?? [], fetchedAt: first?.fetched_at };
  };
  const body = loaded(load, ({ models, registered, connection, integration, gaps, fetchedAt }, again) => {
    const name = connection.name ?? id;
    const askAgain = () => {
      refresh = true;
      return again();
    };
    return pageBody(
      {
        title: words.title, lead: words.lead(name, regionName(integration.regions, connection.region)), back: { href: link("connections", id), text: name },
        actions: [
          may("admin") && h("button", { type: "button", onclick: () => byId(id, again) }, words.typed),
          press({ id: "refresh" }, askAgain, icon("again"), words.refresh),
        ],
      },
      missing(gaps.filter(matters), words.gaps, "note soon"),
      models.length === 0 ? empty({ symbol: "models", title: words.empty, text: words.empty_text }) : catalogue(id, models, registered),
      missing(gaps.filter((gap) => !matters(gap)), words.not_listed, "note"),
      fetchedAt && h("p", { class: "fine" }, words.fetched, " ", ago(fetchedAt)));
  }, (content) => pageBody({ title: words.title, back: { href: link("connections", id), text: messages.connection.title } }, content));
  return { section: "connections", body };
}

/** Whether something is amiss. That a policy leaves out what the account made itself is a choice. @param {Schema<"Gap">} gap */
const matters = ({ list, code }) => code !== "missing_permission" || list === "foundation_models" || list === "system_profiles";

/**
 * @param {Schema<"Gap">[]} gaps
 * @param {(lists: string) => string} say
 * @param {string} look
 */
function missing(gaps, say, look) {
  if (gaps.length === 0) return null;
  const lists = together(gaps.map(({ list }) => words.lists[list] ?? list));
  return h("details", { class: `${look} gaps` }, h("summary", {}, say(lists)),
    gaps.map((gap) => h("div", { class: "stack" }, h("h3", {}, words.lists[gap.list] ?? gap.list), finding(gap))));
}

/**
 * @param {string} id
 * @param {Model[]} models
 * @param {Schema<"Model">[]} registered
 */
function catalogue(id, models, registered) {
  // A model that was registered by the id of a profile is the one that the profile invokes.
  const aliases = new Map(registered.flatMap(({ model_id, invoke_id, alias }) => [[model_id, alias], [invoke_id, alias]]));
  const rows = models.map((model) => ({ model, element: row(id, model, aliases), text: `${model.name} ${model.provider} ${model.model_id} ${model.invoke_id}`.toLowerCase() }));
  const sections = [...Map.groupBy(rows, ({ model }) => model.provider)].map(([provider, members]) => ({
    members, element: h("section", { class: "provider", "aria-label": provider }, h("h2", {}, provider), h("ul", {}, members.map(({ element }) => element))),
  }));
  const count = h("p", { class: "fine", role: "status" });
  const nothing = h("div", { hidden: true }, empty({
    symbol: "search", title: words.none, text: words.none_text, action: h("button", { type: "button", onclick: clear }, words.clear),
  }));
  const search = searchBox(apply);
  const select = (/** @type {string} */ label, /** @type {[string, string][]} */ options) => choice({ label, options: [["", words.any], ...options], onchange: apply });
  const same = (/** @type {string} */ one) => /** @type {[string, string]} */ ([one, one]);
  const distinct = (/** @type {(model: Model) => string[]} */ of) => [...new Set(models.flatMap(of))].sort();
  const provider = select(words.provider, distinct((model) => [model.provider]).map(same));
  const modality = select(words.modality, distinct(({ modalities }) => [...modalities.input, ...modalities.output]).map((one) => [one, spoken(one)]));
  const capability = select(words.capability, distinct((model) => model.capabilities).map((one) => [one, words.capabilities[one] ?? one]));
  const state = select(words.state, [["usable", words.only_available]]);
  const filters = [provider, modality, capability, state];

  function clear() {
    search.clear();
    for (const { select } of filters) select.value = "";
    apply();
  }

  function apply() {
    const wanted = { q: search.words(), provider: provider.value(), modality: modality.value(), capability: capability.value(), state: state.value() };
    for (const one of rows) one.element.hidden = !matches(one, wanted);
    for (const { element, members } of sections) element.hidden = members.every((one) => one.element.hidden);
    const shown = rows.filter(({ element }) => !element.hidden).length;
    count.textContent = words.shown(shown, rows.length);
    nothing.hidden = shown > 0;
  }

  apply();
  return h("div", { class: "stack" },
    h("div", { class: "filters" }, search.element, filters.map(({ element }) => element)),
    count, nothing, h("div", { class: "providers" }, sections.map(({ element }) => element)));
}

/** @param {Row} row @param {Wanted} wanted */
function matches({ model, text }, { q, provider, modality, capability, state }) {
  const { modalities } = model;
  return q.every((word) => text.includes(word))
    && (!provider || model.provider === provider)
    && (!modality || modalities.input.includes(modality) || modalities.output.includes(modality))
    && (!capability || model.capabilities.includes(capability))
    && (!state || model.invoke_id !== null);
}

/** AWS shouts them. @param {string} modality */
const spoken = (modality) => modality.charAt(0) + modality.slice(1).toLowerCase().replaceAll("_", " ");

/** @param {Model} model */
const gives = ({ modalities }) => `${together(modalities.input.map(spoken))} → ${together(modalities.output.map(spoken))}`;

/**
 * @param {string} id
 * @param {Model} model
 * @param {Map<string, string>} aliases
 */
function row(id, model, aliases) {
  const action = h("div", { class: "action" });
  const settle = (/** @type {string} */ alias) => {
    const registered = h("span", { class: "registered", tabindex: "-1" }, icon("check"), words.registered(alias));
    const hadFocus = action.contains(document.activeElement);
    action.replaceChildren(registered);
    if (hadFocus) registered.focus();
  };
  const alias = aliases.get(model.model_id) ?? aliases.get(model.invoke_id ?? "");
  if (alias) settle(alias);
  else if (may("admin") && model.invoke_id) {
    action.append(h("button", { type: "button", class: "small", "aria-label": words.register_label(model.name), onclick: () => register(id, model.name, model.model_id, settle) }, icon("plus"), words.register));
  }
  return h("li", { class: "model" },
    h("div", { class: "what" },
      h("button", { type: "button", class: "title", "aria-label": words.details(model.name), onclick: () => details(id, model) }, model.name),
      h("code", { class: "fine" }, model.model_id),
      model.state_message && h("p", { class: "why" }, model.state_message)),
    h("div", { class: "can" },
      model.state !== "available" && badge(model.state),
      model.capabilities.map((one) => chip(words.capabilities[one] ?? one)),
      h("span", { class: "fine" }, gives(model))),
    action);
}

/**
 * @param {string} id
 * @param {string} name
 * @param {string} model_id
 * @param {(alias: string) => void} settle
 */
function register(id, name, model_id, settle) {
  const alias = aliasField({ help: words.alias_help, example: "sonnet", optional: true });
  ask({
    title: words.register_title(name), confirm: words.register, body: [h("p", {}, words.register_text), alias.element],
    ...add(id, () => model_id, alias, [alias], settle),
  });
}

/** @param {string} id @param {() => Promise<void>} again */
function byId(id, again) {
  const model = field({ name: "model_id", label: words.typed_label, example: "us.anthropic.claude-sonnet-4-5-20250929-v1:0" });
  const alias = aliasField({ help: words.alias_help, optional: true });
  ask({
    title: words.typed_title, confirm: words.register, body: [h("p", {}, words.typed_text), model.element, alias.element],
    ...add(id, model.value, alias, [model, alias], again),
  });
}

/**
 * What a question about registering does.
 * @param {string} id
 * @param {() => string} model
 * @param {import("../parts/field.js").Field} alias
 * @param {import("../parts/field.js").Field[]} fields
 * @param {(alias: string) => unknown} settle
 */
function add(id, model, alias, fields, settle) {
  const entered = group(fields);
  let registered = "";
  return {
    async act() {
      if (!entered.check()) return false;
      const models = [{ model_id: model(), ...(alias.value() && { alias: alias.value() }) }];
      try {
        const { items } = await call("post", "/v1/models", { body: { connection_id: id, models } });
        registered = items[0]?.alias ?? "";
        return true;
      } catch (problem) {
        if (problem instanceof Problem && entered.refuse(problem.errors)) return false;
        throw problem;
      }
    },
    done() {
      settle(registered);
      toast(words.done(registered));
    },
  };
}

/**
 * @param {string} id
 * @param {Model} model
 */
function details(id, model) {
  const { fact } = words;
  tell({
    title: model.name,
    body: [
      h("div", { class: "row" }, badge(model.state), model.capabilities.map((one) => chip(words.capabilities[one] ?? one))),
      facts([
        [fact.why, model.state_message],
        [fact.kind, words.kinds[model.kind] ?? model.kind],
        [fact.model_id, copyable(model.model_id)],
        [fact.invoke_id, model.invoke_id && copyable(model.invoke_id)],
        [fact.gives, gives(model)],
        [fact.residency, model.residency && words.residencies[model.residency]],
        [fact.destinations, model.destinations.join(", ")],
        [fact.end_of_life, model.end_of_life && ago(model.end_of_life)],
      ]),
      model.kind === "base" ? loaded(
        () => call("get", `${LIST}/{key}`, { path: { id, key: model.key } }),
        ({ availability }) => facts([[fact.availability, availability && [badge(availability.state), " ", availability.message ?? availability.reason?.replaceAll("_", " ")]]])) : "",
    ].filter((part) => part instanceof Node),
  });
}
