// Several views of one thing. The arrow keys go from tab to tab.

import { h } from "../dom.js";

/** @import { Child } from "../dom.js" */

let count = 0;

/**
 * @param {string} label
 * @param {{ title: Child, content: Node }[]} views
 * @param {{ look?: string, first?: number, onshow?: (index: number) => void }} [how]
 */
export function tabs(label, views, { look = "", first = 0, onshow } = {}) {
  const group = ++count;
  const panels = views.map(({ content }, index) =>
    h("div", { role: "tabpanel", id: `panel-${group}-${index}`, "aria-labelledby": `tab-${group}-${index}` }, content));
  const buttons = views.map(({ title }, index) =>
    h("button", {
      type: "button", role: "tab", id: `tab-${group}-${index}`, "aria-controls": `panel-${group}-${index}`,
      onclick: () => choose(index),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        choose((to + views.length) % views.length);
      },
    }, title));
  function show(/** @type {number} */ index) {
    for (const [other, button] of buttons.entries()) {
      button.setAttribute("aria-selected", String(other === index));
      button.tabIndex = other === index ? 0 : -1;
    }
    for (const [other, panel] of panels.entries()) panel.hidden = other !== index;
  }
  function choose(/** @type {number} */ index) {
    show(index);
    buttons[index]?.focus();
    onshow?.(index);
  }
  show(first);
  return h("div", { class: `tabs ${look}` }, h("div", { role: "tablist", "aria-label": label }, buttons), panels);
}
