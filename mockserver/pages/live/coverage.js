// Which answers of the contracts were given here: by API and operation, as they fill.

import { read } from "./api.js";
import { h } from "./dom.js";
import { loaded } from "./parts.js";

const PAUSE = 2000;
const NEEDS = {
  nothing: "call the operation", operation: "call another operation before", account: "other credentials or no credits",
  condition: "a request that a variant's condition asks for", wrong_request: "a request that breaks the contract", fault: "arm a fault", quirk: "switch a quirk off", stray_request: "a request that no operation answers",
};

export function coverage(app) {
  const { sandbox } = app;
  const found = app.load("coverage", () => read(sandbox.path("coverage")), sandbox.journal.version, PAUSE);
  return h("div.scroll", { tabindex: 0, role: "region", "aria-label": "Coverage" }, loaded(found, (all) => groups(all, (each) => each.api).map(([name, given]) => api(app, name, given))));
}

function groups(items, keyOf) {
  const found = new Map();
  for (const item of items) found.set(keyOf(item), [...(found.get(keyOf(item)) ?? []), item]);
  return [...found];
}

function api(app, name, given) {
  const met = given.filter((each) => each.answers > 0).length;
  const chosen = `coverage-${name}`;
  const open = app.ui.filters[chosen] ?? met > 0;
  // What opens by itself when the first answer was given is no choice of the reader's.
  const ontoggle = (event) => { if (event.target.open !== open) app.ui.filters[chosen] = event.target.open; };
  return h("details.card", { key: name, open, ontoggle },
    h("summary", {}, h("b", {}, name), " ", h("span.dim", {}, `${met} of ${given.length} answers were given`), share(met / given.length, name)),
    h("table.coverage", {}, h("thead", {}, h("tr", {}, ["Operation", "Answers"].map((each) => h("th", { key: each, scope: "col" }, each)))),
      h("tbody", {}, groups(given, (each) => each.operation).map(([operation, answers]) =>
        h("tr", { key: operation }, h("th.mono", { scope: "row" }, operation || "no operation"), h("td", {}, answers.map(answer)))))));
}

function share(part, name) {
  return h("span.progress", { role: "progressbar", "aria-label": `Coverage of ${name}`, "aria-valuenow": Math.round(part * 100), "aria-valuemin": 0, "aria-valuemax": 100, class: "good" },
    h("span.done", { style: { width: `${part * 100}%` } }), h("small", {}, `${Math.round(part * 100)} %`));
}

function answer(each) {
  const title = each.answers ? `${each.status}, given ${each.answers} times` : `${each.status}, never given: ${NEEDS[each.needs] ?? each.needs}`;
  return h("span.given", { key: `${each.example}${each.status}`, class: each.answers ? "met" : "", title }, `${each.example} `, h("small", {}, each.answers ? `${each.status} × ${each.answers}` : String(each.status)));
}
