// Why nothing was saved: what the test before it found, and what may be saved all the same.

/** @import { Schema } from "client" */

import { Problem } from "../api.js";
import { h, icon } from "../dom.js";
import { messages } from "../messages.js";
import { failure } from "./loaded.js";

/**
 * What is said above the report, or beside the fields that are refused.
 * @param {unknown} thrown
 * @param {{ refuse: (errors: Schema<"FieldError">[]) => boolean }} entered
 * @param {{ refused: (report: Schema<"Report">) => void }} report
 * @param {(accept_warnings: string[]) => (event: Event) => unknown} accept what saves with the warnings
 */
export function refusal(thrown, entered, report, accept) {
  if (!(thrown instanceof Problem)) return failure(thrown);
  const { report: found, code, message, errors } = thrown;
  if (!found) return entered.refuse(errors) ? h("div") : failure(thrown);
  report.refused(found);
  const warnings = found.steps.flatMap((step) => (step.status === "warning" && step.code ? [step.code] : []));
  return h("div", { class: "note soon", role: "alert" }, icon("warning"), h("div", { class: "stack" }, h("strong", {}, message),
    code === "warnings_not_accepted" && h("div", {}, h("button", { type: "button", onclick: accept(warnings) }, messages.guide.accept))));
}
