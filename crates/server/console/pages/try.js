// A small conversation with a registered model: streamed where the model can, with what it took and what it used.

/** @import { Schema } from "client" */

import { all, call, exchange, stream } from "../api.js";
import { h, icon } from "../dom.js";
import { duration } from "../format.js";
import { messages, stateReason } from "../messages.js";
import { badge } from "../parts/badge.js";
import { choice } from "../parts/field.js";
import { failure, loaded } from "../parts/loaded.js";
import { empty, pageBody } from "../parts/page.js";
import { link } from "../router.js";

const words = messages.try;

/** A turn as Converse takes it. */
/** @typedef {{ role: "user" | "assistant", content: { text: string }[] }} Turn */
/** What an answer took, in milliseconds, and used. */
/** @typedef {{ begun: number, first?: number, own?: number, usage?: { inputTokens: number, outputTokens: number }, end?: string }} Account */

/** @param {Record<string, string>} params @param {AbortSignal} signal */
export function tryIt({ model }, signal) {
  const load = async () => (await all((cursor) => call("get", "/v1/models", { query: { limit: 200, cursor }, signal }))).filter(mayConverse);
  const body = loaded(load, (models) =>
    models.length === 0
      ? empty({ symbol: "try", title: words.none, text: words.none_text, action: h("a", { class: "button primary", href: link("models") }, messages.models.title) })
      : conversation(models, model ?? models.find(({ is_default }) => is_default)?.alias, signal));
  return { section: "try", body: pageBody({ title: words.title, lead: words.lead }, body) };
}

/** Of what AWS lists nowhere, as a prompt router, only a try can tell. @param {Schema<"Model">} model */
export const mayConverse = ({ capabilities }) => capabilities.some((one) => one === "converse" || one === "unknown");

/**
 * @param {Schema<"Model">[]} models
 * @param {string | undefined} alias
 * @param {AbortSignal} signal
 */
function conversation(models, alias, signal) {
  /** @type {Turn[]} */
  let turns = [];
  let running = new AbortController();
  const chosen = choice({ label: words.model, ...(alias && { value: alias }), options: models.map((one) => [one.alias, optionText(one)]), onchange: tell });
  const state = h("div", { class: "row tight", "aria-live": "polite" });
  const nothing = h("p", { class: "nothing" }, words.empty);
  const log = h("div", { class: "log", role: "log", tabindex: "0", "aria-label": words.title }, nothing);
  const input = h("textarea", {
    rows: 2, placeholder: words.placeholder, "aria-label": words.say,
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    },
  });
  const send = h("button", { type: "submit", class: "primary" }, words.send);
  const stop = h("button", { type: "button", hidden: true, onclick: () => running.abort() }, icon("stop"), words.stop);
  const form = h("form", { class: "say", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); say(input.value.trim()); } }, input, stop, send);
  const clear = h("button", {
    type: "button", class: "plain",
    onclick: () => {
      running.abort();
      turns = [];
      log.replaceChildren(nothing);
      input.focus();
    },
  }, words.clear);
  signal.addEventListener("abort", () => running.abort());
  tell();
  return h("div", { class: "card conversation" }, h("div", { class: "row between bottom" }, chosen.element, clear), state, log, form);

  /** How the chosen model is, if that is worth a word. */
  function tell() {
    const model = models.find((one) => one.alias === chosen.value());
    state.replaceChildren(...(model && model.state !== "available" ? [badge(model.state), h("span", { class: "fine grow" }, stateReason(model))] : []));
  }

  /** @param {string} text */
  async function say(text) {
    const model = models.find((one) => one.alias === chosen.value());
    if (!text || !model || send.disabled) return;
    input.value = "";
    input.focus();
    nothing.remove();
    const question = h("div", { class: "turn mine" }, h("h2", {}, words.you), h("p", {}, text));
    const answer = h("p", { class: "writing" });
    const foot = h("div", { class: "fine" });
    const reply = h("div", { class: "turn" }, h("h2", {}, model.alias), answer, foot);
    log.append(question, reply);
    log.scrollTop = log.scrollHeight;
    busy(true);
    running = new AbortController();
    /** @type {Account} */
    const account = { begun: performance.now() };
    const asked = [...turns, { role: /** @type {const} */ ("user"), content: [{ text }] }];
    const write = (/** @type {string} */ more) => {
      account.first ??= performance.now() - account.begun;
      follow(() => answer.append(more));
    };
    try {
      await converse(model, asked, account, write, running.signal);
      const said = answer.textContent ?? "";
      // AWS takes no turn without words: the conversation goes on without it.
      if (said.trim()) turns = [...asked, { role: "assistant", content: [{ text: said }] }];
      else answer.append(h("em", {}, words.silent));
      follow(() => foot.append(told(account)));
    } catch (problem) {
      // What was not answered whole is not part of the conversation.
      follow(() => foot.replaceChildren(running.signal.aborted ? words.stopped : failure(problem)));
    } finally {
      answer.classList.remove("writing");
      // Who pressed Stop goes on writing; who reads elsewhere stays there.
      if (form.contains(document.activeElement)) input.focus();
      busy(false);
    }
  }

  /** Changes the log, and keeps its end in sight of who reads there. @param {() => void} change */
  function follow(change) {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
    change();
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  }

  /** @param {boolean} is */
  function busy(is) {
    send.disabled = is;
    stop.hidden = !is;
    log.setAttribute("aria-busy", String(is));
  }
}

/** @param {Schema<"Model">} model */
function optionText({ alias, name, state }) {
  const shown = /** @type {Record<string, string>} */ (messages.state);
  return [alias, name, state !== "available" && (shown[state] ?? state)].filter(Boolean).join(" · ");
}

/**
 * @param {Schema<"Model">} model
 * @param {Turn[]} turns
 * @param {Account} account
 * @param {(text: string) => void} write
 * @param {AbortSignal} signal
 */
async function converse({ id, capabilities }, turns, account, write, signal) {
  const asked = { path: { id }, body: { messages: turns }, signal };
  if (!capabilities.includes("stream")) {
    const { headers, body } = await exchange("post", "/v1/models/{id}/converse", asked);
    const { output, usage, stopReason } = /** @type {any} */ (body);
    account.own = share(headers);
    for (const { text } of output.message.content) if (text) write(text);
    Object.assign(account, { usage, end: stopReason });
    return;
  }
  const { headers, events } = await stream("/v1/models/{id}/converse", asked, "messageStop");
  account.own = share(headers);
  for await (const { name, data } of events) {
    if (name === "contentBlockDelta" && data.delta.text) write(data.delta.text);
    if (name === "messageStop") account.end = data.stopReason;
    if (name === "metadata") account.usage = data.usage;
  }
}

/** This service's own share of the time, in milliseconds. @param {Headers} headers */
function share(headers) {
  const told = /own;dur=([\d.]+)/.exec(headers.get("server-timing") ?? "");
  return told ? Number(told[1]) : undefined;
}

/** @param {Account} account */
function told({ begun, first, own, usage, end }) {
  const parts = [
    usage && words.tokens(usage.inputTokens, usage.outputTokens),
    first !== undefined && words.first(duration(first)),
    words.total(duration(performance.now() - begun)),
    own !== undefined && words.own(own < 10 ? messages.unit.ms(own.toFixed(1)) : duration(own)),
  ];
  return h("span", {}, parts.filter(Boolean).join(" · "), end && words.ends[end] && h("strong", {}, " ", words.ends[end]));
}
