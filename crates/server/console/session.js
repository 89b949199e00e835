// Who is signed in. The cookie itself is out of reach of script, and all tabs have the same one.

/** @import { Schema } from "client" */

import { call, forget, random } from "./api.js";

/** Tells that there was a session, so that nobody who never signed in is asked for who they are; and one session from the next. */
const MARK = "session";

/** In the order of what they may. */
const ROLES = ["viewer", "member", "admin"];

/** @type {Schema<"Me"> | null} */
let me = null;
/** @type {string | null} */
let mark = null;

/** Who is signed in, if somebody is. */
export async function recall() {
  mark = localStorage.getItem(MARK);
  if (!mark) return null;
  me = await call("get", "/v1/me");
  return me;
}

/** @param {string} key */
export async function signIn(key) {
  await call("post", "/v1/session", { body: { api_key: key } });
  localStorage.setItem(MARK, random());
}

export async function signOut() {
  await call("delete", "/v1/session");
  forget();
  localStorage.removeItem(MARK);
  mark = null;
  me = null;
}

/**
 * Tells when another tab has signed in or out: what is asked from then on is asked for that session.
 * @param {() => void} act
 */
export function onReplaced(act) {
  const look = () => localStorage.getItem(MARK) !== mark && act();
  addEventListener("storage", look);
  // A page that was asleep has heard of nothing.
  addEventListener("pageshow", look);
}

/**
 * Whether a role is enough. The API decides; this decides what is shown.
 * @param {"viewer" | "member" | "admin"} role
 */
export function may(role) {
  return me !== null && ROLES.indexOf(me.role) >= ROLES.indexOf(role);
}
