// API keys of the workspace. A key is shown once, when it is made.

/** @import { Schema } from "client" */

import { all, call, Problem } from "../api.js";
import { h, icon } from "../dom.js";
import { ago, until } from "../format.js";
import { messages } from "../messages.js";
import { copyBlock } from "../parts/copy.js";
import { ask, tell } from "../parts/dialog.js";
import { choice, field, group } from "../parts/field.js";
import { loaded } from "../parts/loaded.js";
import { empty, pageBody } from "../parts/page.js";
import { table } from "../parts/table.js";
import { toast } from "../parts/toast.js";

const words = messages.keys;

/** @param {unknown} _ @param {AbortSignal} signal */
export function apiKeys(_, signal) {
  const load = () => all((cursor) => call("get", "/v1/api-keys", { query: { limit: 200, cursor }, signal }));
  /** @type {() => Promise<void>} */
  let reload = async () => {};
  const list = loaded(load, (keys, again) => {
    reload = again;
    if (keys.length === 0) return empty({ symbol: "keys", title: words.none, text: words.none_text });
    return table({
      label: words.title, rows: keys,
      columns: [
        { title: words.name, cell: (key) => h("strong", {}, key.name) },
        { title: words.role, cell: (key) => messages.role[key.role] },
        { title: words.hint, cell: (key) => h("code", {}, key.hint) },
        { title: words.created, cell: (key) => ago(key.created_at) },
        { title: words.used, cell: (key) => (key.last_used_at ? ago(key.last_used_at) : messages.app.never) },
        { title: words.expires, cell: (key) => (key.expires_at ? until(key.expires_at) : messages.app.never) },
        { title: words.revoke, cell: (key) => h("button", { type: "button", class: "small plain danger quiet", "aria-label": words.revoke_label(key.name), onclick: () => revoke(key, again) }, words.revoke) },
      ],
    });
  });
  const add = h("button", { type: "button", class: "primary", onclick: () => make(() => reload()) }, icon("plus"), words.make);
  return { section: "keys", body: pageBody({ title: words.title, lead: words.lead, actions: add }, list) };
}

/** @param {() => Promise<void>} again */
function make(again) {
  const name = field({ name: "name", label: words.name, help: words.name_help });
  const expires = field({ name: "expires_at", label: words.expires, help: words.expires_help, optional: true, type: "date" });
  const role = choice({ label: words.role, value: "member", help: words.role_help, options: Object.entries(messages.role) });
  const fields = group([name, expires]);
  /** @type {Schema<"CreatedApiKey">} */
  let made;
  ask({
    // Also where a key was made though its answer was lost: it is in the list then.
    title: words.make, confirm: words.make, close: again, body: [...fields.elements, role.element],
    act: async () => {
      if (!fields.check()) return false;
      // The day that was chosen is the last one, where it was chosen.
      const expires_at = expires.value() ? new Date(`${expires.value()}T23:59:59`).toISOString() : null;
      try {
        made = await call("post", "/v1/api-keys", { body: { name: name.value(), role: role.value(), expires_at } });
      } catch (problem) {
        if (problem instanceof Problem && fields.refuse(problem.errors)) return false;
        throw problem;
      }
      return true;
    },
    done: () => tell({
      title: words.made_title, must: true, body: [h("p", {}, words.made_text), copyBlock({ title: made.name, text: made.api_key })],
    }),
  });
}

/** @param {Schema<"ApiKey">} key @param {() => Promise<void>} again */
function revoke({ id, name }, again) {
  ask({
    title: words.revoke_title(name), confirm: words.revoke, danger: true, body: h("p", {}, words.revoke_text),
    act: () => call("delete", "/v1/api-keys/{id}", { path: { id } }),
    done: () => {
      toast(words.revoked);
      return again();
    },
  });
}
