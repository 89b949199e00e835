// A test as it runs: each step as it ends, what is wrong, what to do about it, and AWS's own words to take along.

/** @import { Schema } from "client" */

import { h, icon } from "../dom.js";
import { duration, number } from "../format.js";
import { messages } from "../messages.js";
import { badge } from "./badge.js";
import { copyable } from "./copy.js";
import { failure } from "./loaded.js";
import { facts } from "./page.js";

/** Steps that say nothing when they are left out. */
const QUIET = ["not_applicable", "not_requested"];

export function testReport() {
  const status = h("p", { role: "status" });
  const steps = h("ol", { class: "steps", "aria-live": "polite" });
  const rest = h("div", { class: "stack" });
  /** Findings are told once: several steps may fail of one thing. @type {Set<string | undefined>} */
  const told = new Set();
  const element = h("div", { class: "report", hidden: true }, status, steps, rest);

  return { element, run, refused, clear };

  function clear() {
    element.hidden = true;
  }

  /** @param {string} text */
  function begin(text) {
    element.hidden = false;
    status.className = "running";
    status.replaceChildren(h("span", { class: "spinner" }), text);
    status.scrollIntoView({ block: "nearest" });
    told.clear();
    steps.replaceChildren();
    rest.replaceChildren();
  }

  /**
   * Shows a test that runs, to its end. Its report, if it came to one.
   * @param {() => Promise<{ events: AsyncGenerator<{ name: string, data: any }> }>} start
   * @returns {Promise<Schema<"Report"> | null>}
   */
  async function run(start) {
    begin(messages.report.running);
    try {
      const { events } = await start();
      let report = null;
      for await (const { name, data } of events) {
        if (name === "step") add(data);
        if (name === "report") report = data;
      }
      end(report, messages.report.passed);
      return report;
    } catch (problem) {
      status.className = "bad";
      status.replaceChildren(icon("cross"), messages.report.broken);
      rest.replaceChildren(failure(problem));
      return null;
    }
  }

  /**
   * Shows what was found before nothing was saved, whether or not it would work.
   * @param {Schema<"Report">} report
   */
  function refused(report) {
    begin("");
    report.steps.forEach(add);
    end(report, null);
  }

  /** @param {Schema<"Step">} step */
  function add(step) {
    if (QUIET.includes(step.code ?? "")) return;
    steps.append(line(step, !told.has(step.message)));
    told.add(step.message);
  }

  /** @param {Schema<"Report">} report @param {string | null} passed what is said if nothing failed, and all is well */
  function end(report, passed) {
    const failed = report.steps.find((step) => step.status === "failed");
    const isGood = report.ok && passed !== null;
    status.className = isGood ? "good" : "bad";
    status.replaceChildren(icon(isGood ? "check" : "cross"), failed ? messages.report.failed(title(failed.name)) : (passed ?? messages.report.refused));
    rest.replaceChildren(found(report));
    // Beside a long form it would end below what is seen.
    (steps.querySelector(".failed") ?? rest).scrollIntoView({ block: "nearest" });
  }
}

/** @param {Pick<Schema<"Report">, "account_id" | "identity_arn" | "models">} report */
export function found({ account_id, identity_arn, models }) {
  return facts([
    [messages.guide.account, account_id && copyable(account_id)],
    [messages.guide.identity, identity_arn && copyable(identity_arn)],
    [messages.guide.listed, models !== null && number(models)],
  ]);
}

/** @param {string} step */
const title = (step) => messages.report.steps[step] ?? step;

/** @param {Schema<"Step">} step @param {boolean} isNew */
function line(step, isNew) {
  const tells = isNew && (step.status === "failed" || step.status === "warning");
  return h("li", { class: step.status },
    h("div", { class: "row" }, badge(step.status), h("span", { class: "name" }, title(step.name)),
      step.status !== "skipped" && h("span", { class: "fine" }, duration(step.latency_ms))),
    tells && finding(step));
}

/** @param {Partial<Schema<"Finding">>} finding */
export function finding({ message, remedy, retryable, likely_causes = [], aws }) {
  return h("div", { class: "finding stack" },
    h("p", { class: "message" }, message),
    h("div", { class: "remedy" }, h("strong", {}, messages.report.remedy), h("p", {}, remedy), retryable && h("p", {}, messages.report.retryable)),
    likely_causes.length > 0 && h("div", {}, h("strong", {}, messages.report.likely), h("ol", {}, likely_causes.map((cause) => h("li", {}, cause)))),
    aws && h("details", {}, h("summary", {}, messages.report.aws),
      h("p", {}, h("code", {}, `${aws.operation}: ${aws.code}`)), h("p", {}, aws.message)),
    aws?.request_id && h("p", { class: "fine" }, messages.report.request, " ", copyable(aws.request_id)));
}
