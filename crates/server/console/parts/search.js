// A field to search in a list that is here already.

import { h, icon } from "../dom.js";
import { messages } from "../messages.js";

/** @param {() => void} apply */
export function searchBox(apply) {
  const { search } = messages.invocable;
  const input = h("input", { type: "search", placeholder: search, "aria-label": search, oninput: apply, spellcheck: "false" });
  return {
    element: h("div", { class: "search" }, icon("search"), input),
    /** What is looked for: all of them have to be there. */
    words: () => input.value.toLowerCase().split(/\s+/).filter(Boolean),
    clear: () => { input.value = ""; },
  };
}
