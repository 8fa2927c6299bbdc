// The jobs of a sandbox: how each stands now, by plan and clock.

import { h } from "./dom.js";
import { job } from "./job.js";
import { stateChip, stuckTag, then } from "./job-line.js";
import { isOver, standing, tone } from "./jobs-at.js";
import { list } from "./list.js";
import { choice, counted, search, split, tally, unique } from "./parts.js";
import { timeOfDay } from "./time.js";

export function jobs(app) {
  const { sandbox } = app;
  const now = sandbox.clock.now();
  const wanted = { text: app.filter("jobs", ""), api: app.filter("jobs-api", ""), state: app.filter("jobs-state", "") };
  const all = [...sandbox.jobs.values()].sort((one, other) => other.at - one.at || (one.id < other.id ? 1 : -1));
  const standings = new Map(all.map((each) => [each.id, standing(each, now)]));
  const items = all.filter((each) => fits(each, standings.get(each.id), wanted));
  const chosen = sandbox.jobs.get(app.ui.chosen);
  return split(app, {
    bar: [
      search(app, "jobs", "Filter jobs"),
      choice(app, "jobs-api", "API", unique(all.map((each) => each.api))),
      choice(app, "jobs-state", "State", unique([...standings.values()].map((each) => each.state))),
      h("span.grow", { key: "grow" }),
      tally(app, "jobs", counted(items.length, all.length, "job")),
    ],
    main: list(app.list("jobs"), {
      id: "job-list", label: "Jobs, newest first", items, keyOf: (each) => each.id, chosen: app.ui.chosen,
      onchoose: (each) => app.go("jobs", each.id), empty: hint(app, all), height: 32,
      row: (each) => row(each, standings.get(each.id), now),
    }),
    title: chosen && `Job ${chosen.id}`,
    detail: chosen && job(app, chosen, now),
    missing: app.ui.chosen && !chosen ? `There is no job ${app.ui.chosen} here (any more).` : null,
  });
}

function hint(app, all) {
  if (all.length) return "No job fits the filter.";
  if (app.sandbox.journal.entries.length) return "No jobs yet. The journal tells what became of the requests so far.";
  const apis = Object.values(app.sandbox.info?.apis ?? {});
  return apis.length ? `No jobs yet. Send a request to ${apis[0].url} and it shows up here.` : "No jobs yet.";
}

function fits(each, stands, { text, api, state }) {
  if (api && each.api !== api) return false;
  if (state && stands.state !== state) return false;
  return !text || `${each.id} ${each.api} ${each.resource} ${stands.state}`.toLowerCase().includes(text.toLowerCase());
}

function row(each, stands, now) {
  return [
    { class: "state", content: stateChip(each, stands, now) },
    { class: "mono id", title: each.id, content: each.id },
    { class: "wide dim", title: `${each.api} ${each.resource}`, content: [stuckTag(each, stands, now), `${each.api} ${each.resource}`] },
    { class: "bar-cell", content: bar(each, stands, now) },
    { class: "what-next dim", content: stands.next ? then(each, stands, now) : "" },
    { class: "mono dim end", title: each.created, content: timeOfDay(each.at, 0) },
  ];
}

function bar(each, stands, now) {
  const percent = Math.floor(stands.progress);
  return h("span.progress", {
    role: "progressbar", "aria-valuenow": percent, "aria-valuemin": 0, "aria-valuemax": 100,
    "aria-label": `Progress of ${each.id}`, class: tone(stands.state, isOver(each, now)),
  }, h("span.done", { style: { width: `${stands.progress.toFixed(2)}%` } }), h("small", {}, `${percent} %`));
}
