// The connections of the workspace.

/** @import { Schema } from "client" */

import { all, call } from "../api.js";
import { h, icon } from "../dom.js";
import { ago } from "../format.js";
import { messages } from "../messages.js";
import { badge, chip } from "../parts/badge.js";
import { loaded } from "../parts/loaded.js";
import { empty, facts, pageBody } from "../parts/page.js";
import { regionName } from "../parts/region.js";
import { link } from "../router.js";
import { may } from "../session.js";

const words = messages.connections;

/** @param {unknown} _ @param {AbortSignal} signal */
export function connections(_, signal) {
  const load = () => Promise.all([
    all((cursor) => call("get", "/v1/integrations/bedrock/connections", { query: { limit: 200, cursor }, signal })),
    call("get", "/v1/integrations/bedrock", { signal }),
  ]);
  const add = may("admin") && h("a", { class: "button primary", href: link("integrations", "bedrock") }, icon("plus"), words.add);
  const list = loaded(load, ([items, { regions, methods }]) =>
    items.length === 0
      ? empty({ symbol: "connections", title: words.none, text: words.none_text, action: may("admin") && h("a", { class: "button primary", href: link("integrations", "bedrock") }, words.add) })
      : h("ul", { class: "cards" }, items.map((one) => card(one, regions, methods))));
  return { section: "connections", body: pageBody({ title: words.title, lead: words.lead, actions: add }, list) };
}

/**
 * @param {Schema<"Connection">} one
 * @param {Schema<"Region">[]} regions
 * @param {Schema<"MethodDetail">[]} methods
 */
function card(one, regions, methods) {
  const { facts: names } = messages.connection;
  return h("li", { class: "card" },
    h("div", { class: "row between" },
      h("h2", {}, h("a", { href: link("connections", one.id) }, one.name ?? one.id)),
      h("span", { class: "row tight" }, one.is_default && chip(words.default), badge(one.state))),
    facts([
      [names.method ?? "", methods.find(({ method }) => method === one.method)?.label ?? one.method],
      [names.region ?? "", regionName(regions, one.region)],
      [names.account ?? "", one.access.account_id],
      [names.tested ?? "", one.last_test ? ago(one.last_test.at) : words.never_tested],
      [one.state === "expired" ? words.expired : words.expires, one.expires_at && ago(one.expires_at)],
    ]),
    h("div", { class: "row" },
      h("a", { class: "button small", href: link("connections", one.id, "models") }, icon("models"), words.models),
      h("a", { class: "button small plain", href: link("connections", one.id) }, words.open, icon("arrow"))));
}
