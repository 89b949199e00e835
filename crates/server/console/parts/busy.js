// One thing at a time, and seen to be busy with it.

import { h } from "../dom.js";
import { failure } from "./loaded.js";

/** @param {string} text */
export const running = (text) => h("p", { class: "running", role: "status" }, h("span", { class: "spinner" }), text);

/** @param {HTMLElement} button */
export const isBusy = (button) => button.getAttribute("aria-disabled") === "true";

/**
 * What a press or a form's submit does, while nothing else of its buttons is under way. Meanwhile they say so and keep the focus,
 * which disabled ones would lose; what goes wrong is told in `trouble`.
 * @param {HTMLElement[]} buttons
 * @param {HTMLElement} trouble
 * @param {() => Promise<unknown>} act
 */
export function once(buttons, trouble, act) {
  return async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (buttons.some(isBusy)) return;
    for (const button of buttons) button.setAttribute("aria-disabled", "true");
    trouble.replaceChildren();
    try {
      await act();
    } catch (problem) {
      trouble.replaceChildren(failure(problem));
    } finally {
      for (const button of buttons) button.removeAttribute("aria-disabled");
    }
  };
}
