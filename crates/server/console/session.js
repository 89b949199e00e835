// Who is signed in. The cookie itself is out of reach of script.

/** @import { Schema } from "client" */

import { call, news } from "./api.js";

/** Until when the cookie lasts, so that nobody who never signed in is asked for who they are. */
const UNTIL = "session_until";

/** In the order of what they may. */
const ROLES = ["viewer", "member", "admin"];

/** @type {Schema<"Me"> | null} */
let me = null;

/** Who is signed in, if somebody is. */
export async function recall() {
  const until = localStorage.getItem(UNTIL);
  if (!until || new Date(until) <= new Date()) return null;
  me = await call("get", "/v1/me");
  return me;
}

/** @param {string} key */
export async function signIn(key) {
  const session = await call("post", "/v1/session", { body: { api_key: key } });
  localStorage.setItem(UNTIL, session.expires_at);
}

export async function signOut() {
  await call("delete", "/v1/session");
  news.dispatchEvent(new Event("ended"));
}

export function forget() {
  localStorage.removeItem(UNTIL);
  me = null;
}

/**
 * Whether a role is enough. The API decides; this decides what is shown.
 * @param {"viewer" | "member" | "admin"} role
 */
export function may(role) {
  return me !== null && ROLES.indexOf(me.role) >= ROLES.indexOf(role);
}
