// A question on top of the page. Escape and the button both leave it.

import { h } from "../dom.js";
import { messages } from "../messages.js";
import { isBusy, once } from "./busy.js";

let count = 0;

/**
 * Asks; runs `act` when it is confirmed, and stays open with what went wrong if it fails, or is `false`. What is to be said and
 * shown then is `done` with the question gone: until it is, nothing outside it can have the focus, or be heard. `close` is for both
 * ways out of it.
 * @param {{ title: string, body: Node | Node[], confirm: string, danger?: boolean, act: () => Promise<unknown>, done?: () => unknown, close?: () => unknown }} question
 */
export function ask({ title, body, confirm, danger, act, done, close }) {
  const trouble = h("div", { class: "trouble" });
  const submit = h("button", { type: "submit", class: danger ? "danger" : "primary" }, confirm);
  const cancel = h("button", { type: "button", onclick: () => isBusy(cancel) || dialog.close() }, messages.app.cancel);
  const form = h("form", {
    novalidate: true,
    onsubmit: once([submit, cancel], trouble, async () => {
      if ((await act()) === false) return;
      dialog.close();
      await done?.();
    }),
  }, h("div", { class: "stack" }, body), trouble, h("div", { class: "row end" }, cancel, submit));
  const dialog = open(title, form, () => isBusy(submit));
  if (close) dialog.addEventListener("close", close);
}

/**
 * Tells something. What `must` be read is left by its button only.
 * @param {{ title: string, body: Node | Node[], must?: boolean, close?: () => void }} news
 */
export function tell({ title, body, must = false, close }) {
  const dialog = open(title, h("div", {},
    h("div", { class: "stack" }, body),
    h("div", { class: "row end" }, h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, messages.app.done))), () => must);
  dialog.classList.toggle("must", must);
  if (close) dialog.addEventListener("close", close);
}

/**
 * Stands in the way until it is taken away.
 * @param {string} title
 * @param {...Node} body
 */
export function insist(title, ...body) {
  const dialog = open(title, h("div", { class: "stack" }, body), () => true);
  dialog.classList.add("must");
  return dialog;
}

/** Takes away what was asked and told on a page that is left. */
export function dismiss() {
  for (const dialog of document.querySelectorAll("dialog:not(.must)")) dialog.remove();
}

/**
 * @param {string} title
 * @param {Node} content
 * @param {() => boolean} stays whether Escape leaves it open
 */
function open(title, content, stays) {
  const id = `dialog-${++count}`;
  const dialog = h("dialog", {
    "aria-labelledby": id,
    // A browser lets the second Escape through; its key is caught before.
    onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && stays() && event.preventDefault(),
    oncancel: (/** @type {Event} */ event) => stays() && event.preventDefault(),
    onclose: () => dialog.remove(),
  }, h("h2", { id }, title), content);
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
