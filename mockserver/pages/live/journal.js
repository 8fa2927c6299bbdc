// The journal as it happens: requests, answers, attempts of webhooks under their request; filtered and searched.

import { fetchFrom } from "./api.js";
import { rulesByEntry } from "./conduct.js";
import { h } from "./dom.js";
import { entry } from "./entry.js";
import { faultName, marksOf, pathOf, statusChip } from "./entry-line.js";
import { list } from "./list.js";
import { choice, counted, saveAs, search, split, tally, unique } from "./parts.js";
import { duration, epochOf, timeOfDay } from "./time.js";

const SHOWN = [
  ["ok", "answered 2xx, 3xx"], ["4xx", "refused 4xx"], ["5xx", "failed 5xx"], ["lost", "no answer"],
  ["violation", "violations"], ["fault", "faults"], ["conduct", "conduct"], ["webhook", "webhooks"],
];

export function journal(app) {
  const { sandbox } = app;
  const rules = rulesByEntry(app);
  const wanted = {
    text: app.filter("journal", "").trim().toLowerCase(), api: app.filter("journal-api", ""), kind: app.filter("journal-kind", ""),
  };
  const items = shown(app, wanted, rules);
  const whole = app.ui.chosen && sandbox.journal.byNumber.get(Number(app.ui.chosen));
  const apis = unique(Object.keys(sandbox.info?.apis ?? {}));
  return split(app, {
    bar: [
      search(app, "journal", "Search the journal", "Looks in method, path, status, operation, job, and why a request was refused"),
      choice(app, "journal-api", "API", apis),
      choice(app, "journal-kind", "Show", SHOWN),
      h("label.check", { key: "follow" }, h("input", { type: "checkbox", checked: app.filter("follow", true), onchange: (event) => follow(app, event.target.checked) }), "follow"),
      h("span.grow", { key: "grow" }),
      tally(app, "journal", counted(items.length, sandbox.journal.entries.length, "entry"), dropped(app)),
      h("button", { key: "har", title: "Save the journal as a HAR file, for a browser's network panel", onclick: () => saveHar(app) }, "Save HAR"),
    ],
    main: list(app.list("journal"), {
      id: "journal-list", label: "Journal, oldest first", items, keyOf: (each) => each.n, chosen: whole ? whole.n : null,
      onchoose: (each) => app.go("journal", String(each.n)), follows: app.filter("follow", true),
      empty: sandbox.journal.entries.length ? "No entry fits the filter." : "Nothing has happened here yet.",
      row: (each) => row(app, each, rules.get(each.n)), rowClass: (each) => (each.kind === "webhook" ? "under" : ""),
    }),
    title: whole ? (whole.kind === "webhook" ? `#${whole.n} webhook` : `#${whole.n} ${whole.method} ${whole.path}`) : null,
    detail: whole && entry(app, whole, rules.get(whole.n)),
    missing: app.ui.chosen && !whole ? `Entry ${app.ui.chosen} is not among those that this page keeps.` : null,
  });
}

function dropped(app) {
  const count = app.sandbox.activity.dropped?.journal || 0;
  return count ? h("span", { title: "The server keeps the newest ones" }, `, ${count} older ones made room`) : null;
}

function follow(app, on) {
  app.list("journal").isAtEnd = on;
  app.setFilter("follow", on);
}

/** Entries that fit, attempts of webhooks behind the request that caused them; worked out anew when something changed. */
function shown(app, wanted, rules) {
  const { journal } = app.sandbox;
  const key = JSON.stringify([journal.version, wanted, wanted.kind === "conduct" ? [...rules.keys()] : 0]);
  if (journal.shownKey !== key) {
    journal.shownKey = key;
    journal.shown = arranged(journal).filter((each) => fits(each, wanted, rules));
  }
  return journal.shown;
}

function arranged(journal) {
  const found = [];
  for (const each of journal.entries) {
    if (each.kind === "webhook" && journal.byNumber.has(each.request)) continue;
    found.push(each);
    const attempts = journal.attempts.get(each.n);
    if (attempts) found.push(...attempts);
  }
  return found;
}

function fits(each, { text, api, kind }, rules) {
  if (api && each.api !== api) return false;
  if (text && !each.text.includes(text)) return false;
  switch (kind) {
    case "": return true;
    case "ok": return each.kind !== "webhook" && each.status >= 100 && each.status < 400;
    case "4xx": return each.kind !== "webhook" && each.status >= 400 && each.status < 500;
    case "5xx": return each.kind !== "webhook" && each.status >= 500;
    case "lost": return each.kind !== "webhook" && !each.status;
    case "violation": return Boolean(each.violation);
    case "fault": return Boolean(each.fault);
    case "conduct": return rules.has(each.n);
    default: return each.kind === kind;
  }
}

function row(app, each, rules) {
  const isHook = each.kind === "webhook";
  return [
    { class: "mono dim number", content: String(each.n) },
    { class: "mono dim time", title: each.at, content: moment(each.at) },
    { class: "mono method", content: isHook ? "↳" : each.method || each.kind },
    { class: "mono wide", title: isHook ? each.url : each.path, content: isHook ? `webhook ${each.url ?? ""}` : pathOf(app, each) },
    { class: "status", content: statusChip(each) },
    { class: "operation dim", title: each.why, content: isHook ? each.why : [each.operation, each.why || each.example].filter(Boolean).join(": ") },
    { class: "marks", title: each.violation?.sentence ?? (each.fault ? faultName(each.fault) : ""), content: marksOf(each, rules) },
    { class: "mono dim end took", content: isHook ? "" : duration(each.seconds) },
  ];
}

function moment(at) {
  const text = timeOfDay(epochOf(at));
  return [text.slice(0, 8), h("span.ms", {}, text.slice(8))];
}

async function saveHar(app) {
  try {
    const response = await fetchFrom(`${app.sandbox.path("journal")}?format=har`);
    saveAs(`${app.sandbox.name}.har`, await response.text(), "application/json");
  } catch (error) {
    app.notice(error.message, true);
  }
}
