// What has to be asked for first: drawn while it is awaited, when it came, and when it did not.

import { Problem } from "../api.js";
import { h, icon } from "../dom.js";
import { messages } from "../messages.js";
import { copyable } from "./copy.js";

/**
 * @template T
 * @param {() => Promise<T>} load
 * @param {(value: T, again: () => Promise<void>) => Node} draw
 */
export function loaded(load, draw) {
  const box = h("div", { class: "loaded", tabindex: "-1" });
  /** Again, with what there is left in its place. */
  async function again() {
    box.setAttribute("aria-busy", "true");
    try {
      const drawn = draw(await load(), again);
      const wasInside = box.contains(document.activeElement);
      box.replaceChildren(drawn);
      // Who works by keyboard goes on from here, and not from the top of the page.
      if (wasInside) box.focus({ preventScroll: true });
    } catch (problem) {
      box.replaceChildren(failure(problem, first));
    } finally {
      box.removeAttribute("aria-busy");
    }
  }
  function first() {
    box.replaceChildren(h("div", { class: "skeleton", role: "status", "aria-label": messages.app.loading }, h("span"), h("span"), h("span")));
    return again();
  }
  first();
  return box;
}

/**
 * What went wrong, what to do about it, and how to try again.
 * @param {unknown} thrown
 * @param {() => void} [again]
 */
export function failure(thrown, again) {
  if (!(thrown instanceof Problem)) {
    // Pages are left while they load: that is no failure. Anything else is a mistake of ours, and the browser's log has it.
    if (/** @type {Error} */ (thrown).name === "AbortError") return h("div");
    console.error(thrown);
  }
  const problem = thrown instanceof Problem ? thrown : new Problem({ title: messages.problem.ours });
  const away = problem.code === "unreachable" && problem.status === 0 && !problem.title;
  const fields = problem.errors.filter(({ message }) => message).map(({ pointer, message }) => h("li", {}, `${pointer.split("/").pop()} ${message}`));
  return h("div", { class: "note failed", role: "alert" },
    icon("cross"),
    h("div", { class: "stack" },
      h("strong", {}, away ? messages.problem.unreachable : problem.title),
      away ? h("p", {}, messages.problem.unreachable_remedy) : problem.message !== problem.title && h("p", {}, problem.message),
      problem.remedy && h("p", {}, problem.remedy),
      fields.length > 0 && h("ul", {}, fields),
      problem.requestId && h("p", { class: "fine" }, messages.problem.request, " ", copyable(problem.requestId)),
      again && h("div", {}, h("button", { type: "button", onclick: again }, icon("again"), messages.app.again))));
}
