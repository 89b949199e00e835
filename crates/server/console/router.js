// Which page an address means. Addresses live behind the `#`, so that a link to a page needs nothing of the server.

import { apiKeys } from "./pages/keys.js";
import { audit } from "./pages/audit.js";
import { bedrock } from "./pages/bedrock.js";
import { connection } from "./pages/connection.js";
import { connections } from "./pages/connections.js";
import { guide } from "./pages/guide.js";
import { integrations } from "./pages/integrations.js";
import { invocable } from "./pages/invocable.js";
import { closed, lost } from "./pages/lost.js";
import { models } from "./pages/models.js";
import { tryIt } from "./pages/try.js";
import { usage } from "./pages/usage.js";
import { may } from "./session.js";

/**
 * A page: what to show, and the entry of the navigation that it belongs to.
 * @typedef {{ section: string, body: Node }} Page
 * @typedef {Record<string, string>} Params
 * @typedef {(params: Params, signal: AbortSignal) => Page} Open
 */

/** The pages, and the role that each is for. @type {[string, "viewer" | "member" | "admin", Open][]} */
const PAGES = [
  ["/integrations", "viewer", integrations],
  ["/integrations/bedrock", "viewer", bedrock],
  ["/integrations/bedrock/:method", "viewer", bedrock],
  ["/integrations/bedrock/:method/:connection", "admin", guide],
  ["/connections", "viewer", connections],
  ["/connections/:connection", "viewer", connection],
  ["/connections/:connection/models", "viewer", invocable],
  ["/models", "viewer", models],
  ["/try", "member", tryIt],
  ["/try/:model", "member", tryIt],
  ["/usage", "admin", usage],
  ["/audit", "admin", audit],
  ["/keys", "admin", apiKeys],
];

/**
 * @param {string} hash
 * @returns {{ open: Open, params: Params }}
 */
export function find(hash) {
  const parts = (hash.slice(1) || "/integrations").split("/").map(decoded);
  for (const [pattern, role, open] of PAGES) {
    const params = match(pattern.split("/"), parts);
    if (params) return { open: may(role) ? open : closed, params };
  }
  return { open: lost, params: {} };
}

/** Whether an address leads somewhere for who is signed in. @param {string} hash */
export function isOpen(hash) {
  const { open } = find(hash);
  return open !== closed && open !== lost;
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
