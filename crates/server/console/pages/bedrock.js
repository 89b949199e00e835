// Amazon Bedrock: the ways to connect, and where to begin.

/** @import { Schema } from "client" */

import { all, call } from "../api.js";
import { h, icon } from "../dom.js";
import { ago } from "../format.js";
import { messages } from "../messages.js";
import { badge, chip } from "../parts/badge.js";
import { once } from "../parts/busy.js";
import { ask } from "../parts/dialog.js";
import { choice } from "../parts/field.js";
import { loaded } from "../parts/loaded.js";
import { pageBody } from "../parts/page.js";
import { regionChooser, regionName } from "../parts/region.js";
import { tabs } from "../parts/tabs.js";
import { toast } from "../parts/toast.js";
import { go, link } from "../router.js";
import { may } from "../session.js";

const words = messages.bedrock;

/** @param {Record<string, string>} params @param {AbortSignal} signal */
export function bedrock({ method: chosen }, signal) {
  const load = async () => {
    const [integration, saved] = await Promise.all([
      call("get", "/v1/integrations/bedrock", { signal }),
      all((cursor) => call("get", "/v1/integrations/bedrock/connections", { query: { pending: true, limit: 200, cursor }, signal })),
    ]);
    return { integration, saved };
  };
  const content = loaded(load, ({ integration, saved }, again) => {
    const { methods, regions } = integration;
    const named = methods.findIndex((one) => one.method === chosen);
    const first = named >= 0 ? named : Math.max(0, methods.findIndex((one) => one.recommended));
    const views = methods.map((one) => ({
      title: [h("span", {}, one.label), one.recommended && chip(words.recommended)],
      content: way(one, regions, saved.filter(({ state, method }) => state === "pending" && method === one.method), again),
    }));
    const onshow = (/** @type {number} */ index) => {
      chosen = methods[index]?.method;
      // What is chosen can be linked to; going back leaves the page.
      history.replaceState(null, "", link("integrations", "bedrock", chosen ?? ""));
    };
    return h("div", { class: "stack large" },
      h("div", { class: "row" }, badge(integration.state), integration.connections > 0 && h("a", { href: link("connections") }, messages.integrations.count(integration.connections))),
      tabs(words.methods, views, { look: "ways", first, onshow }));
  });
  return {
    section: "integrations",
    body: pageBody({ title: words.title, lead: words.lead, back: { href: link("integrations"), text: messages.integrations.title } }, content),
  };
}

/**
 * @param {Schema<"MethodDetail">} method
 * @param {Schema<"Region">[]} regions
 * @param {Schema<"Connection">[]} pending
 * @param {() => Promise<void>} again
 */
function way(method, regions, pending, again) {
  const about = words.method[method.method];
  return h("section", { class: "card way", "aria-label": method.label },
    h("div", { class: "stack" },
      h("h2", {}, method.label),
      about && h("p", {}, about.text),
      about && h("ul", { class: "points" }, about.points.map((point) => h("li", {}, icon("check"), point)))),
    h("div", { class: "stack" },
      may("admin") ? (method.available ? start(method, regions) : unavailable(method)) : h("div", { class: "note" }, icon("info"), words.not_admin),
      may("admin") && pending.map((one) => started(one, regions, again))));
}

/** @param {Schema<"MethodDetail">} method */
function unavailable({ unavailable_reason }) {
  return h("div", { class: "note soon" }, icon("warning"), h("div", {}, h("strong", {}, words.unavailable), h("p", {}, unavailable_reason)));
}

/**
 * @param {Schema<"MethodDetail">} method
 * @param {Schema<"Region">[]} regions
 */
function start(method, regions) {
  const region = regionChooser(regions);
  const ways = method.federations.filter((one) => one.available);
  const proof = choice({ label: words.federation, options: ways.map((one) => [one.federation, words.federations[one.federation] ?? one.federation]) });
  const closed = method.federations.filter((one) => !one.available).map(({ federation, unavailable_reason }) =>
    h("p", { class: "fine" }, h("strong", {}, words.federations[federation] ?? federation), ": ", unavailable_reason));
  const trouble = h("div", {});
  const submit = h("button", { type: "submit", class: "primary" }, words.start, icon("arrow"));
  return h("form", {
    class: "stack", novalidate: true,
    onsubmit: once([submit], trouble, async () => {
      if (!region.check()) return;
      const body = { method: method.method, region: region.value(), ...(ways.length > 0 && { federation: proof.value() }) };
      const { connection } = await call("post", "/v1/integrations/bedrock/connect", { body });
      go("integrations", "bedrock", method.method, connection.id);
    }),
  }, region.element, ways.length > 1 && proof.element, closed, trouble, h("div", { class: "row" }, submit, h("span", { class: "fine grow" }, words.start_help)));
}

/**
 * @param {Schema<"Connection">} connection
 * @param {Schema<"Region">[]} regions
 * @param {() => Promise<void>} again
 */
function started(connection, regions, again) {
  // Another region of an access that is saved has its external ID from there.
  const endsExternalId = connection.method === "iam_role" && !connection.access.account_id;
  const discard = () => ask({
    title: words.discard_title, confirm: words.discard, danger: true, body: h("p", {}, endsExternalId ? words.discard_role : words.discard_text),
    act: () => call("delete", "/v1/integrations/bedrock/connections/{id}", { path: { id: connection.id } }),
    done: () => {
      toast(words.discarded);
      return again();
    },
  });
  return h("div", { class: "note started" },
    h("div", { class: "grow" }, h("strong", {}, words.started), h("p", { class: "fine" },
      words.started_text(regionName(regions, connection.region)), " ", connection.reserved_until && ago(connection.reserved_until))),
    h("button", { type: "button", class: "small plain", onclick: discard }, words.discard),
    h("a", { class: "button small", href: link("integrations", "bedrock", connection.method, connection.id) }, words.go_on));
}
