// Choosing a region by its name, or by its code if it is newer than this service.

/** @import { Schema } from "client" */

import { h } from "../dom.js";
import { messages } from "../messages.js";
import { choice, field, group } from "./field.js";

const OTHER = "";

/**
 * @param {Schema<"Region">[]} regions
 * @param {string} [value]
 */
export function regionChooser(regions, value) {
  const other = field({ name: "region", label: messages.bedrock.other_region_label, pattern: "^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$", example: "eu-west-1" });
  other.element.hidden = true;
  const options = /** @type {[string, string][]} */ (regions.map(({ code, name }) => [code, `${name} · ${code}`]));
  const chosen = choice({
    label: messages.bedrock.region, help: messages.bedrock.region_help, ...(value !== undefined && { value }),
    options: [...options, [OTHER, messages.bedrock.other_region]],
    onchange: (code) => { other.element.hidden = code !== OTHER; },
  });
  return {
    element: h("div", { class: "stack" }, chosen.element, other.element),
    value: () => chosen.value() || other.value(),
    check: () => chosen.value() !== OTHER || group([other]).check(),
  };
}

/**
 * @param {Schema<"Region">[]} regions
 * @param {string} code
 */
export const regionName = (regions, code) => regions.find((region) => region.code === code)?.name ?? code;
