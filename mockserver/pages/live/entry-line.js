// An entry of the journal in one line, as details of other views show it.

import { h } from "./dom.js";
import { timeOfDay, epochOf } from "./time.js";

export function statusTone(entry) {
  if (entry.kind === "webhook") return entry.outcome === "delivered" ? "good" : entry.outcome ? "bad" : "plain";
  if (!entry.status) return "bad";
  return entry.status >= 500 ? "bad" : entry.status >= 400 ? "warn" : "good";
}

/** Status of an answer, or what a delivery came to; an answer that never went out has a dash. */
export function statusChip(entry) {
  const text = entry.kind === "webhook" ? entry.status || entry.outcome || "webhook" : entry.status || "no answer";
  return h("span.chip", { class: statusTone(entry) }, String(text));
}

/** What is worth a mark. `rules` are those of conduct that name this entry. */
export function marksOf(entry, rules = []) {
  return [
    entry.fault ? h("span.tag.fault", { key: "fault", title: "a fault took effect" }, faultName(entry.fault)) : null,
    entry.violation ? h("span.tag.bad", { key: "violation", title: entry.violation.sentence }, "violation") : null,
    rules.map((rule) => h("span.tag.warn", { key: rule, title: "a rule of conduct" }, rule.replaceAll("_", " "))),
  ];
}

export function faultName(fault) {
  return typeof fault === "string" ? fault : fault.fault ?? fault.name ?? "fault";
}

/** A path without the part that names the sandbox, which is known here: there is little room. */
export function pathOf(app, entry) {
  const prefix = `/@${app.sandbox.name}/`;
  return entry.path.startsWith(prefix) ? entry.path.slice(prefix.length - 1) : entry.path;
}

/** `rules` are those of conduct that name it. */
export function entryLine(app, entry, rules) {
  return h("li", { key: entry.n }, h("span.mono.dim", {}, timeOfDay(epochOf(entry.at))), " ",
    h("a", { href: app.address("journal", entry.n) }, entry.kind === "webhook" ? `webhook ${entry.url ?? ""}` : `${entry.method} ${pathOf(app, entry)}`), " ",
    statusChip(entry), " ", marksOf(entry, rules));
}
