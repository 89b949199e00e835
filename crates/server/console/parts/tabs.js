// Several views of one thing. The arrow keys go from tab to tab.

import { h } from "../dom.js";

let count = 0;

/**
 * @param {string} label
 * @param {{ title: string, content: Node }[]} views
 */
export function tabs(label, views) {
  const group = ++count;
  const panels = views.map(({ content }, index) =>
    h("div", { role: "tabpanel", id: `panel-${group}-${index}`, "aria-labelledby": `tab-${group}-${index}`, hidden: index > 0 }, content));
  const buttons = views.map(({ title }, index) =>
    h("button", {
      type: "button", role: "tab", id: `tab-${group}-${index}`, "aria-controls": `panel-${group}-${index}`,
      "aria-selected": String(index === 0), tabindex: index === 0 ? 0 : -1, onclick: () => show(index),
      onkeydown: (/** @type {KeyboardEvent} */ { key }) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
        if (step) show((index + step + views.length) % views.length).focus();
      },
    }, title));
  function show(/** @type {number} */ index) {
    for (const [other, button] of buttons.entries()) {
      button.setAttribute("aria-selected", String(other === index));
      button.tabIndex = other === index ? 0 : -1;
    }
    for (const [other, panel] of panels.entries()) panel.hidden = other !== index;
    return /** @type {HTMLElement} */ (buttons[index]);
  }
  return h("div", { class: "tabs" }, h("div", { role: "tablist", "aria-label": label }, buttons), panels);
}
