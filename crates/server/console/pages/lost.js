// An address that means nothing, or nothing to who has come to it.

import { h } from "../dom.js";
import { messages } from "../messages.js";
import { pageBody } from "../parts/page.js";
import { link } from "../router.js";

export const lost = () => nothing(messages.app.lost);

/** What the role of who is signed in does not allow. */
export const closed = () => nothing(messages.app.closed);

/** @param {{ title: string, text: string }} words */
const nothing = ({ title, text }) => ({
  section: "", body: pageBody({ title, lead: text }, h("div", {}, h("a", { class: "button primary", href: link("integrations") }, messages.app.home))),
});
