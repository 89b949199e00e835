// Text to take along.

import { h, icon } from "../dom.js";
import { messages } from "../messages.js";

const words = messages.copy;

/**
 * @param {string} text
 * @param {string} what
 */
export const copyButton = (text, what) => copier(text, { class: "small", "aria-label": words.label(what) }, icon("copy"), h("span", {}, words.copy));

/**
 * A short value, such as an id: it is its own button.
 * @param {string} text
 */
export const copyable = (text) => copier(text, { class: "copyable", title: words.copy }, h("code", {}, text), icon("copy"));

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
  const url = `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`;
  return h("a", { class: "button small", href: url, download: file, "aria-label": words.download_label(file) }, icon("download"), words.download);
}

/**
 * A button that copies, and beside it for a moment whether it did.
 * @param {string} text
 * @param {Record<string, unknown>} attributes
 * @param {...Node} children
 */
function copier(text, attributes, ...children) {
  const button = h("button", {
    type: "button", ...attributes,
    onclick: async () => {
      const isCopied = await write(text, button);
      button.classList.toggle("done", isCopied);
      note.className = isCopied ? "unseen" : "wrong";
      note.textContent = isCopied ? words.done : words.failed;
      setTimeout(() => {
        button.classList.remove("done");
        note.textContent = "";
      }, 4000);
    },
  }, ...children);
  const note = h("span", { class: "unseen", role: "status" });
  return [button, note];
}

/**
 * Also where the browser has no clipboard for us: over plain http on another machine.
 * @param {string} text
 * @param {HTMLElement} button
 */
async function write(text, button) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // It was forbidden. The other way may not be.
    }
  }
  const area = h("textarea", { class: "unseen" });
  area.value = text;
  // In an open dialog nothing outside it can be selected.
  button.after(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  button.focus();
  return isCopied;
}
