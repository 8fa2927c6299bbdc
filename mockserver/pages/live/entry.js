// One entry of the journal: what was asked and what was answered, side by side, and what followed from it.

import { body, headerTable } from "./body.js";
import { curl } from "./curl.js";
import { h } from "./dom.js";
import { faultName, entryLine, statusChip } from "./entry-line.js";
import { facts, loaded, part } from "./parts.js";
import { duration } from "./time.js";
import { attempt, attemptOf } from "./webhook.js";

export function entry(app, brief, rules = []) {
  const { journal } = app.sandbox;
  const attempts = journal.attempts.get(brief.n) ?? [];
  const cause = brief.request && journal.byNumber.get(brief.request);
  return [
    h("div.headline", { key: "headline" }, statusChip(brief), h("b", {}, brief.operation || brief.kind),
      h("span.dim", {}, [brief.example && `${brief.status ? "answered" : "would have been answered"} with “${brief.example}”`, brief.kind !== "webhook" && `in ${duration(brief.seconds)}`].filter(Boolean).join(" "))),
    notices(app, brief, rules),
    h("div.stack", { key: "sides" }, cause ? part("Caused by", h("ul.lines", {}, entryLine(app, cause))) : null,
      brief.kind === "webhook" ? loaded(attemptOf(app, brief), (each) => (each ? attempt(app, each, brief.fault) : h("p.dim", {}, "What was sent is kept no more.")))
        : loaded(app.load(`entry:${brief.n}`, () => journal.whole(brief.n)), (whole) => sides(app, whole))),
    attempts.length ? part("Webhooks that it caused", h("ul.lines", {}, attempts.map((each) => entryLine(app, each)))) : null,
    part("Facts", facts([
      ["At", brief.at], ["API", brief.api], ["Job", brief.job && h("a", { href: app.address("jobs", brief.job) }, brief.job)],
      ["Account", brief.account], ["Held for", brief.waited && duration(brief.waited)],
      ["Answer of before", brief.replayed && link(app, brief.replayed)], ["Same key as", brief.same_key && link(app, brief.same_key)],
      ["Events sent", brief.events && Object.entries(brief.events).map(([name, count]) => `${name} × ${count}`).join(", ")],
    ])),
  ];
}

function link(app, n) {
  return h("a", { href: app.address("journal", n) }, `#${n}`);
}

function notices(app, brief, rules) {
  const lines = [
    brief.violation && ["bad", [h("b", {}, "Breaks the contract: "), brief.violation.sentence, " ", h("code", {}, brief.violation.pointer)]],
    brief.fault && ["fault", [h("b", {}, faultName(brief.fault)), " took effect", brief.status || brief.kind === "webhook" ? "." : ": the client never got an answer, though the request was handled."]],
    brief.why && !brief.violation && brief.kind !== "webhook" && ["info", brief.why],
    brief.hint && ["info", brief.hint],
    brief.empty_file && ["bad", `The file ${brief.empty_file} was empty.`],
    ...(brief.mismatches ?? []).map((text) => ["warn", text]),
    ...rules.map((rule) => ["warn", [h("b", {}, rule.replaceAll("_", " ")), ": a rule of conduct that this request is evidence of. ", h("a", { href: app.address("conduct") }, "Conduct")]]),
  ].filter(Boolean);
  return lines.map(([kind, text], at) => h("p.notice", { key: `notice${at}`, class: kind }, text));
}

function sides(app, whole) {
  const { sent, answered } = whole;
  return [
    h("div.actions", { key: "actions" },
      h("button", { onclick: () => copyCurl(app, whole) }, "Copy as curl"),
      sent?.text ? h("button", { onclick: () => app.copy(sent.text, "request body") }, "Copy request body") : null,
      answered?.text ? h("button", { onclick: () => app.copy(answered.text, "response body") }, "Copy response body") : null),
    h("div.sides", { key: "sides" },
      h("div.side", { key: "request", role: "group", "aria-label": "Request" }, h("h3", {}, "Request"),
        h("p.mono.url", {}, `${whole.method} ${whole.path}${sent?.query ? `?${sent.query}` : ""}`), message(sent)),
      h("div.side", { key: "answer", role: "group", "aria-label": "Response" }, h("h3", {}, "Response"),
        whole.status ? h("p.mono.url", {}, `${whole.status} ${whole.example}`) : h("p.bad", {}, "No answer was sent."), message(answered))),
  ];
}

async function copyCurl(app, whole) {
  try {
    await app.copy(await curl(app, whole), "curl command");
  } catch (error) {
    app.notice(error.message, true);
  }
}

function message(said) {
  if (!said) return h("p.dim", {}, "Nothing was kept of it.");
  return [
    h("details.headers", { key: "headers", open: true }, h("summary", {}, `${said.headers.length} headers`), headerTable(said.headers)),
    body(said),
  ];
}
