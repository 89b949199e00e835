// What has to be asked for first: drawn while it is awaited, when it came, and when it did not.

import { Problem } from "../api.js";
import { h, icon } from "../dom.js";
import { messages } from "../messages.js";
import { copyable } from "./copy.js";

/**
 * @template T
 * @param {() => Promise<T>} load
 * @param {(value: T, again: () => Promise<void>) => Node} draw
 * @param {(content: Node) => Node} [frame] what is around it until it came, where that is drawn with it afterwards
 */
export function loaded(load, draw, frame = (content) => content) {
  const box = h("div", { class: "loaded", tabindex: "-1" });
  let latest = 0;
  /** Again, with what there is left in its place. An earlier answer that comes later is not shown. */
  async function again() {
    const turn = ++latest;
    box.setAttribute("aria-busy", "true");
    /** @type {Node} */
    let drawn;
    try {
      const value = await load();
      if (turn !== latest) return;
      drawn = draw(value, again);
    } catch (problem) {
      // A page that was left has no title any more.
      if (turn !== latest || /** @type {Error} */ (problem).name === "AbortError") return;
      drawn = frame(failure(problem, first));
    }
    const active = box.contains(document.activeElement) ? document.activeElement : null;
    box.removeAttribute("aria-busy");
    box.replaceChildren(drawn);
    // Who works by keyboard goes on from where they were, and not from the top of the page.
    if (active) ((active.id && document.getElementById(active.id)) || box).focus({ preventScroll: true });
  }
  function first() {
    box.replaceChildren(frame(h("div", { class: "skeleton", role: "status", "aria-label": messages.app.loading }, h("span"), h("span"), h("span"))));
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
  const own = messages.problem.own[problem.code];
  const { title, text } = own ?? (problem.title ? { title: problem.title, text: problem.message } : messages.problem.unreadable(problem.status));
  const fields = problem.errors.filter(({ message }) => message).map(({ pointer, message }) => h("li", {}, `${pointer.split("/").pop()} ${message}`));
  return h("div", { class: "note failed", role: "alert" },
    icon("cross"),
    h("div", { class: "stack" },
      h("strong", {}, title),
      text !== title && h("p", {}, text),
      !own && problem.remedy && h("p", {}, problem.remedy),
      !own && fields.length > 0 && h("ul", {}, fields),
      problem.requestId && h("p", { class: "fine" }, messages.problem.request, " ", copyable(problem.requestId)),
      again && h("div", {}, h("button", { type: "button", onclick: again }, icon("again"), messages.app.again))));
}
