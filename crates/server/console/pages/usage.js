// What was used: a chart by day and model, and the sums.

/** @import { Schema } from "client" */

import { all, call } from "../api.js";
import { h } from "../dom.js";
import { date, duration, number } from "../format.js";
import { messages } from "../messages.js";
import { chart } from "../parts/chart.js";
import { choice } from "../parts/field.js";
import { loaded } from "../parts/loaded.js";
import { empty, pageBody } from "../parts/page.js";
import { table } from "../parts/table.js";

/** @typedef {Schema<"Usage">} Usage */

const words = messages.usage;

/** What can be counted. */
const MEASURES = {
  tokens: (/** @type {Usage} */ one) => one.input_tokens + one.output_tokens + one.cache_read_tokens + one.cache_write_tokens,
  requests: (/** @type {Usage} */ one) => one.requests,
};

/** @param {unknown} _ @param {AbortSignal} signal */
export function usage(_, signal) {
  const list = loaded(() => all((cursor) => call("get", "/v1/usage", { query: { cursor }, signal })), (items) => {
    if (items.length === 0) return empty({ symbol: "usage", title: words.none, text: words.none_text });
    const picture = h("div", {});
    const draw = (/** @type {string} */ measure) => {
      const name = /** @type {keyof typeof MEASURES} */ (measure);
      picture.replaceChildren(chart({ label: words.chart(words[name]), values: items.map((one) => ({ day: one.day, series: one.alias, value: MEASURES[name](one) })) }));
    };
    const measure = choice({ label: words.measure, options: [["tokens", words.tokens], ["requests", words.requests]], onchange: draw });
    draw("tokens");
    return h("div", { class: "stack large" },
      h("section", { class: "card stack", "aria-label": words.chart(words.title) }, h("div", { class: "row" }, measure.element), picture),
      table({ label: words.table, rows: sums(items, ({ alias }) => alias), columns: [MODEL, ...NUMBERS] }),
      h("details", {}, h("summary", {}, words.days),
        table({ label: words.days, rows: sums(items, ({ day, alias }) => `${day} ${alias}`), columns: [DAY, MODEL, ...NUMBERS] })));
  });
  return { section: "usage", body: pageBody({ title: words.title, lead: words.lead }, list) };
}

/**
 * One row for all that have the same name.
 * @param {Usage[]} items
 * @param {(one: Usage) => string} name
 */
function sums(items, name) {
  return [...Map.groupBy(items, name).values()].map((same) => {
    const sum = (/** @type {(one: Usage) => number} */ of) => same.reduce((all, one) => all + of(one), 0);
    const requests = sum((one) => one.requests);
    return {
      alias: same[0]?.alias ?? "", day: same[0]?.day ?? "", requests,
      input: sum((one) => one.input_tokens), output: sum((one) => one.output_tokens), fromCache: sum((one) => one.cache_read_tokens), intoCache: sum((one) => one.cache_write_tokens),
      latency: sum((one) => one.latency_ms) / requests, troubles: sum((one) => (one.outcome === "answered" ? 0 : one.requests)),
    };
  });
}

/** @typedef {ReturnType<typeof sums>[number]} Sum */

/** What tables tell of the sums. @type {{ title: string, cell: (row: Sum) => string, number: boolean }[]} */
const NUMBERS = [
  { title: words.requests, cell: (row) => number(row.requests), number: true },
  { title: words.input, cell: (row) => number(row.input), number: true },
  { title: words.output, cell: (row) => number(row.output), number: true },
  { title: words.from_cache, cell: (row) => number(row.fromCache), number: true },
  { title: words.into_cache, cell: (row) => number(row.intoCache), number: true },
  { title: words.latency, cell: (row) => duration(row.latency), number: true },
  { title: words.troubles, cell: (row) => number(row.troubles), number: true },
];

const MODEL = { title: words.model, cell: (/** @type {Sum} */ row) => h("strong", {}, row.alias) };
const DAY = { title: words.date, cell: (/** @type {Sum} */ row) => date(row.day) };
