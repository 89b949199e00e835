// The model selector: what the workspace offers for conversations.

/** @import { Schema } from "client" */

import { all, call, Problem } from "../api.js";
import { h, icon } from "../dom.js";
import { messages, stateReason } from "../messages.js";
import { aliasField } from "../parts/alias.js";
import { badge, chip } from "../parts/badge.js";
import { showCode } from "../parts/code.js";
import { ask } from "../parts/dialog.js";
import { choice } from "../parts/field.js";
import { loaded } from "../parts/loaded.js";
import { empty, pageBody } from "../parts/page.js";
import { press } from "../parts/press.js";
import { searchBox } from "../parts/search.js";
import { toast } from "../parts/toast.js";
import { link } from "../router.js";
import { may } from "../session.js";
import { mayConverse } from "./try.js";

const words = messages.models;

/** @param {unknown} _ @param {AbortSignal} signal */
export function models(_, signal) {
  const load = () => Promise.all([
    all((cursor) => call("get", "/v1/models", { query: { limit: 200, cursor }, signal })),
    all((cursor) => call("get", "/v1/integrations/bedrock/connections", { query: { limit: 200, cursor }, signal })),
  ]);
  const list = loaded(load, ([items, connections], again) => {
    const names = new Map(connections.map(({ id, name }) => [id, name ?? id]));
    if (items.length === 0) return empty({ symbol: "models", title: words.none, text: words.none_text, action: may("admin") && choose(connections) });
    const rows = items.map((model) => ({
      model, element: row(model, names.get(model.connection_id) ?? "", again),
      text: `${model.alias} ${model.name} ${model.provider} ${model.model_id} ${model.invoke_id}`.toLowerCase(),
    }));
    const filter = choice({ label: words.filter, options: [["", words.all], ...names], onchange: apply });
    const search = searchBox(apply);
    const nothing = h("p", { class: "nothing", role: "status", hidden: true }, messages.invocable.none);
    function apply() {
      const [words, id] = [search.words(), filter.value()];
      for (const { model, element, text } of rows) element.hidden = !words.every((word) => text.includes(word)) || (id !== "" && model.connection_id !== id);
      nothing.hidden = rows.some(({ element }) => !element.hidden);
    }
    return h("div", { class: "stack" },
      h("div", { class: "filters" }, search.element, names.size > 1 && filter.element, may("admin") && h("div", { class: "end" }, choose(connections))),
      nothing, h("ul", { class: "registered-models" }, rows.map(({ element }) => element)));
  });
  return { section: "models", body: pageBody({ title: words.title, lead: words.lead }, list) };
}

/** Where models are chosen: of the default connection, else of the first. @param {Schema<"Connection">[]} connections */
function choose(connections) {
  const from = connections.find(({ is_default }) => is_default) ?? connections[0];
  return from
    ? h("a", { class: "button primary", href: link("connections", from.id, "models") }, icon("plus"), words.choose)
    : h("a", { class: "button primary", href: link("integrations", "bedrock") }, words.connect);
}

/**
 * @param {Schema<"Model">} model
 * @param {string} connection
 * @param {() => Promise<void>} again
 */
function row(model, connection, again) {
  const { alias } = model;
  const path = { id: model.id };
  const makeDefault = async () => {
    await call("patch", "/v1/models/{id}", { path, body: { is_default: true } });
    toast(words.made_default(alias));
    await again();
  };
  return h("li", { class: "model" },
    h("div", { class: "what" },
      h("span", { class: "row tight" }, h("strong", { class: "alias" }, alias), model.is_default && chip(words.default), badge(model.state)),
      h("span", {}, [model.name, model.provider].filter(Boolean).join(" · ") || model.model_id),
      h("span", { class: "fine" }, h("a", { href: link("connections", model.connection_id) }, connection), " · ", model.region, " · ", h("code", {}, model.invoke_id)),
      model.state_reason && h("p", { class: "why" }, stateReason(model))),
    h("div", { class: "can" }, model.capabilities.map((one) => chip(messages.invocable.capabilities[one] ?? one))),
    h("div", { class: "action" },
      may("member") && mayConverse(model) && h("a", { class: "button small", href: link("try", alias), "aria-label": `${words.try} ${alias}` }, icon("try"), words.try),
      h("button", { type: "button", class: "small plain", "aria-label": messages.code.label(alias), onclick: () => showCode(model) }, messages.code.show),
      may("admin") && [
        !model.is_default && press({ class: "small plain", "aria-label": `${words.make_default}: ${alias}` }, makeDefault, words.make_default),
        h("button", { type: "button", class: "small plain", id: `rename-${model.id}`, "aria-label": words.rename_title(alias), onclick: () => rename(model, again) }, words.rename),
        h("button", { type: "button", class: "small plain danger quiet", "aria-label": `${words.unregister} ${alias}`, onclick: () => unregister(model, again) }, words.unregister),
      ]));
}

/** @param {Schema<"Model">} model @param {() => Promise<void>} again */
function rename({ id, alias }, again) {
  const entered = aliasField({}, alias);
  ask({
    title: words.rename_title(alias), confirm: messages.app.save, body: [h("p", {}, words.rename_text), entered.element],
    act: async () => {
      if (!entered.check()) return false;
      try {
        await call("patch", "/v1/models/{id}", { path: { id }, body: { alias: entered.value() } });
      } catch (problem) {
        const refused = problem instanceof Problem && problem.errors[0];
        if (!refused) throw problem;
        entered.refuse(refused.message);
        return false;
      }
      return true;
    },
    done: () => {
      toast(words.renamed(entered.value()));
      return again();
    },
  });
}

/** @param {Schema<"Model">} model @param {() => Promise<void>} again */
function unregister({ id, alias }, again) {
  ask({
    title: words.unregister_title(alias), confirm: words.unregister, danger: true, body: h("p", {}, words.unregister_text),
    act: () => call("delete", "/v1/models/{id}", { path: { id } }),
    done: () => {
      toast(words.unregistered(alias));
      return again();
    },
  });
}
