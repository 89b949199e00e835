// The frame around every page, and the way from one to the next.

import { news, onEnded } from "./api.js";
import { h, icon } from "./dom.js";
import { messages } from "./messages.js";
import { signInForm, signInPage } from "./pages/sign_in.js";
import { dismiss, insist } from "./parts/dialog.js";
import { failure } from "./parts/loaded.js";
import { press } from "./parts/press.js";
import { themeSwitch } from "./parts/theme_switch.js";
import { find, isOpen, link } from "./router.js";
import { onReplaced, recall, signOut } from "./session.js";

/** @import { Schema } from "client" */

/** The navigation. */
const SECTIONS = /** @type {const} */ (["integrations", "connections", "models", "try", "usage", "audit", "keys"]);

let leaving = new AbortController();

/** Draws what is around every page, and says how to draw the page of the present address. @param {Schema<"Me">} me */
function frame(me) {
  const main = h("main", { id: "main", tabindex: "-1" });
  const entries = SECTIONS.filter((name) => isOpen(link(name))).map((name) =>
    h("li", {}, h("a", { href: link(name), "data-section": name }, icon(name), messages.section[name])),
  );
  const navigation = h("nav", { "aria-label": messages.app.navigation, id: "navigation" }, h("ul", {}, entries));
  const menu = h("button", {
    type: "button", class: "menu plain", "aria-expanded": "false", "aria-controls": "navigation", "aria-label": messages.app.menu,
    onclick: () => open(menu.getAttribute("aria-expanded") !== "true"),
  }, icon("menu"));
  const open = (/** @type {boolean} */ is) => {
    menu.setAttribute("aria-expanded", String(is));
    side.classList.toggle("open", is);
  };
  const brand = h("a", { class: "brand", href: link("integrations") }, h("img", { src: "console/mark.svg", alt: "", width: 28, height: 28 }), messages.app.name);
  const foot = h("div", { class: "foot" },
    h("div", { class: "who" },
      h("strong", {}, name(me)),
      h("span", {}, messages.role[me.role] ?? me.role)),
    h("div", { class: "row" }, themeSwitch(), signOutButton()));
  const close = (/** @type {KeyboardEvent} */ { key }) => {
    if (key !== "Escape" || menu.getAttribute("aria-expanded") !== "true") return;
    open(false);
    menu.focus();
  };
  const side = h("header", { class: "side", onkeydown: close }, h("div", { class: "bar" }, brand, menu), navigation, foot);
  const skip = h("a", { class: "skip", href: "#main", onclick: (/** @type {Event} */ event) => { event.preventDefault(); main.focus(); } }, messages.app.skip);
  document.body.className = "";
  document.body.replaceChildren(skip, banner, side, main, toasts);
  return show;

  function show() {
    leaving.abort();
    leaving = new AbortController();
    dismiss();
    open(false);
    const { open: draw, params } = find(location.hash);
    document.title = messages.app.name;
    const page = draw(params, leaving.signal);
    for (const entry of navigation.querySelectorAll("a")) {
      if (entry.dataset["section"] === page.section) entry.setAttribute("aria-current", "page");
      else entry.removeAttribute("aria-current");
    }
    main.replaceChildren(page.body);
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
}

const banner = h("aside", { class: "banner", hidden: true, "aria-label": messages.app.note }, icon("info"), messages.app.demo);
const toasts = h("div", { class: "toasts", role: "status" });
news.addEventListener("demo", () => { banner.hidden = false; });

/** Whom the page is drawn for. @type {Schema<"Me"> | null} */
let shown = null;
/** Draws the page of the present address. @type {() => void} */
let show = () => {};

/** @param {Node} main */
function alone(main) {
  leaving.abort();
  shown = null;
  renewed = null;
  show = () => {};
  document.body.className = "signed-out";
  document.body.replaceChildren(banner, main, toasts);
}

/** @param {string} [note] */
function askToSignIn(note) {
  document.title = messages.app.title(messages.sign_in.title);
  alone(signInPage(note, start));
}

async function start() {
  try {
    const me = await recall();
    if (!me) return askToSignIn();
    renewed = null;
    shown = me;
    show = frame(me);
    show();
  } catch (problem) {
    // Who cannot be let in, as a workspace that is suspended, can leave.
    alone(h("main", { class: "welcome" }, h("div", { class: "card stack" }, failure(problem, start), h("div", {}, signOutButton()))));
  }
}

function signOutButton() {
  return press({ class: "plain" }, async () => {
    await signOut();
    askToSignIn();
  }, icon("leave"), messages.app.sign_out);
}

/** A session that is begun anew on top of the page, and how to go on with it. @type {{ promise: Promise<void>, resume: () => void } | null} */
let renewed = null;

onEnded(() => {
  if (shown) return (renewed ??= signInAgain(shown)).promise;
  askToSignIn(messages.sign_in.ended);
  // Who asked is not there any more.
  return new Promise(() => {});
});

/** @param {Schema<"Me">} before */
function signInAgain(before) {
  const { promise, resolve } = /** @type {PromiseWithResolvers<void>} */ (Promise.withResolvers());
  const resume = () => {
    dialog.remove();
    renewed = null;
    resolve();
  };
  const form = signInForm(messages.sign_in.ended, async () => {
    const now = await recall();
    if (now && isSame(now, before)) resume();
    else await start();
  });
  const leave = h("button", { type: "button", class: "plain", onclick: () => askToSignIn() }, messages.sign_in.leave);
  const dialog = insist(messages.sign_in.title, form, h("div", {}, leave));
  return { promise, resume };
}

/** Whether two see the same, and may do the same. @param {Schema<"Me">} one @param {Schema<"Me">} other */
const isSame = (one, other) => one.tenant?.id === other.tenant?.id && one.role === other.role;

// All tabs have the same cookie: what this one asked from now on, it would ask for somebody else.
onReplaced(async () => {
  const before = shown;
  if (!before) return start();
  const now = await recall().catch(() => undefined);
  if (now === null) return askToSignIn(messages.sign_in.left);
  if (now && isSame(now, before)) return renewed?.resume();
  const words = messages.sign_in.replaced;
  const goOn = h("button", { type: "button", class: "primary", onclick: start }, words.go_on);
  insist(words.title, h("p", {}, words.text(name(before), now ? name(now) : null)), h("div", { class: "row end" }, goOn));
});

/** @param {Schema<"Me">} me */
const name = (me) => me.tenant?.name ?? messages.app.platform;

addEventListener("hashchange", () => show());
await start();
