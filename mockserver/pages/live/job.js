// One job: how it stands, what will happen to it, what came of it, and what can be done to it.

import { rulesByEntry } from "./conduct.js";
import { h } from "./dom.js";
import { entryLine } from "./entry-line.js";
import { isOver, standing } from "./jobs-at.js";
import { stateChip, then } from "./job-line.js";
import { copyButton, facts, part } from "./parts.js";
import { agenda, plot } from "./plot.js";
import { results } from "./results.js";
import { duration } from "./time.js";

const LAST_REQUESTS = 30;

export function job(app, each, now) {
  const { sandbox } = app;
  const stands = standing(each, now);
  const hooks = [...sandbox.webhooks.values()].filter((hook) => hook.job === each.id);
  const entries = sandbox.journal.entries.filter((entry) => entry.job === each.id);
  const rules = rulesByEntry(app);
  const course = { states: each.timeline?.states ?? [], points: each.timeline?.progress ?? [], marks: marks(each, hooks, entries), now, end: each.outcome };
  return [
    h("div.headline", { key: "headline" }, stateChip(each, stands, now),
      h("b", {}, `${Math.floor(stands.progress)} %`), h("span.dim", {}, then(each, stands, now))),
    why(app, { each, stands, entries, now, rules }),
    app.isReadOnly ? null : actions(app, each, now, stands.next !== null),
    course.states.length ? part("Plan", plot(course), agenda(course)) : null,
    results(app, each, stands, now),
    hooks.length ? part("Webhooks", h("ul.lines", {}, hooks.map((hook) => hookLine(app, hook, now)))) : null,
    entries.length ? part("Requests", h("ul.lines", {}, entries.slice(-LAST_REQUESTS).map((entry) => entryLine(app, entry, rules.get(entry.n))))) : null,
    part("Facts", facts([
      ["Id", [h("code", { key: "id" }, each.id), copyButton(app, each.id, "the id")]],
      ["API", `${each.api}, ${each.resource}`], ["Account", each.account], ["Created", each.created], ["Ended", each.ended],
      ["Planned end", each.outcome], ["Message of the failure", stands.state === each.outcome ? null : each.error],
    ])),
  ];
}

function marks(each, hooks, entries) {
  const found = hooks.flatMap((hook) => (hook.due ? [{ at: hook.due, kind: "webhook", text: `Webhook ${hook.webhook} is due` }] : []));
  for (const entry of entries) {
    if (entry.kind === "webhook") found.push({ at: Date.parse(entry.at) / 1000, kind: "webhook", text: `Webhook: ${[entry.outcome ?? entry.why, entry.outcome === "delivered" ? "" : entry.status].filter(Boolean).join(" ")}` });
  }
  for (const { result, at } of each.timeline?.expiries ?? []) {
    found.push({ at, kind: "expiry", text: `Links to ${result} that were given out at the end expire` });
  }
  return found;
}

// Why a job does not go on is what people open this page for.
function why(app, { each, stands, entries, now, rules }) {
  const reasons = [];
  const fault = entries.findLast((entry) => entry.fault)?.fault;
  const name = each.fault ?? (["stuck", "lost", "failed", "lock_held"].includes(fault) ? fault : null);
  if (name) reasons.push(["fault", ["The fault ", h("b", { key: "f" }, String(name.fault ?? name)), " took hold of this job. ", h("a", { key: "a", href: app.address("faults") }, "Faults")]]);
  if (stands.state === each.outcome && each.error) reasons.push(["bad", [h("b", { key: "b" }, "It failed: "), each.error]]);
  if (!isOver(each, now) && stands.next === null) reasons.push(["bad", `It stays ${stands.state}: nothing is planned to happen to it.`]);
  else if (!isOver(each, now) && app.sandbox.clock.mode === "manual") {
    reasons.push(["info", "The clock of this sandbox stands until somebody moves it, and the job with it."]);
  }
  const broken = new Set(entries.flatMap((entry) => rules.get(entry.n) ?? []));
  for (const rule of broken) reasons.push(["warn", [h("b", { key: "r" }, rule.replaceAll("_", " ")), ": its requests are evidence of this rule of conduct. ", h("a", { key: "a", href: app.address("conduct") }, "Conduct")]]);
  return reasons.map(([kind, text], at) => h("p.notice", { key: `${kind}${at}`, class: kind }, text));
}

function hookLine(app, hook, now) {
  return h("li", { key: hook.id }, h("a", { href: app.address("webhooks", hook.id) }, hook.webhook), " ",
    h("span.chip", { class: hook.outcome === "delivered" ? "good" : hook.outcome === "waiting" ? "waiting" : "bad" }, hook.outcome),
    hook.due && hook.due > now ? h("span.dim", {}, ` in ${duration(hook.due - now)}`) : null,
    hook.last ? h("span.dim", {}, ` ${hook.last.sentence}`) : null);
}

function actions(app, each, now, hasNext) {
  const over = isOver(each, now);
  const move = (text, to, more = {}) => app.act(text, "POST", app.sandbox.path("jobs", each.id, "move"), { to, ...more });
  return h("div.actions", { key: "actions" },
    h("button.main", { key: "finish", disabled: over, onclick: () => move("The job was finished.", "finish") }, "Finish"),
    h("form.inline", { key: "fail", onsubmit: (event) => {
      event.preventDefault();
      const message = event.target.elements.message.value;
      move("The job has failed.", "fail", message ? { error: message } : {});
    } }, h("input", { name: "message", placeholder: "Message of the failure", "aria-label": "Message of the failure", disabled: over }),
    h("button", { disabled: over }, "Fail")),
    h("button", { key: "stick", disabled: over, title: "It stays in the state that it is in", onclick: () => move("The job is stuck.", "stick") }, "Stick"),
    h("button", { key: "release", disabled: over || hasNext, title: "Free it of the fault that took hold of it", onclick: () => move("The job goes on as planned.", "release") }, "Release"),
    h("button", { key: "lose", title: "Nobody finds it any more", onclick: () => move("The job is lost.", "lose") }, "Lose"));
}
