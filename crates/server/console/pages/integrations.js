// What can be connected, and how it is.

import { call } from "../api.js";
import { h, icon } from "../dom.js";
import { messages } from "../messages.js";
import { badge } from "../parts/badge.js";
import { loaded } from "../parts/loaded.js";
import { pageBody } from "../parts/page.js";
import { link } from "../router.js";

const words = messages.integrations;

/** @param {unknown} _ @param {AbortSignal} signal */
export function integrations(_, signal) {
  const list = loaded(() => call("get", "/v1/integrations", { signal }), ({ items }) =>
    h("ul", { class: "catalogue" }, items.map((one) =>
      h("li", { class: "card" },
        h("div", { class: "row between" }, h("span", { class: "logo" }, icon(one.id)), badge(one.state)),
        h("h2", {}, one.name), h("p", {}, one.description),
        h("div", { class: "row between" },
          h("span", { class: "fine" }, one.connections > 0 && words.count(one.connections)),
          h("a", { class: "button primary", href: link("integrations", one.id) }, one.connections > 0 ? words.manage : words.connect, icon("arrow")))))));
  return { section: "integrations", body: pageBody({ title: words.title, lead: words.lead }, list) };
}
