// Who did what, to which AWS account.

/** @import { Schema } from "client" */

import { call } from "../api.js";
import { h, icon } from "../dom.js";
import { ago } from "../format.js";
import { messages } from "../messages.js";
import { chip } from "../parts/badge.js";
import { once } from "../parts/busy.js";
import { copyable } from "../parts/copy.js";
import { loaded } from "../parts/loaded.js";
import { empty, facts, pageBody } from "../parts/page.js";

const words = messages.audit;

/** @param {unknown} _ @param {AbortSignal} signal */
export function audit(_, signal) {
  const page = (/** @type {string | undefined} */ cursor) => call("get", "/v1/audit", { query: { limit: 50, cursor }, signal });
  const list = loaded(() => page(undefined), (first) => {
    if (first.items.length === 0) return empty({ symbol: "audit", title: words.none, text: words.none_text });
    let cursor = first.next_cursor;
    const events = h("ul", { class: "events card" }, first.items.map(event));
    const trouble = h("div", {});
    const more = h("button", { type: "button", hidden: !cursor }, messages.app.more);
    more.addEventListener("click", once([more], trouble, async () => {
      const next = await page(cursor ?? undefined);
      const added = next.items.map(event);
      events.append(...added);
      cursor = next.next_cursor;
      more.hidden = !cursor;
      // What had the focus is gone.
      if (more.hidden) added[0]?.querySelector("summary")?.focus();
    }));
    return h("div", { class: "stack" }, events, trouble, more);
  });
  return { section: "audit", body: pageBody({ title: words.title, lead: words.lead }, list) };
}

/** @param {Schema<"AuditEvent">} one */
function event(one) {
  const { actor, aws } = one;
  const told = Object.entries(one.detail).filter(([, value]) => value !== null && value !== "");
  return h("li", {},
    h("details", {},
      h("summary", {}, icon("chevron"),
        h("span", { class: "what" }, words.actions[one.action] ?? one.action, one.detail && "name" in one.detail && h("span", { class: "soft" }, ` “${one.detail["name"]}”`), "ok" in one.detail && one.detail["ok"] === false && chip(messages.state.failed)),
        h("span", { class: "fine" }, aws.account_id),
        h("span", { class: "fine" }, words.actors[actor.kind] ?? actor.kind, actor.by_platform && [" ", chip(words.by_platform)]),
        h("span", { class: "fine" }, ago(one.at))),
      facts([
        [words.subject, one.subject && copyable(one.subject)],
        [words.who, copyable(actor.id)],
        [words.request, one.request_id && copyable(one.request_id)],
        [words.account, aws.account_id && copyable(aws.account_id)],
        [words.requests, aws.request_ids.length > 0 && h("ul", {}, aws.request_ids.map((id) => h("li", {}, copyable(id))))],
        ...told.map(([name, value]) => /** @type {[string, string]} */ ([name.replaceAll("_", " "), typeof value === "string" ? value : JSON.stringify(value)])),
      ])));
}
