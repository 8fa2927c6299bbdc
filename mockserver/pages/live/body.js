// A body as people read it: JSON in order and in colours, forms by their parts, everything else as it is.

import { h } from "./dom.js";
import { bytes } from "./time.js";

const LARGEST = 200000; // characters that are coloured; more would take long

export function body(said) {
  const type = contentType(said.headers);
  const size = said.size === undefined ? "" : bytes(said.size);
  if (!said.text) return h("p.dim", { key: "body" }, said.size ? `${size} ${type || "of unknown type"}, not kept as text` : "No body");
  const isCut = said.size > new TextEncoder().encode(said.text).length && !isForm(type);
  return h("div.body", { key: "body" },
    h("p.dim", { key: "about" }, [type, size, isCut ? "only the beginning is kept" : ""].filter(Boolean).join(", ")),
    isForm(type) ? form(said.text) : text(said.text));
}

/** Names and values as a table. */
export function headerTable(headers) {
  return h("table.headers", {}, h("tbody", {}, headers.map(([name, value], at) =>
    h("tr", { key: at }, h("th", { scope: "row" }, name), h("td", {}, value)))));
}

function contentType(headers) {
  const line = (Array.isArray(headers) ? headers : Object.entries(headers)).find(([name]) => name.toLowerCase() === "content-type");
  return line ? line[1].split(";")[0].trim() : "";
}

function isForm(type) {
  return type === "multipart/form-data" || type === "application/x-www-form-urlencoded";
}

function form(value) {
  const parts = parsed(value);
  if (parts === undefined || parts === null || typeof parts !== "object" || Array.isArray(parts)) return text(value);
  return h("table.headers", {}, h("tbody", {}, Object.entries(parts).map(([name, each]) =>
    h("tr", { key: name }, h("th", { scope: "row" }, name), h("td", {}, typeof each === "string" ? each : JSON.stringify(each))))));
}

export function text(value) {
  const json = parsed(value);
  const shown = json === undefined ? value : JSON.stringify(json, null, 2);
  if (json === undefined || shown.length > LARGEST) return h("pre", { tabindex: 0, "aria-label": "Body" }, shown);
  return h("pre.json", { tabindex: 0, "aria-label": "Body, JSON" }, coloured(shown));
}

function parsed(value) {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function coloured(json) {
  const found = [];
  let at = 0;
  for (const match of json.matchAll(TOKEN)) {
    if (match.index > at) found.push(json.slice(at, match.index));
    const [whole, string, colon] = match;
    if (string) found.push(h("span", { class: colon ? "name" : "string" }, string), colon ?? "");
    else found.push(h("span.literal", {}, whole));
    at = match.index + whole.length;
  }
  found.push(json.slice(at));
  return found;
}
