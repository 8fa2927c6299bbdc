// How the client behaved: what the rules of conduct found, what proves it, and what to do about it.

import { read } from "./api.js";
import { h } from "./dom.js";
import { loaded } from "./parts.js";

const PAUSE = 2000;
const PAUSE_LONG = 30000; // of a long journal, which takes the server its time, while nobody looks at this view
const LONG = 2000;
const MOST_LINKS = 12;

/** What was found, as it was last read. */
export function findings(app) {
  const { journal } = app.sandbox;
  const pause = app.ui.tab !== "conduct" && journal.entries.length > LONG ? PAUSE_LONG : PAUSE;
  return app.load("conduct", () => read(app.sandbox.path("conduct")), journal.version, pause);
}

/** By entry the rules of conduct that it is evidence of. */
export function rulesByEntry(app) {
  const found = findings(app);
  if (found.value === found.from) return found.rules ?? new Map();
  found.from = found.value;
  found.rules = new Map();
  for (const finding of found.value ?? []) {
    for (const n of finding.entries) found.rules.set(n, [...new Set([...(found.rules.get(n) ?? []), finding.rule])]);
  }
  return found.rules;
}

export function conduct(app) {
  const { sandbox } = app;
  return h("div.scroll", { tabindex: 0, role: "region", "aria-label": "Conduct" }, loaded(findings(app), (found) => (found.length
    ? h("ul.cards", {}, found.map((each, at) => finding(app, each, at)))
    : h("p.empty", {}, sandbox.journal.entries.length ? "No rule of conduct finds fault with the client so far." : "Nothing to judge yet."))));
}

function finding(app, each, at) {
  return h("li.card", { key: `${each.rule}${each.entries[0] ?? at}` },
    h("div.card-head", {}, h("span.tag.warn", {}, each.rule.replaceAll("_", " ")), h("span.dim", {}, `${each.api} ${each.operation}`), h("span.grow", {}),
      each.job ? h("a.mono", { href: app.address("jobs", each.job) }, each.job) : null),
    h("p.sentence", { key: "sentence" }, each.sentence),
    h("p", { key: "remedy" }, h("b", {}, "Remedy: "), each.remedy),
    h("p.small", { key: "evidence" }, h("span.dim", {}, "Evidence: "), each.entries.slice(0, MOST_LINKS).map((n) => [h("a", { key: n, href: app.address("journal", n) }, `#${n}`), " "]),
      each.entries.length > MOST_LINKS ? h("span.dim", {}, `and ${each.entries.length - MOST_LINKS} more`) : null));
}
