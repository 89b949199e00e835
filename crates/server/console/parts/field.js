// A field of a form, as the API describes it: name, label, help, pattern, example, whether it is secret, whether it may be left out.

import { h, icon } from "../dom.js";
import { messages } from "../messages.js";

/**
 * @typedef {{ name: string, label: string, help?: string, pattern?: string, example?: string | null, secret?: boolean, optional?: boolean, type?: string, autocomplete?: string }} Description
 * @typedef {{ element: HTMLElement, name: string, value: () => string, changed: () => boolean, check: () => boolean, refuse: (message: string) => void, focus: () => void }} Field
 */

let count = 0;

/**
 * @param {Description} field
 * @param {{ value?: string, kept?: string }} [present] what is there already; of a secret, that it is kept and its hint
 * @returns {Field}
 */
export function field({ name, label, help, pattern, example, secret = false, optional = false, type, autocomplete }, { value = "", kept } = {}) {
  const id = `field-${++count}`;
  const shape = pattern ? new RegExp(pattern) : null;
  const mayBeEmpty = optional || kept !== undefined;
  const wrong = h("p", { class: "wrong", id: `${id}-wrong`, "aria-live": "polite" });
  const note = h("p", { class: "help", id: `${id}-help` },
    kept !== undefined ? messages.field.kept(kept) : help, example && [" ", h("span", { class: "example" }, messages.field.example(example))]);
  const input = h("input", {
    id, name, value, type: secret ? "password" : (type ?? "text"), autocomplete: autocomplete ?? (secret ? "new-password" : "off"), autocapitalize: "off", spellcheck: "false",
    required: !mayBeEmpty, "aria-describedby": `${id}-wrong ${id}-help`,
    onpaste: trimPasted,
    onblur: () => input.value && check(),
    oninput: () => input.getAttribute("aria-invalid") === "true" && check(),
  });
  const reveal = secret && h("button", {
    type: "button", class: "plain round", "aria-label": messages.field.show(label), "aria-pressed": "false",
    onclick: (/** @type {Event & { currentTarget: HTMLElement }} */ { currentTarget: button }) => {
      const show = input.type === "password";
      input.type = show ? "text" : "password";
      button.setAttribute("aria-label", show ? messages.field.hide(label) : messages.field.show(label));
      button.setAttribute("aria-pressed", String(show));
    },
  }, icon("eye"));
  const element = h("div", { class: "field" },
    h("label", { for: id }, label, optional && [" ", h("span", { class: "optional" }, messages.field.optional)]),
    h("div", { class: "input" }, input, reveal), wrong, note);

  /** Whoever copies from a page gets its line breaks too; inside a value there are none. */
  function trimPasted(/** @type {ClipboardEvent} */ event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text === text.trim()) return;
    event.preventDefault();
    input.setRangeText(text.trim(), input.selectionStart ?? 0, input.selectionEnd ?? input.value.length, "end");
    input.dispatchEvent(new Event("input"));
  }

  function refuse(/** @type {string} */ message) {
    wrong.textContent = message;
    input.setAttribute("aria-invalid", String(message !== ""));
  }

  function check() {
    const text = input.value.trim();
    if (!text) refuse(mayBeEmpty ? "" : messages.field.required(label));
    else refuse(!shape || shape.test(text) ? "" : messages.field.wrong(label));
    return wrong.textContent === "";
  }

  return { element, name, check, refuse, value: () => input.value.trim(), changed: () => input.value.trim() !== value, focus: () => input.focus() };
}

/**
 * Several together.
 * @param {Field[]} fields
 */
export function group(fields) {
  return {
    elements: fields.map(({ element }) => element),
    /** Whether all are right; else the first that is not gets the focus. */
    check() {
      const wrong = fields.filter((one) => !one.check());
      wrong[0]?.focus();
      return wrong.length === 0;
    },
    /** What is entered. */
    values: () => Object.fromEntries(fields.filter((one) => one.value()).map((one) => [one.name, one.value()])),
    /** What is entered and was not there before. */
    changes: () => Object.fromEntries(fields.filter((one) => one.changed()).map((one) => [one.name, one.value() || null])),
    /**
     * Shows what the API refuses beside what it refuses. Whether that was all of it.
     * @param {{ pointer: string, message: string }[]} errors
     */
    refuse(errors) {
      const named = errors.map(({ pointer, message }) => ({ field: fields.find(({ name }) => pointer.endsWith(`/${name}`)), message }));
      for (const { field, message } of named) field?.refuse(message);
      named.find(({ field }) => field)?.field?.focus();
      return errors.length > 0 && named.every(({ field }) => field);
    },
  };
}

/**
 * One of a few.
 * @param {{ label: string, help?: string, options: [string, string][], value?: string, onchange?: (value: string) => void }} choice
 */
export function choice({ label, help, options, value, onchange }) {
  const id = `field-${++count}`;
  const select = h("select", { id, "aria-describedby": help && `${id}-help`, onchange: () => onchange?.(select.value) },
    options.map(([code, text]) => h("option", { value: code, selected: code === value }, text)));
  const element = h("div", { class: "field" }, h("label", { for: id }, label), h("div", { class: "input" }, select), help && h("p", { class: "help", id: `${id}-help` }, help));
  return { element, select, value: () => select.value };
}
