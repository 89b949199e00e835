// Where somebody comes in: an API key is exchanged for a cookie that script cannot read.

import { Problem } from "../api.js";
import { h, icon } from "../dom.js";
import { messages } from "../messages.js";
import { field } from "../parts/field.js";
import { failure } from "../parts/loaded.js";
import { themeSwitch } from "../parts/theme_switch.js";
import { signIn } from "../session.js";

const words = messages.sign_in;

/**
 * @param {string | undefined} note why somebody has to sign in again
 * @param {() => void} done
 */
export function signInPage(note, done) {
  const key = field({ name: "api_key", label: words.key, help: words.help, secret: true });
  const trouble = h("div", {});
  const submit = h("button", { type: "submit", class: "primary wide" }, words.submit);
  const form = h("form", {
    class: "card", novalidate: true,
    onsubmit: async (/** @type {Event} */ event) => {
      event.preventDefault();
      if (!key.check()) return key.focus();
      submit.disabled = true;
      trouble.replaceChildren();
      try {
        await signIn(key.value());
        done();
      } catch (problem) {
        const refused = problem instanceof Problem && problem.errors.find(({ pointer }) => pointer === "/api_key");
        if (refused) key.refuse(`${words.key} ${refused.message}.`);
        else trouble.replaceChildren(failure(problem));
        key.focus();
      } finally {
        submit.disabled = false;
      }
    },
  },
    h("h2", {}, words.title),
    note && h("div", { class: "note soon", role: "alert" }, icon("info"), note),
    key.element, trouble, submit, h("p", { class: "fine" }, words.kept));
  return h("main", { class: "welcome" },
    h("div", { class: "pitch" },
      h("img", { src: "console/mark.svg", alt: "", width: 44, height: 44 }),
      h("h1", {}, messages.app.name),
      h("p", { class: "lead" }, words.lead),
      h("ul", { class: "points" }, words.points.map((point) => h("li", {}, icon("check"), point)))),
    h("div", { class: "entry" }, form, h("div", { class: "row end" }, themeSwitch())));
}
