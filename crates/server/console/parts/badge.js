// A state in a word, told by colour, shape and text.

import { h, icon } from "../dom.js";
import { messages } from "../messages.js";

/** @type {Record<string, ["good" | "soon" | "bad" | "idle", string]>} */
const LOOKS = {
  connected: ["good", "check"], healthy: ["good", "check"], available: ["good", "check"], passed: ["good", "check"],
  expiring: ["soon", "warning"], unverified: ["soon", "warning"], legacy: ["soon", "warning"], warning: ["soon", "warning"],
  failing: ["bad", "cross"], expired: ["bad", "cross"], unavailable: ["bad", "cross"], not_authorized: ["bad", "cross"], failed: ["bad", "cross"],
};

/** @param {string} state */
export function badge(state) {
  const [look, shape] = LOOKS[state] ?? ["idle", "dash"];
  const words = /** @type {Record<string, string>} */ (messages.state);
  return h("span", { class: `badge ${look}` }, icon(shape), words[state] ?? state);
}

/** @param {string} text */
export const chip = (text) => h("span", { class: "chip" }, text);
