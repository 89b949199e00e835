// What every page begins with.

import { h, icon } from "../dom.js";
import { messages } from "../messages.js";

/** @import { Child, Leaf } from "../dom.js" */

/**
 * The title of the tab is that of the page, also where that is known only when it has come.
 * @param {{ title: string, lead?: Child, back?: { href: string, text: string }, actions?: Child }} head
 * @param {...(Leaf | Leaf[])} content
 */
export function pageBody({ title, lead, back, actions }, ...content) {
  document.title = messages.app.title(title);
  return h("div", { class: "page" },
    back && h("a", { class: "back", href: back.href }, icon("chevron"), back.text),
    h("div", { class: "head" }, h("div", {}, h("h1", {}, title), lead && h("p", { class: "lead" }, lead)), actions && h("div", { class: "row" }, actions)),
    content);
}

/**
 * Nothing is here yet, and what to do about it.
 * @param {{ symbol: string, title: string, text: string, action?: Child }} nothing
 */
export function empty({ symbol, title, text, action }) {
  return h("div", { class: "empty" }, icon(symbol), h("h2", {}, title), h("p", {}, text), action);
}

/**
 * Names and values.
 * @param {[string, Child][]} pairs
 */
export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "");
  return h("dl", { class: "facts" }, shown.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}
