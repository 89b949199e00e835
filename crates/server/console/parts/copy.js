// Text to take along.

import { h, icon } from "../dom.js";
import { messages } from "../messages.js";

/**
 * @param {string} text
 * @param {string} what
 */
export function copyButton(text, what) {
  const label = h("span", {}, messages.copy.copy);
  const button = h("button", {
    type: "button", class: "small", "aria-label": messages.copy.label(what),
    onclick: async () => {
      await copy(text);
      button.classList.add("done");
      button.setAttribute("aria-label", messages.copy.done);
      label.textContent = messages.copy.done;
      setTimeout(() => {
        button.classList.remove("done");
        button.setAttribute("aria-label", messages.copy.label(what));
        label.textContent = messages.copy.copy;
      }, 2000);
    },
  }, icon("copy"), label);
  return button;
}

/**
 * A short value, such as an id: it is its own button.
 * @param {string} text
 */
export function copyable(text) {
  const button = h("button", {
    type: "button", class: "copyable", title: messages.copy.copy,
    onclick: async () => {
      await copy(text);
      button.classList.add("done");
      setTimeout(() => button.classList.remove("done"), 2000);
    },
  }, h("code", {}, text), icon("copy"));
  return button;
}

/**
 * A block of text with its name.
 * @param {{ title: string, text: string, file?: string }} block
 */
export function copyBlock({ title, text, file }) {
  return h("figure", { class: "block" },
    h("figcaption", {}, h("span", {}, title),
      h("span", { class: "row tight" }, file && downloadLink(text, file), copyButton(text, title))),
    h("pre", { tabindex: "0", role: "group", "aria-label": title }, h("code", {}, text)));
}

/**
 * @param {string} text
 * @param {string} file
 */
function downloadLink(text, file) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  return h("a", { class: "button small", href: url, download: file }, icon("download"), messages.copy.download);
}

/**
 * Also where the browser has no clipboard for us: over plain http on another machine.
 * @param {string} text
 */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = h("textarea", { class: "unseen" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
