// Which page an address means. Addresses live behind the `#`, so that a link to a page needs nothing of the server.

import { apiKeys } from "./pages/keys.js";
import { audit } from "./pages/audit.js";
import { bedrock } from "./pages/bedrock.js";
import { connection } from "./pages/connection.js";
import { connections } from "./pages/connections.js";
import { guide } from "./pages/guide.js";
import { integrations } from "./pages/integrations.js";
import { invocable } from "./pages/invocable.js";
import { lost } from "./pages/lost.js";
import { models } from "./pages/models.js";
import { tryIt } from "./pages/try.js";
import { usage } from "./pages/usage.js";

/**
 * A page: what to show, and the entry of the navigation that it belongs to.
 * @typedef {{ section: string, body: Node }} Page
 * @typedef {Record<string, string>} Params
 * @typedef {(params: Params, signal: AbortSignal) => Page} Open
 */

/** @type {[string, Open][]} */
const PAGES = [
  ["/integrations", integrations],
  ["/integrations/bedrock", bedrock],
  ["/integrations/bedrock/:method", bedrock],
  ["/integrations/bedrock/:method/:connection", guide],
  ["/connections", connections],
  ["/connections/:connection", connection],
  ["/connections/:connection/models", invocable],
  ["/models", models],
  ["/try", tryIt],
  ["/try/:model", tryIt],
  ["/usage", usage],
  ["/audit", audit],
  ["/keys", apiKeys],
];

/**
 * @param {string} hash
 * @returns {{ open: Open, params: Params }}
 */
export function find(hash) {
  const parts = (hash.slice(1) || "/integrations").split("/").map(decoded);
  for (const [pattern, open] of PAGES) {
    const params = match(pattern.split("/"), parts);
    if (params) return { open, params };
  }
  return { open: lost, params: {} };
}

/**
 * @param {string[]} pattern
 * @param {string[]} parts
 * @returns {Params | null}
 */
function match(pattern, parts) {
  if (pattern.length !== parts.length) return null;
  /** @type {Params} */
  const params = {};
  for (const [index, name] of pattern.entries()) {
    const part = parts[index] ?? "";
    if (name.startsWith(":")) params[name.slice(1)] = part;
    else if (name !== part) return null;
  }
  return params;
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    // What was mistyped names nothing.
    return part;
  }
}

/** @param {...string} parts */
export const link = (...parts) => `#/${parts.map(encodeURIComponent).join("/")}`;

/** @param {...string} parts */
export function go(...parts) {
  location.hash = link(...parts);
}
