// The fields of a method, with what a connection has already: values stay, secrets are kept, unless something else is entered.

/** @import { Schema } from "client" */

import { h } from "../dom.js";
import { messages } from "../messages.js";
import { field, group } from "./field.js";

/** Chosen at the start, and fixed from then on. */
const FIXED = ["federation"];

/**
 * @param {Schema<"Connection">} connection
 * @param {Schema<"Field">[]} described
 */
export function credentials({ access, secret_hints }, described) {
  const present = new Map(Object.entries(access));
  // It is made for the customer, and shown in the kit: the field is for one of the customer's own.
  if (access.external_id_source === "generated") present.delete("external_id");
  const hints = /** @type {Record<string, Schema<"Hint">>} */ (secret_hints);
  const asked = described.filter(({ name, federation }) => !FIXED.includes(name) && (federation === null || federation === access.federation));
  const fields = asked.map((one) => {
    const hint = hints[one.name];
    const value = present.get(one.name);
    return field(one, { ...(value && { value: String(value) }), ...(hint && { kept: hint.last_four && messages.connection.ending(hint.last_four) }) });
  });
  return { ...group(fields), fields, element: h("div", { class: "stack" }, fields.map(({ element }) => element)) };
}
