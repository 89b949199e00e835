// An address that means nothing.

import { h } from "../dom.js";
import { messages } from "../messages.js";
import { pageBody } from "../parts/page.js";
import { link } from "../router.js";

export function lost() {
  const { title, text, home } = messages.app.lost;
  return { section: "", body: pageBody({ title, lead: text }, h("div", {}, h("a", { class: "button primary", href: link("integrations") }, home))) };
}
