// Bars by day, stacked by series, as wide as there is room. The tables beside it say the same in numbers.

import { h, svg } from "../dom.js";
import { compact, date, dayOf, number } from "../format.js";
import { messages } from "../messages.js";

const DAYS = 30;
/** As many series have a colour; the rest are one. */
const COLOURS = 6;
const [HEIGHT, TOP, BOTTOM, AXIS] = [220, 8, 22, 44];
/** What a day has of the width, in percent. */
const STEP = 100 / DAYS;

/** @param {{ label: string, values: { day: string, series: string, value: number }[] }} data */
export function chart({ label, values }) {
  const totals = new Map();
  for (const { series, value } of values) totals.set(series, (totals.get(series) ?? 0) + value);
  const names = [...totals].sort(([, a], [, b]) => b - a).map(([name]) => name);
  const shown = names.length > COLOURS ? [...names.slice(0, COLOURS - 1), messages.usage.others] : names;
  const days = lastDays();
  const stacks = days.map((day) => {
    const sums = shown.map(() => 0);
    for (const one of values.filter((one) => one.day === day)) {
      const place = Math.min(names.indexOf(one.series), shown.length - 1);
      sums[place] = (sums[place] ?? 0) + one.value;
    }
    return { day, sums };
  });
  const top = ceiling(Math.max(1, ...stacks.map(({ sums }) => sums.reduce((all, one) => all + one, 0))));
  const y = (/** @type {number} */ value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  const scale = [0, top / 2, top];
  const lines = scale.map((value) => svg("line", { class: "grid", x1: 0, x2: "100%", y1: y(value), y2: y(value) }));
  const bars = stacks.map(({ day, sums }, index) => {
    let below = 0;
    return sums.map((value, place) => {
      const from = below;
      below += value;
      const tip = svg("title", {}, messages.usage.day(date(day), shown[place] ?? "", number(value)));
      return value > 0 && svg("rect", { class: `series-${place}`, x: percent(index + 0.15), width: percent(0.7), y: y(below), height: Math.max(1, y(from) - y(below)), rx: 1.5 }, tip);
    });
  });
  // One a week, none at an edge that would cut it.
  const marks = days.map((day, index) => index % 7 === 3 && svg("text", { x: percent(index + 0.5), y: HEIGHT - 4, "text-anchor": "middle" }, dayOf(day)));
  return h("figure", { class: "chart" },
    h("div", { class: "picture", role: "img", "aria-label": label },
      svg("svg", { width: AXIS, height: HEIGHT }, scale.map((value) => svg("text", { x: AXIS - 8, y: y(value) + 4, "text-anchor": "end" }, compact(value)))),
      svg("svg", { width: "100%", height: HEIGHT }, lines, bars.flat(), marks)),
    h("figcaption", { class: "row" }, shown.map((name, place) => h("span", { class: "legend" }, svg("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("rect", { class: `series-${place}`, width: 10, height: 10, rx: 3 })), name))));
}

/** @param {number} days */
const percent = (days) => `${days * STEP}%`;

/** The days of the chart, in UTC. */
function lastDays() {
  const today = Date.now();
  return Array.from({ length: DAYS }, (_, index) => new Date(today - (DAYS - 1 - index) * 86_400_000).toISOString().slice(0, 10));
}

/** The next round number. @param {number} value */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 10].find((one) => one * power >= value) ?? 10) * power;
}
