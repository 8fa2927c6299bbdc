// Fields of a form from JSON schemas, and what was filled in as a value. What is left empty is left out.

import { h } from "./dom.js";

const NOTES = {
  times: "at most so often", nth: "only the nth request that fits", first: "only the first n", every: "each kth",
  probability: "by chance, 0 to 1", for_seconds: "sandbox seconds since it was armed", at_once: "requests at the same moment",
  ttl: "real seconds until it heals", job: "only this job", account: "only this account",
};

/** One field; `options` narrow what a text may be, and `otherwise` says what nothing stands for. */
export function field({ name, schema }, options = [], otherwise = "default") {
  const types = [schema.type].flat();
  const label = [name.replaceAll("_", " "), NOTES[name] ? h("small", {}, NOTES[name]) : null];
  const values = options.length ? options : schema.enum?.filter((each) => each !== null);
  if (values) return labelled(name, label, h("select", { name }, h("option", { value: "" }, otherwise), values.map((each) => h("option", { key: each, value: each }, String(each)))));
  if (types.includes("boolean")) return labelled(name, label, h("select", { name }, ["", "true", "false"].map((each) => h("option", { key: each, value: each }, each || "default"))));
  if (types.includes("integer") || types.includes("number")) {
    return labelled(name, label, h("input", { name, type: "number", min: schema.minimum, max: schema.maximum, step: types.includes("integer") ? 1 : "any", placeholder: schema.default ?? "default" }));
  }
  return labelled(name, label, h("input", { name, placeholder: types.includes("object") || types.includes("array") ? "JSON" : "default" }));
}

function labelled(name, label, control) {
  return h("label", { key: name }, h("span", {}, label), control);
}

/** What a form says, by the schemas of its fields. Throws SyntaxError for JSON that is none. */
export function filled(elements, fields) {
  const found = {};
  for (const { name, schema } of fields) {
    const text = elements[name]?.value ?? "";
    if (text !== "") found[name] = valueOf(text, [schema.type].flat(), schema);
  }
  return found;
}

function valueOf(text, types, schema) {
  if (types.includes("integer") || types.includes("number")) return Number(text);
  if (types.includes("boolean")) return text === "true";
  if (types.includes("object") || types.includes("array")) return JSON.parse(text);
  return schema.enum?.some((each) => typeof each === "number") ? Number(text) : text;
}
