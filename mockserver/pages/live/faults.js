// Faults that are armed and what they met, and a form that arms another one.

import { read } from "./api.js";
import { catalogue, fieldsOf, statesOf } from "./catalogue.js";
import { h } from "./dom.js";
import { field, filled } from "./fields.js";
import { facts, loaded, part, prose } from "./parts.js";

const PAUSE = 2000;

export function faults(app) {
  const { sandbox } = app;
  const armed = [...sandbox.faults.values()];
  const unused = app.load("unused", () => read(sandbox.path("unused")), `${sandbox.journal.version}:${armed.length}`, PAUSE);
  const why = new Map((unused.value ?? []).map((each) => [each.id, each]));
  return h("div.columns", {},
    h("section.column", { key: "armed", tabindex: 0, "aria-label": "Armed faults" }, h("h2", {}, "Armed faults"),
      armed.length ? h("ul.cards", {}, armed.map((each) => card(app, each, why.get(each.id))))
        : h("p.empty", {}, sandbox.journal.entries.some((each) => each.fault) ? "No fault is armed any more. The journal marks the requests that met one." : "No fault is armed: the APIs behave."),
      plans(app, unused.value ?? [])),
    app.isReadOnly ? null : h("section.column", { key: "form", tabindex: 0, "aria-label": "Arm a fault" }, h("h2", {}, "Arm a fault"), loaded(catalogue(app), (known) => form(app, known))));
}

function card(app, each, unused) {
  const selector = Object.entries(each.selector ?? {}).filter(([, value]) => value !== null);
  const parameters = Object.entries(each.parameters ?? {}).filter(([, value]) => value !== null && value !== "");
  return h("li.card", { key: each.id },
    h("div.card-head", {}, h("b", {}, each.fault), h("span.dim", {}, each.api), each.scenario ? h("span.chip.plain", {}, "by the scenario") : null, h("span.grow", {}),
      h("span.chip", { class: each.applied ? "fault" : "plain", title: "How often it took effect, of how many requests that fitted" }, `took effect ${each.applied} of ${each.seen}`),
      app.isReadOnly ? null : h("button.quiet", { "aria-label": `Take back ${each.fault}`, onclick: () => app.act(`${each.fault} was taken back.`, "DELETE", app.sandbox.path("faults", each.id)) }, "Take back")),
    h("p.mono.small", { key: "words" }, [...parameters, ...selector].map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`).join("  ")),
    each.left !== null && each.left !== undefined ? h("p.dim.small", { key: "left" }, `${each.left} left`) : null,
    unused ? h("p.notice.warn.sentence", { key: "unused" }, unused.why, unused.entry ? [" ", h("a", { key: "entry", href: app.address("journal", unused.entry) }, `#${unused.entry}`)] : null) : null);
}

function plans(app, unused) {
  const waiting = unused.filter((each) => each.kind !== "fault");
  if (!waiting.length) return null;
  return part("Plans and answers that wait", h("ul.cards", {}, waiting.map((each) =>
    h("li.card", { key: each.id }, facts([[each.kind, each.api], ["Why it was not used", each.why]])))));
}

function form(app, known) {
  const chosen = app.ui.forms.fault ?? (app.ui.forms.fault = { api: null, fault: "status", error: "" });
  const apis = Object.keys(app.sandbox.info?.apis ?? {});
  if (!apis.includes(chosen.api)) chosen.api = apis[0];
  const fitting = known.faults.filter((each) => chosen.api in each.apis);
  const fault = fitting.find((each) => each.fault === chosen.fault) ?? fitting[0];
  if (!fault) return h("p.empty", {}, "No fault can take effect here.");
  const parameters = fieldsOf(fault.parameters);
  const states = statesOf(known.apis.get(chosen.api));
  const set = (name) => (event) => ((chosen[name] = event.target.value), app.redraw());
  return h("form.form", { key: "fault-form", onsubmit: (event) => arm(app, event, chosen, fault.fault, [...parameters, ...known.selector]) },
    h("label", { key: "api" }, h("span", {}, "API"), h("select", { onchange: set("api") }, apis.map((each) => h("option", { key: each, value: each, selected: each === chosen.api }, each)))),
    h("label", { key: "fault" }, h("span", {}, "Fault"), h("select", { onchange: set("fault") }, categories(fitting).map(([category, faults]) => h("optgroup", { key: category, label: category }, faults.map((each) =>
      h("option", { key: each.fault, value: each.fault, selected: each === fault }, each.fault)))))),
    h("p.dim", { key: "about" }, prose(fault.description)),
    h("div.fields", { key: `${fault.fault} ${chosen.api}` },
      known.selector.filter((each) => each.name === "operation").map((each) => field(each, fault.apis[chosen.api].filter(Boolean), "any")),
      parameters.map((each) => field(each, each.name === "state" ? states : [])),
      known.selector.filter((each) => each.name === "times").map((each) => field(each))),
    h("details", { key: "more" }, h("summary", {}, "Which requests"), h("div.fields", { key: fault.fault },
      known.selector.filter((each) => !["operation", "times"].includes(each.name)).map((each) => field(each)))),
    chosen.error ? h("p.bad", { key: "error", role: "alert" }, chosen.error) : null,
    h("button.main", { key: "arm" }, `Arm ${fault.fault}`));
}

function categories(faults) {
  const found = new Map();
  for (const each of faults) found.set(each.category, [...(found.get(each.category) ?? []), each]);
  return [...found];
}

async function arm(app, event, chosen, fault, fields) {
  event.preventDefault();
  chosen.error = "";
  try {
    const body = { api: chosen.api, fault, ...filled(event.target.elements, fields) };
    const armed = await app.act(`${fault} is armed.`, "POST", app.sandbox.path("faults"), body);
    if (armed) app.sandbox.faults.set(armed.id, armed);
  } catch (error) {
    chosen.error = error.message;
  }
  app.redraw();
}
