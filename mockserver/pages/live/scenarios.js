// What the APIs are told to be like: scenarios, quirks, limits, and what the next job shall do.

import { catalogue, outcomesOf } from "./catalogue.js";
import { h } from "./dom.js";
import { loaded, part, prose } from "./parts.js";

export function scenarios(app) {
  const { sandbox } = app;
  return h("div.scroll", { tabindex: 0, role: "region", "aria-label": "Scenarios" },
    part("This sandbox", switches(app)),
    loaded(catalogue(app), (known) => h("div.cards-wide", {}, Object.entries(sandbox.info?.apis ?? {}).map(([name, info]) => api(app, name, info, known)))));
}

function switches(app) {
  const { sandbox } = app;
  const of = (name) => sandbox.settings[name] ?? sandbox.info?.[name] ?? false;
  return h("div.switches", {},
    toggle(app, "Rate limits", of("limits"), (on) => app.act("Limits were switched.", "PUT", sandbox.path("limits"), { on })),
    toggle(app, "Strict about files", of("strict"), (on) => app.act("Strictness was switched.", "PUT", sandbox.path("strict"), { on })),
    toggle(app, "Webhooks to plain http", of("insecure_webhooks"), (on) => app.act("Webhooks were switched.", "PUT", sandbox.path("webhooks"), { insecure: on })),
    app.isReadOnly ? null : h("button", { key: "reset", title: "Back to the beginning, but for name, clock and credentials", onclick: () => reset(app) }, "Reset the sandbox"));
}

function reset(app) {
  if (confirm(`Reset ${app.sandbox.name}? Its jobs, journal and faults are gone then.`)) {
    app.act("The sandbox was reset.", "POST", app.sandbox.path("reset"), {});
  }
}

function toggle(app, label, isOn, change) {
  return h("label.check", { key: label }, h("input", { type: "checkbox", checked: Boolean(isOn), disabled: app.isReadOnly, onchange: (event) => change(event.target.checked) }), label);
}

function api(app, name, info, known) {
  const { sandbox } = app;
  const now = sandbox.settings.apis?.[name] ?? info;
  const scenario = now.scenario ?? info.scenario;
  const offered = known.apis.get(name);
  const names = offered?.scenarios ?? [scenario];
  const titles = new Map((offered?.quirks ?? []).map((each) => [each.name, each.title]));
  const play = (event) => app.act(`${name} plays ${event.target.value}.`, "PUT", sandbox.path("scenario"), { api: name, scenario: event.target.value });
  return h("section.card", { key: name, "aria-label": name }, h("h3", {}, name),
    h("label.pair", { key: "scenario" }, "Scenario", h("select", { disabled: app.isReadOnly, onchange: play }, names.map((each) => h("option", { key: each, value: each, selected: each === scenario }, each)))),
    h("div.quirks", { key: "quirks" }, Object.entries(now.quirks ?? {}).map(([quirk, on]) =>
      h("label.check", { key: quirk, title: titles.get(quirk) }, h("input", { type: "checkbox", checked: on, disabled: app.isReadOnly, onchange: (event) => app.act(`${quirk} was switched.`, "PUT", sandbox.path("quirks"), { api: name, quirk, on: event.target.checked }) }),
        h("span", {}, h("code", {}, quirk), h("small", {}, prose(titles.get(quirk) ?? "")))))),
    app.isReadOnly ? null : planForm(app, name, outcomesOf(offered)));
}

function planForm(app, name, outcomes) {
  if (!outcomes.length) return null;
  const submit = (event) => {
    event.preventDefault();
    const { outcome, running } = event.target.elements;
    const body = { api: name, ...(outcome.value ? { outcome: outcome.value } : {}), ...(running.value === "" ? {} : { running: Number(running.value) }) };
    app.act("The next job is planned.", "POST", app.sandbox.path("plans"), body);
  };
  return h("form.inline", { key: "plan", "aria-label": `The next job of ${name}`, onsubmit: submit }, h("span.dim", {}, "Next job"),
    h("select", { name: "outcome", "aria-label": "Outcome" }, h("option", { value: "" }, "ends as usual"), outcomes.map((each) => h("option", { key: each, value: each }, each))),
    h("input.number", { name: "running", type: "number", min: 0, step: "any", placeholder: "seconds", "aria-label": "Seconds that it runs" }),
    h("button", {}, "Plan"));
}
