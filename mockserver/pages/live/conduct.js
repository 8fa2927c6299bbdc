// How the client behaved: what the rules of conduct found, what proves it, and what to do about it.

import { read } from "./api.js";
import { h } from "./dom.js";
import { loaded } from "./parts.js";

const PAUSE = 2000;
const MOST_LINKS = 12;

export function conduct(app) {
  const { sandbox } = app;
  const found = app.load("conduct", () => read(sandbox.path("conduct")), sandbox.journal.version, PAUSE);
  return h("div.scroll", { tabindex: 0, role: "region", "aria-label": "Conduct" }, loaded(found, (findings) => (findings.length
    ? h("ul.cards", {}, findings.map((each, at) => finding(app, each, at)))
    : h("p.empty", {}, sandbox.journal.entries.length ? "No rule of conduct finds fault with the client so far." : "Nothing to judge yet."))));
}

function finding(app, each, at) {
  return h("li.card", { key: `${each.rule}${each.entries[0] ?? at}` },
    h("div.card-head", {}, h("span.tag.warn", {}, each.rule.replaceAll("_", " ")), h("span.dim", {}, `${each.api} ${each.operation}`), h("span.grow", {}),
      each.job ? h("a.mono", { href: app.address("jobs", each.job) }, each.job) : null),
    h("p", { key: "sentence" }, each.sentence),
    h("p", { key: "remedy" }, h("b", {}, "Remedy: "), each.remedy),
    h("p.small", { key: "evidence" }, h("span.dim", {}, "Evidence: "), each.entries.slice(0, MOST_LINKS).map((n) => [h("a", { key: n, href: app.address("journal", n) }, `#${n}`), " "]),
      each.entries.length > MOST_LINKS ? h("span.dim", {}, `and ${each.entries.length - MOST_LINKS} more`) : null));
}
