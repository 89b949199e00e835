// Rows and columns; on a narrow screen each row is a list of names and values.

import { h } from "../dom.js";

/** @import { Child } from "../dom.js" */

/**
 * Its roles are said, as a table that is laid out otherwise has none for some browsers.
 * @template T
 * @param {{ label: string, columns: { title: string, cell: (row: T) => Child, number?: boolean }[], rows: T[] }} table
 */
export function table({ label, columns, rows }) {
  return h("div", { class: "table", tabindex: "0", role: "region", "aria-label": label },
    h("table", { role: "table" },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns.map(({ title, number }) => h("th", { role: "columnheader", scope: "col", class: number && "number" }, title)))),
      h("tbody", { role: "rowgroup" }, rows.map((row) => h("tr", { role: "row" }, columns.map(({ title, cell, number }) =>
        h("td", { role: "cell", class: number && "number", "data-title": title }, h("span", {}, cell(row)))))))));
}
