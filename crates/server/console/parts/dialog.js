// A question on top of the page. Escape and the button both leave it.

import { h } from "../dom.js";
import { messages } from "../messages.js";
import { failure } from "./loaded.js";

let count = 0;

/**
 * Asks; runs `act` when it is confirmed, and stays open with what went wrong if it fails.
 * @param {{ title: string, body: Node | Node[], confirm: string, danger?: boolean, act: () => Promise<unknown> }} question
 */
export function ask({ title, body, confirm, danger, act }) {
  const trouble = h("div", { class: "trouble" });
  const submit = h("button", { type: "submit", class: danger ? "danger" : "primary" }, confirm);
  const form = h("form", {
    novalidate: true,
    onsubmit: async (/** @type {Event} */ event) => {
      event.preventDefault();
      submit.disabled = true;
      trouble.replaceChildren();
      try {
        if ((await act()) !== false) dialog.close();
      } catch (problem) {
        trouble.replaceChildren(failure(problem));
      } finally {
        submit.disabled = false;
      }
    },
  },
    h("div", { class: "stack" }, body), trouble,
    h("div", { class: "row end" },
      h("button", { type: "button", onclick: () => dialog.close() }, messages.app.cancel), submit));
  const dialog = open(title, form);
}

/**
 * Tells something that must not be overlooked.
 * @param {{ title: string, body: Node | Node[], close?: () => void }} news
 */
export function tell({ title, body, close }) {
  const dialog = open(title, h("div", {},
    h("div", { class: "stack" }, body),
    h("div", { class: "row end" }, h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, messages.app.done))));
  if (close) dialog.addEventListener("close", close);
}

/**
 * @param {string} title
 * @param {Node} content
 */
function open(title, content) {
  const id = `dialog-${++count}`;
  const dialog = h("dialog", { "aria-labelledby": id, onclose: () => dialog.remove() }, h("h2", { id }, title), content);
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
