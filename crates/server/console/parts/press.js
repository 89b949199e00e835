// A button that does something at once.

import { h } from "../dom.js";
import { messages } from "../messages.js";
import { once } from "./busy.js";
import { tell } from "./dialog.js";
import { failure } from "./loaded.js";

/** @import { Child } from "../dom.js" */

/**
 * What goes wrong is told on top of the page.
 * @param {Record<string, unknown>} attributes
 * @param {() => Promise<unknown>} act
 * @param {...Child} children
 */
export function press(attributes, act, ...children) {
  const button = h("button", { type: "button", ...attributes }, ...children);
  button.addEventListener("click", once([button], h("div"), async () => {
    try {
      await act();
    } catch (problem) {
      // A page was left.
      if (/** @type {Error} */ (problem).name === "AbortError") return;
      tell({ title: messages.problem.not_done, body: failure(problem) });
    }
  }));
  return button;
}
