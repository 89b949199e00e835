// Times and numbers, in the language of the words around them and the reader's own time zone.

import { h } from "./dom.js";
import { LOCALE, messages } from "./messages.js";

const DAY = 86_400;
const UNITS = /** @type {const} */ ([["day", DAY], ["hour", 3600], ["minute", 60], ["second", 1]]);

const moment = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeZone: "UTC" });
const shortDay = new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", timeZone: "UTC" });
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
const whole = new Intl.NumberFormat(LOCALE);
const short = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const list = new Intl.ListFormat(LOCALE, { type: "conjunction" });

/** @param {number} value */
export const number = (value) => whole.format(value);
/** @param {number} value */
export const compact = (value) => short.format(value);
/** @param {string[]} words */
export const together = (words) => list.format(words);
/** @param {string} date */
export const date = (date) => day.format(new Date(`${date}T00:00:00Z`));
/** @param {string} date */
export const dayOf = (date) => shortDay.format(new Date(`${date}T00:00:00Z`));
/** @param {number} ms */
export const duration = (ms) => (ms < 1000 ? messages.unit.ms(number(Math.round(ms))) : messages.unit.s((ms / 1000).toFixed(1)));

/** @param {string} at */
function distance(at) {
  const seconds = (new Date(at).getTime() - Date.now()) / 1000;
  const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return relative.format(Math.trunc(seconds / length), unit);
}

/**
 * How far a time is from now, kept up as time passes; in full to who points at it.
 * @param {string} at
 */
export function ago(at) {
  return h("time", { datetime: at, title: moment.format(new Date(at)), class: "ago" }, distance(at));
}

/**
 * When something ends: how far that is, and in full.
 * @param {string} at
 */
export const until = (at) => [ago(at), h("span", { class: "soft" }, ` · ${moment.format(new Date(at))}`)];

setInterval(() => {
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (document.querySelectorAll("time.ago"))) {
    const text = distance(time.dateTime);
    if (time.textContent !== text) time.textContent = text;
  }
}, 1000);
