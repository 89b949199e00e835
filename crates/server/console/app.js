// The frame around every page, and the way from one to the next.

import { news } from "./api.js";
import { h, icon } from "./dom.js";
import { messages } from "./messages.js";
import { signInPage } from "./pages/sign_in.js";
import { failure } from "./parts/loaded.js";
import { find, link } from "./router.js";
import { forget, may, recall, signOut } from "./session.js";
import { themeSwitch } from "./parts/theme_switch.js";

/** @import { Schema } from "client" */

/** The navigation: an entry, and the role that it is for. */
const SECTIONS = /** @type {const} */ ([
  ["integrations", "viewer"],
  ["connections", "viewer"],
  ["models", "viewer"],
  ["try", "member"],
  ["usage", "admin"],
  ["audit", "admin"],
  ["keys", "admin"],
]);

let leaving = new AbortController();

/** @param {Schema<"Me">} me */
function frame(me) {
  const main = h("main", { id: "main", tabindex: "-1" });
  const entries = SECTIONS.filter(([, role]) => may(role)).map(([name]) =>
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
      h("strong", {}, me.tenant?.name ?? messages.app.platform),
      h("span", {}, messages.role[me.role] ?? me.role)),
    h("div", { class: "row" }, themeSwitch(),
      h("button", { type: "button", class: "plain", onclick: () => signOut().catch(() => location.reload()) }, icon("leave"), messages.app.sign_out)));
  const side = h("header", { class: "side" }, h("div", { class: "bar" }, brand, menu), navigation, foot);
  const skip = h("a", { class: "skip", href: "#main", onclick: (/** @type {Event} */ event) => { event.preventDefault(); main.focus(); } }, messages.app.skip);
  document.body.className = "";
  document.body.replaceChildren(skip, banner, side, main, toasts);
  return { main, show };

  function show() {
    leaving.abort();
    leaving = new AbortController();
    open(false);
    const { open: draw, params } = find(location.hash);
    const page = draw(params, leaving.signal);
    for (const entry of navigation.querySelectorAll("a")) {
      if (entry.dataset["section"] === page.section) entry.setAttribute("aria-current", "page");
      else entry.removeAttribute("aria-current");
    }
    document.title = messages.app.title(page.title);
    main.replaceChildren(page.body);
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
}

const banner = h("p", { class: "banner", hidden: true }, icon("info"), messages.app.demo);
const toasts = h("div", { class: "toasts", role: "status" });
news.addEventListener("demo", () => { banner.hidden = false; });

/** @type {() => void} */
let show = () => {};

/** @param {string} [note] */
function askToSignIn(note) {
  leaving.abort();
  forget();
  show = () => {};
  document.title = messages.app.title(messages.sign_in.title);
  document.body.className = "signed-out";
  document.body.replaceChildren(banner, signInPage(note, start), toasts);
}

async function start() {
  try {
    const me = await recall();
    if (!me) return askToSignIn();
    show = frame(me).show;
    show();
  } catch (problem) {
    // An ended session has been told to the listener below.
    if (/** @type {{ status?: number }} */ (problem).status !== 401) document.body.replaceChildren(h("main", {}, failure(problem, start)));
  }
}

news.addEventListener("ended", () => {
  // Several requests may hear of it at once.
  if (document.body.className !== "signed-out") askToSignIn(messages.sign_in.ended);
});
addEventListener("hashchange", () => show());
await start();
