// What to set up in AWS, filled in: the way of the AWS console with its blocks to copy, and every other way that the API gives.

/** @import { Schema } from "client" */

import { h } from "../dom.js";
import { messages } from "../messages.js";
import { copyBlock, copyable } from "./copy.js";
import { facts } from "./page.js";
import { tabs } from "./tabs.js";

/** Members that are a whole way of their own. */
const WAYS = ["cloudformation", "terraform", "aws_cli"];

/** @param {Schema<"Setup">} setup */
export function kit(setup) {
  const { steps, external_id, principal_arn, ...blocks } = setup;
  const entries = Object.entries(blocks).filter(([, value]) => value);
  const policies = entries.filter(([name]) => !WAYS.includes(name));
  const byHand = h("div", { class: "stack" },
    h("ol", { class: "todo" }, steps.map(({ title, text }) => h("li", {}, h("h3", {}, title), h("p", {}, text)))),
    facts([
      [name("external_id"), external_id && copyable(external_id)],
      [name("principal_arn"), principal_arn && copyable(principal_arn)],
    ]),
    policies.map(([member, value]) => block(member, value)));
  const others = entries.filter(([name]) => WAYS.includes(name)).map(([member, value]) => ({ title: name(member), content: block(member, value) }));
  return others.length === 0 ? byHand : tabs(messages.kit.ways, [{ title: messages.guide.console, content: byHand }, ...others]);
}

/** @param {string} member */
const name = (member) => messages.kit.names[member] ?? member;

/**
 * @param {string} member
 * @param {unknown} value
 */
function block(member, value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return copyBlock({ title: name(member), text, file: messages.kit.files[member] ?? `${member}.txt` });
}
