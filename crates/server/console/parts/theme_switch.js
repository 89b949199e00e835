// Light or dark: the system's until somebody chooses.

import { h, icon } from "../dom.js";
import { messages } from "../messages.js";

const root = document.documentElement;

const isDark = () => (root.dataset["theme"] ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

export function themeSwitch() {
  const button = h("button", { type: "button", class: "plain round", onclick: turn });
  const draw = () => {
    button.replaceChildren(icon(isDark() ? "sun" : "moon"));
    button.setAttribute("aria-label", isDark() ? messages.app.light : messages.app.dark);
  };
  function turn() {
    const theme = isDark() ? "light" : "dark";
    root.dataset["theme"] = theme;
    localStorage.setItem("theme", theme);
    draw();
  }
  draw();
  return button;
}
