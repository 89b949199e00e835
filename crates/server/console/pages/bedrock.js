// Amazon Bedrock: the ways to connect, and where to begin.

/** @import { Schema } from "client" */

import { all, call } from "../api.js";
import { h, icon } from "../dom.js";
import { ago } from "../format.js";
import { messages } from "../messages.js";
import { badge, chip } from "../parts/badge.js";
import { choice } from "../parts/field.js";
import { failure, loaded } from "../parts/loaded.js";
import { pageBody } from "../parts/page.js";
import { regionChooser, regionName } from "../parts/region.js";
import { toast } from "../parts/toast.js";
import { go, link } from "../router.js";
import { may } from "../session.js";

const words = messages.bedrock;

/** @param {Record<string, string>} params @param {AbortSignal} signal */
export function bedrock({ method }, signal) {
  const load = async () => {
    const [integration, saved] = await Promise.all([
      call("get", "/v1/integrations/bedrock", { signal }),
      all((cursor) => call("get", "/v1/integrations/bedrock/connections", { query: { pending: true, limit: 200, cursor }, signal })),
    ]);
    return { integration, saved };
  };
  const content = loaded(load, ({ integration, saved }, again) => {
    const chosen = integration.methods.find((one) => one.method === method) ?? integration.methods.find((one) => one.recommended) ?? integration.methods[0];
    if (!chosen) return h("div");
    const pending = saved.filter((one) => one.state === "pending" && one.method === chosen.method);
    return h("div", { class: "stack large" },
      h("div", { class: "row" }, badge(integration.state), integration.connections > 0 && h("a", { href: link("connections") }, messages.integrations.count(integration.connections))),
      h("nav", { class: "ways", "aria-label": words.methods }, integration.methods.map((one) =>
        h("a", { href: link("integrations", "bedrock", one.method), "aria-current": one === chosen && "true" },
          h("strong", {}, one.label), one.recommended && chip(words.recommended)))),
      way(chosen, integration.regions, pending, again));
  });
  return {
    title: words.title, section: "integrations",
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
    onsubmit: async (/** @type {Event} */ event) => {
      event.preventDefault();
      if (!region.check()) return;
      submit.disabled = true;
      try {
        const body = { method: method.method, region: region.value(), ...(ways.length > 0 && { federation: proof.value() }) };
        const { connection } = await call("post", "/v1/integrations/bedrock/connect", { body });
        go("integrations", "bedrock", method.method, connection.id);
      } catch (problem) {
        trouble.replaceChildren(failure(problem));
      } finally {
        submit.disabled = false;
      }
    },
  }, region.element, ways.length > 1 && proof.element, closed, trouble, h("div", { class: "row" }, submit, h("span", { class: "fine grow" }, words.start_help)));
}

/**
 * @param {Schema<"Connection">} connection
 * @param {Schema<"Region">[]} regions
 * @param {() => Promise<void>} again
 */
function started(connection, regions, again) {
  const discard = async () => {
    await call("delete", "/v1/integrations/bedrock/connections/{id}", { path: { id: connection.id } });
    toast(words.discarded);
    await again();
  };
  return h("div", { class: "note started" },
    h("div", { class: "grow" }, h("strong", {}, words.started), h("p", { class: "fine" },
      words.started_text(regionName(regions, connection.region)), " ", connection.reserved_until && ago(connection.reserved_until))),
    h("button", { type: "button", class: "small plain", onclick: () => discard().catch(again) }, words.discard),
    h("a", { class: "button small", href: link("integrations", "bedrock", connection.method, connection.id) }, words.go_on));
}
