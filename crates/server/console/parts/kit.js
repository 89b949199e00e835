// What to set up in AWS, filled in, in each of the ways that customers work: by hand, or as text for a tool.

/** @import { Schema } from "client" */

import { call, Problem } from "../api.js";
import { h, icon } from "../dom.js";
import { messages } from "../messages.js";
import { copyable, copyBlock } from "./copy.js";
import { field, group } from "./field.js";
import { failure } from "./loaded.js";
import { facts } from "./page.js";
import { tabs } from "./tabs.js";

const words = messages.kit;

/**
 * @param {string} id the connection that it is for
 * @param {Schema<"Setup">} setup
 * @param {AbortSignal} signal
 */
export function kit(id, setup, signal) {
  const shown = h("div", {}, ways(setup));
  const models = field({ name: "models", label: words.models, help: words.models_help, example: "amazon.nova-lite-v1:0", optional: true });
  const trouble = h("div", {});
  let asking = new AbortController();
  const narrow = h("form", {
    class: "stack", novalidate: true,
    onsubmit: async (/** @type {Event} */ event) => {
      event.preventDefault();
      models.refuse("");
      trouble.replaceChildren();
      // What was asked for last is shown, whichever answer is the last to come.
      asking.abort();
      asking = new AbortController();
      try {
        const query = { ...(models.value() && { models: models.value() }) };
        const options = { path: { id }, query, signal: AbortSignal.any([signal, asking.signal]) };
        shown.replaceChildren(ways(await call("get", "/v1/integrations/bedrock/connections/{id}/setup", options)));
      } catch (problem) {
        if (!(problem instanceof Problem) || !group([models]).refuse(problem.errors)) trouble.replaceChildren(failure(problem));
      }
    },
  }, models.element, trouble, h("div", {}, h("button", { type: "submit" }, words.apply)));
  return h("div", { class: "stack" }, h("details", {}, h("summary", {}, words.only), narrow), shown);
}

/** @param {Schema<"Setup">} setup */
function ways({ steps, external_id, principal_arn, oidc, cloudformation, terraform, aws_cli }) {
  const byHand = h("div", { class: "stack" },
    h("ol", { class: "todo" }, steps.map(({ title, text, blocks }) =>
      h("li", {}, h("h3", {}, title), h("p", {}, text), blocks.map(({ label, text }) => copyBlock({ title: label, text }))))),
    facts([
      [words.external_id, external_id && copyable(external_id)],
      [words.principal_arn, principal_arn && copyable(principal_arn)],
      [words.issuer, oidc && copyable(oidc.issuer)],
      [words.audience, oidc && copyable(oidc.audience)],
      [words.subject, oidc && copyable(oidc.subject)],
    ]));
  const { file_name, template, quick_create_url } = cloudformation;
  const stack = h("div", { class: "stack" },
    quick_create_url && h("div", {}, h("a", { class: "button primary", href: quick_create_url, target: "_blank", rel: "noreferrer" }, words.quick_create, icon("arrow"))),
    copyBlock({ title: words.template, text: template, file: file_name }), copyBlock({ title: words.commands, text: cloudformation.aws_cli, file: "stack.sh" }));
  return tabs(words.ways, [
    { title: words.console, content: byHand },
    { title: "CloudFormation", content: stack },
    { title: "Terraform", content: copyBlock({ title: words.terraform, text: terraform, file: "bedrock.tf" }) },
    { title: "AWS CLI", content: copyBlock({ title: words.commands, text: aws_cli, file: "bedrock.sh" }) },
  ]);
}
