// What callers name a registered model by.

import { messages } from "../messages.js";
import { field } from "./field.js";

/**
 * @param {Partial<import("./field.js").Description>} about
 * @param {string} [value] what it is now
 */
export const aliasField = (about, value = "") =>
  field({ name: "alias", label: messages.invocable.alias, pattern: "^[a-z0-9][a-z0-9._-]{0,63}$", ...about }, { value });
