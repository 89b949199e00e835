// Where somebody comes in: an API key is exchanged for a cookie that script cannot read.

import { Problem } from "../api.js";
import { h, icon } from "../dom.js";
import { messages } from "../messages.js";
import { once } from "../parts/busy.js";
import { field } from "../parts/field.js";
import { themeSwitch } from "../parts/theme_switch.js";
import { signIn } from "../session.js";

const words = messages.sign_in;

/**
 * @param {string | undefined} note why somebody has to sign in again
 * @param {() => unknown} done
 */
export function signInPage(note, done) {
  return h("main", { class: "welcome" },
    h("div", { class: "pitch" },
      h("img", { src: "console/mark.svg", alt: "", width: 44, height: 44 }),
      h("h1", {}, messages.app.name),
      h("p", { class: "lead" }, words.lead),
      h("ul", { class: "points" }, words.points.map((point) => h("li", {}, icon("check"), point)))),
    h("div", { class: "entry" },
      h("div", { class: "card stack" }, h("h2", {}, words.title), signInForm(note, done)),
      h("div", { class: "row end" }, themeSwitch())));
}

/**
 * @param {string | undefined} note
 * @param {() => unknown} done
 */
export function signInForm(note, done) {
  // A key is no password: nobody should be offered to keep it, or a new one.
  const key = field({ name: "api_key", label: words.key, help: words.help, secret: true, autocomplete: "off" });
  const trouble = h("div", {});
  const submit = h("button", { type: "submit", class: "primary wide" }, words.submit);
  return h("form", {
    class: "stack", novalidate: true,
    onsubmit: once([submit], trouble, async () => {
      if (!key.check()) return key.focus();
      try {
        await signIn(key.value());
      } catch (problem) {
        key.focus();
        const refused = problem instanceof Problem && problem.errors.find(({ pointer }) => pointer === "/api_key");
        if (!refused) throw problem;
        return key.refuse(`${words.key} ${refused.message}.`);
      }
      await done();
    }),
  },
    note && h("div", { class: "note soon", role: "alert" }, icon("info"), note),
    key.element, trouble, submit, h("p", { class: "fine" }, words.kept));
}
