// A word that something was done, which goes by itself.

import { h, icon } from "../dom.js";

/** @param {string} text */
export function toast(text) {
  const note = h("p", { class: "toast" }, icon("check"), text);
  document.querySelector(".toasts")?.append(note);
  note.addEventListener("animationend", () => note.remove());
}
