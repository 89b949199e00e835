// Rows and columns, which a narrow screen scrolls.

import { h } from "../dom.js";

/** @import { Child } from "../dom.js" */

/**
 * @template T
 * @param {{ label: string, columns: { title: string, cell: (row: T) => Child, number?: boolean }[], rows: T[] }} table
 */
export function table({ label, columns, rows }) {
  return h("div", { class: "table", tabindex: "0", role: "region", "aria-label": label },
    h("table", {},
      h("thead", {}, h("tr", {}, columns.map(({ title, number }) => h("th", { scope: "col", class: number && "number" }, title)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, columns.map(({ cell, number }) => h("td", { class: number && "number" }, cell(row))))))));
}
